/**
 * TensorFlow as mlit uses it: sessions, the native library with its log and memory, devices, graphs
 * whose variables are constants, and the operations that layers are made of.
 */
@API(status = Status.INTERNAL)
@NullMarked
package dev.mlit.tensorflow;

import org.apiguardian.api.API;
import org.apiguardian.api.API.Status;
import org.jspecify.annotations.NullMarked;
