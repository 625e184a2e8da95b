package dev.mlit.photos;

/**
 * How fast a run is on this machine, as it is now.
 *
 * @param compile seconds to compile the graph
 * @param step seconds of a training step
 * @param image seconds to measure an image
 */
record Speed(double compile, double step, double image) {}
