package dev.mlit.onnx;

import dev.mlit.spec.ModelSpec;
import dev.mlit.spec.VariableShapes;
import dev.mlit.weights.Weights;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;

/**
 * Weights of about the size that trained ones have: what every layer computes stays of the size of
 * its input, so that rounding does too, and no bias or scale is what a mistake would make of it.
 */
final class DrawnWeights {
  private DrawnWeights() {}

  /** The weights, by the names of their variables; the map is the caller's own. */
  static Map<String, Weights.Array> of(ModelSpec model, long seed) {
    Map<String, Weights.Array> weights = new LinkedHashMap<>();
    Random random = new Random(seed);
    VariableShapes.of(model)
        .forEach((name, shape) -> weights.put(name, array(random, name, shape)));
    return weights;
  }

  private static Weights.Array array(Random random, String name, List<Long> shape) {
    double mean = name.endsWith("/scale") ? 1 : 0;
    double deviation =
        name.endsWith("/kernel") ? 1 / Math.sqrt((double) shape.get(shape.size() - 2)) : 0.2;
    float[] values = new float[(int) (long) shape.stream().reduce(1L, (a, b) -> a * b)];
    for (int i = 0; i < values.length; i++) {
      values[i] = (float) (mean + deviation * random.nextGaussian());
    }
    return new Weights.Array(shape, values);
  }
}
