package dev.mlit.model;

import static org.assertj.core.api.Assertions.assertThat;

import dev.mlit.spec.ModelSpec;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.tensorflow.Operand;
import org.tensorflow.types.TFloat32;

/**
 * If this fails, a model sees the pixels of an image in another order or on another scale than the
 * design says, and weights from elsewhere see noise.
 */
class EmbeddingTest {
  private static final int IMAGES = 2;

  private static ModelSpec spec(int rows, int columns, int patch, int channels, int width) {
    return ModelSpec.builder("embedding")
        .image(rows * patch, columns * patch, channels)
        .patch(patch)
        .embedding(width)
        .attention(1, 1)
        .stage(1, 2)
        .hidden(1, 1)
        .normalization(0.3, 0.4)
        .classes(2)
        .build();
  }

  @Property(tries = 25)
  void putsTheClassTokenBeforeTheProjectedPatchesAndAddsPositions(
      @ForAll @IntRange(min = 1, max = 3) int rows,
      @ForAll @IntRange(min = 1, max = 3) int columns,
      @ForAll @IntRange(min = 1, max = 3) int patch,
      @ForAll boolean colour,
      @ForAll @IntRange(min = 1, max = 5) int width,
      @ForAll Random random) {
    int channels = colour ? 3 : 1;
    ModelSpec plain = spec(rows, columns, patch, channels, width);
    ModelSpec spec =
        colour
            ? plain.toBuilder()
                .normalization(List.of(0.1, 0.2, 0.3), List.of(0.5, 0.7, 0.9))
                .build()
            : plain;
    try (TestGraph graph = new TestGraph()) {
      Embedding embedding = new Embedding(graph.layer(), spec);
      graph.fillVariables(random, 1);
      Operand<TFloat32> images = graph.images(spec, IMAGES, random);
      float[] computed = graph.run(embedding.apply(images).value());
      for (int image = 0; image < IMAGES; image++) {
        int pixels = spec.image().values();
        int values = spec.tokens() * width;
        Closeness.assertAgree(
            "embedding, image " + image,
            Arrays.copyOfRange(computed, image * values, (image + 1) * values),
            graph
                .formulas()
                .embedding(
                    Arrays.copyOfRange(graph.values(images), image * pixels, (image + 1) * pixels),
                    spec),
            1e-5);
      }
    }
  }

  /** An image of 4x4 whose pixels are numbered: by hand, not by a formula. */
  @Test
  void patchesGoRowByRowAndInsideAPatchRowByRow() {
    ModelSpec spec = spec(2, 2, 2, 1, 3).toBuilder().normalization(0, 1).build();
    float[] numbered = new float[16];
    for (int i = 0; i < numbered.length; i++) {
      numbered[i] = i;
    }
    try (TestGraph graph = new TestGraph()) {
      Embedding embedding = new Embedding(graph.layer(), spec);
      Operand<TFloat32> images = graph.input(numbered, 1, 4, 4, 1);
      assertThat(graph.run(embedding.patches(images)))
          .containsExactly(0, 1, 4, 5, 2, 3, 6, 7, 8, 9, 12, 13, 10, 11, 14, 15);
    }
  }

  @ParameterizedTest
  @CsvSource({"1, 2, 3, 2, 3, 4", "2, 1, 1, 3, 1, 2", "3, 3, 2, 1, 3, 5"})
  void hasTheGradientOfDifferences(
      long seed, int rows, int columns, int patch, int channels, int width) {
    Random random = new Random(seed);
    ModelSpec spec = spec(rows, columns, patch, channels, width);
    try (TestGraph graph = new TestGraph()) {
      Embedding embedding = new Embedding(graph.layer(), spec);
      graph.fillVariables(random, 1);
      Activation y = embedding.apply(graph.images(spec, IMAGES, random));
      CentralDifferences differences = new CentralDifferences(graph, random);
      VariableGradients gradients = new VariableGradients();
      y.backward()
          .apply(differences.project(y.value(), (long) IMAGES * spec.tokens(), width), gradients);
      differences.check(gradients);
    }
  }
}
