/** The command line: picocli commands, thin. */
@org.jspecify.annotations.NullMarked
package dev.mlit.cli;
