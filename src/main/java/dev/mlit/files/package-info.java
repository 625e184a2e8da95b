/**
 * Files and directories that are whole or not there, whatever ends the program: the disk, a signal,
 * an interrupt, the power.
 */
@API(status = Status.INTERNAL)
@NullMarked
package dev.mlit.files;

import org.apiguardian.api.API;
import org.apiguardian.api.API.Status;
import org.jspecify.annotations.NullMarked;
