package dev.mlit.train;

/**
 * What the first worker of a run writes to.
 *
 * @param directory of the run
 * @param metrics its metrics.jsonl
 */
record RunFiles(RunDirectory directory, MetricsFile metrics) {}
