package dev.mlit.tensorflow;

import java.util.HashMap;
import java.util.Map;
import org.tensorflow.op.Ops;

/**
 * The scope that names the operations of a layer, with those of the layers inside it. Every scope
 * is made once, whatever options operations are added by: TensorFlow would rename a second one.
 */
final class LayerScope {
  private final Ops tf;
  private final Map<String, LayerScope> children = new HashMap<>();

  LayerScope(Ops tf) {
    this.tf = tf;
  }

  Ops tf() {
    return tf;
  }

  LayerScope child(String name) {
    return children.computeIfAbsent(name, absent -> new LayerScope(tf.withSubScope(name)));
  }
}
