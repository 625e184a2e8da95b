package dev.mlit.savedmodel;

import dev.mlit.spec.ModelSpec;
import dev.mlit.spec.VariableShapes;
import dev.mlit.testing.TinyData;
import dev.mlit.weights.Weights;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;

/** The tiny model with weights and images that tell every class apart: all are drawn. */
public final class RandomModel {
  public static final ModelSpec SPEC = TinyData.model();
  static final List<String> LABELS = List.of("up", "down", "dark");
  static final int PIXELS = SPEC.image().values();

  private RandomModel() {}

  /** The weights, by the names of their variables; the map is the caller's own. */
  static Map<String, Weights.Array> weights() {
    Map<String, Weights.Array> weights = new LinkedHashMap<>();
    Random random = new Random(1);
    VariableShapes.of(SPEC)
        .forEach(
            (name, shape) ->
                weights.put(
                    name,
                    new Weights.Array(
                        shape, floats(random, shape.stream().reduce(1L, (a, b) -> a * b)))));
    return weights;
  }

  /** Writes the SavedModel. */
  public static void write(Path directory) {
    write(directory, LABELS);
  }

  /** Writes the SavedModel with other names for its three classes. */
  public static void write(Path directory, List<String> labels) {
    SavedModelWriter.write(
        SPEC, Weights.of(weights()), labels, ModelCard.imported("random"), directory);
  }

  /** Some images in [0, 1]; the first ones are the same, however many. */
  static float[] images(int count) {
    return images(count, 2);
  }

  /** Some images in [0, 1]. */
  static float[] images(int count, long seed) {
    Random random = new Random(seed);
    float[] values = new float[count * PIXELS];
    for (int i = 0; i < values.length; i++) {
      values[i] = random.nextFloat();
    }
    return values;
  }

  static float[] floats(Random random, long count) {
    float[] values = new float[(int) count];
    for (int i = 0; i < count; i++) {
      values[i] = (float) random.nextGaussian();
    }
    return values;
  }
}
