package dev.mlit.tensorflow;

import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.tensorflow.Operand;
import org.tensorflow.op.Ops;
import org.tensorflow.types.TFloat32;
import org.tensorflow.types.TInt32;

/**
 * The constants of a graph, each of them once: a model uses the same sizes and axes many times,
 * which would be a third of its operations, and TensorFlow keeps several kilobytes for every one.
 */
final class Constants {
  private final Ops tf;
  private final Map<Float, Operand<TFloat32>> floats = new HashMap<>();
  private final Map<Integer, Operand<TInt32>> ints = new HashMap<>();
  private final Map<List<Integer>, Operand<TInt32>> vectors = new HashMap<>();

  Constants(Ops tf) {
    this.tf = tf;
  }

  Operand<TFloat32> of(float value) {
    return floats.computeIfAbsent(value, tf::constant);
  }

  Operand<TInt32> of(int value) {
    return ints.computeIfAbsent(value, tf::constant);
  }

  Operand<TInt32> of(int[] values) {
    List<Integer> key = Arrays.stream(values).boxed().toList();
    return vectors.computeIfAbsent(key, absent -> tf.constant(values));
  }
}
