/**
 * TensorFlow as mlit uses it: sessions, the native library with its log and memory, devices, graphs
 * whose variables are constants, and the operations that layers are made of.
 */
@NullMarked
package dev.mlit.tensorflow;

import org.jspecify.annotations.NullMarked;
