/** Transfer studies: many runs, one table and one report. */
@org.jspecify.annotations.NullMarked
package dev.mlit.study;
