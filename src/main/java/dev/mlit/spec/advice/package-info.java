/**
 * What messages advise, in the words of whoever reads them: calls of the library, unless a program
 * such as the command line has its own.
 */
@NullMarked
package dev.mlit.spec.advice;

import org.jspecify.annotations.NullMarked;
