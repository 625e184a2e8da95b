/** The entry point: {@link dev.mlit.Mlit} trains runs and loads models. */
@org.jspecify.annotations.NullMarked
package dev.mlit;
