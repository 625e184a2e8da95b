/** Benchmarks: how long steps, reading and sums over workers take, and where the time goes. */
@NullMarked
package dev.mlit.bench;

import org.jspecify.annotations.NullMarked;
