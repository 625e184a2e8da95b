/** Benchmarks: how long steps, reading and sums over workers take, and where the time goes. */
@API(status = Status.INTERNAL)
@NullMarked
package dev.mlit.bench;

import org.apiguardian.api.API;
import org.apiguardian.api.API.Status;
import org.jspecify.annotations.NullMarked;
