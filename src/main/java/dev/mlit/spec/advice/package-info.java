/**
 * What messages advise, in the words of whoever reads them: calls of the library, unless a program
 * such as the command line has its own.
 */
@API(status = Status.EXPERIMENTAL)
@NullMarked
package dev.mlit.spec.advice;

import org.apiguardian.api.API;
import org.apiguardian.api.API.Status;
import org.jspecify.annotations.NullMarked;
