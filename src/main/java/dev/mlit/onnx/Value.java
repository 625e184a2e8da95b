package dev.mlit.onnx;

/**
 * A tensor in an ONNX graph.
 *
 * @param name what operators that read it call it
 */
record Value(String name) {}
