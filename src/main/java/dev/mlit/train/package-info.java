/** Training: the loop, the optimizer, the schedule, checkpoints and listeners. */
@org.jspecify.annotations.NullMarked
package dev.mlit.train;
