/**
 * Files and directories that are whole or not there, whatever ends the program: the disk, a signal,
 * an interrupt, the power.
 */
@NullMarked
package dev.mlit.files;

import org.jspecify.annotations.NullMarked;
