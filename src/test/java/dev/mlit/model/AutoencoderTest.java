package dev.mlit.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import dev.mlit.spec.ModelCost;
import dev.mlit.spec.ModelSpec;
import dev.mlit.spec.Presets;
import dev.mlit.spec.VariableShapes;
import dev.mlit.weights.Variable;
import dev.mlit.weights.Variables;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.tensorflow.Graph;
import org.tensorflow.Operand;
import org.tensorflow.types.TFloat32;

/**
 * If this fails, what was pre-trained does not fit the classifier that is to be fine-tuned, hidden
 * patches cost time or leak into what the encoder sees, or parts of a batch change the result.
 */
class AutoencoderTest {
  private static final int IMAGES = 3;

  private static final ModelSpec SPEC =
      ModelSpec.builder("autoencoder")
          .image(6, 8, 3)
          .patch(2)
          .embedding(8)
          .attention(4, 2)
          .stage(1, 3)
          .stage(1, 4)
          .hidden(5, 6)
          .mask(0.75)
          .decoder(2, 6, 4, 3, 3, 1)
          .build();

  @Test
  void hasTheVariablesOfItsClassifierButForTheHeadAndADecoder() {
    Map<String, List<Long>> shapes = VariableShapes.of(SPEC);
    Map<String, List<Long>> classifier = VariableShapes.of(SPEC.classifier(5));
    classifier.keySet().removeIf(name -> name.startsWith("head/"));
    assertThat(shapes).containsAllEntriesOf(classifier);
    shapes.keySet().removeAll(classifier.keySet());
    assertThat(shapes.keySet()).allSatisfy(name -> assertThat(name).startsWith("decoder/"));
    assertThat(shapes)
        .containsEntry("decoder/embedding/kernel", List.of(8L, 6L))
        .containsEntry("decoder/embedding/bias", List.of(6L))
        .containsEntry("decoder/mask_token", List.of(1L, 1L, 6L))
        .containsEntry("decoder/position_embedding", List.of(1L, 13L, 6L))
        .containsEntry("decoder/block_1/moe/experts/kernel", List.of(3L, 6L, 4L))
        .containsEntry("decoder/norm/scale", List.of(6L))
        .containsEntry("decoder/prediction/kernel", List.of(6L, 12L))
        .containsEntry("decoder/prediction/bias", List.of(12L));
  }

  @Test
  void hasAsManyParametersAsItsCostSays() {
    for (ModelSpec spec : List.of(SPEC, Presets.mmlitXxs(), Presets.mmlitXs(), Presets.mmlitS())) {
      long parameters =
          VariableShapes.of(spec).values().stream()
              .mapToLong(shape -> shape.stream().reduce(1L, (a, b) -> a * b))
              .sum();
      assertThat(parameters).as(spec.name()).isEqualTo(ModelCost.of(spec).parameters());
    }
  }

  @Test
  void onlyKernelsDecay() {
    try (TestGraph graph = new TestGraph()) {
      new Autoencoder(graph.graph(), SPEC, graph.variables());
      assertThat(graph.variables().all())
          .allSatisfy(v -> assertThat(v.decays()).isEqualTo(v.name().endsWith("/kernel")));
    }
  }

  @Test
  void refusesAModelWithoutDecoder() {
    try (Graph graph = new Graph()) {
      assertThatIllegalArgumentException()
          .isThrownBy(() -> new Autoencoder(graph, Presets.mlitXxs(), Variables.restored(graph)))
          .withMessage("mlit-xxs has no decoder");
    }
  }

  /** Its features are those that the classifier with the same weights computes. */
  @Test
  void featuresAreThoseOfTheClassifier() {
    Random random = new Random(1);
    try (TestGraph graph = new TestGraph();
        TestGraph other = new TestGraph()) {
      Autoencoder model = new Autoencoder(graph.graph(), SPEC, graph.variables());
      graph.fillVariables(random, 0.3);
      VisionTransformer classifier =
          new VisionTransformer(other.graph(), SPEC.classifier(2), other.variables());
      for (Variable variable : other.variables().all()) {
        if (!variable.name().startsWith("head/")) {
          other.set(variable, graph.values(variable.name()));
        }
      }
      other.fillVariables(random, 0.3);
      float[] pixels = pixels(random);
      float[] own = graph.run(model.features(images(graph, pixels)).features());
      float[] expected = other.run(classifier.infer(images(other, pixels)).features());
      Closeness.assertAgree("features", own, Closeness.doubles(expected), 1e-5);
    }
  }

  /** Only what is visible may decide what is painted. */
  @Test
  void hiddenPixelsDoNotChangeWhatIsPainted() {
    Random random = new Random(2);
    try (TestGraph graph = new TestGraph()) {
      Autoencoder model = new Autoencoder(graph.graph(), SPEC, graph.variables());
      graph.fillVariables(random, 0.3);
      Operand<TFloat32> images = images(graph, pixels(random));
      Operand<TFloat32> noise = graph.input(noise(random), IMAGES, SPEC.patches());
      Autoencoder.Reconstruction painted = model.reconstruct(images, noise);
      List<float[]> before = graph.run(List.of(painted.patches(), painted.mask()));
      float[] values = graph.values(images);
      for (int i = 0; i < values.length; i++) {
        if (before.get(1)[patch(i)] == 1) {
          values[i] = random.nextFloat();
        }
      }
      assertThat(graph.run(painted.patches())).containsExactly(before.get(0));
      values[firstVisible(before.get(1))] += 0.1f;
      assertThat(graph.run(painted.patches())).isNotEqualTo(before.get(0));
    }
  }

  /** The patch that a pixel's value is in, counted over all images. */
  private static int patch(int value) {
    int column = value / 3 % 8;
    int row = value / 24 % 6;
    return value / 144 * SPEC.patches() + row / 2 * 4 + column / 2;
  }

  private static int firstVisible(float[] mask) {
    int value = 0;
    while (mask[patch(value)] == 1) {
      value++;
    }
    return value;
  }

  /**
   * Mean and variance of the original, which the model never saw of a hidden patch, make pixels of
   * what it painted; both errors are those of the normalised patches.
   */
  @Test
  void whatIsPaintedPatchByPatchBecomesPixelsAgain() {
    ModelSpec spec = SPEC.toBuilder().normPixels(true).build();
    Random random = new Random(6);
    try (TestGraph graph = new TestGraph()) {
      Autoencoder model = new Autoencoder(graph.graph(), spec, graph.variables());
      graph.fillVariables(random, 0.3);
      Operand<TFloat32> images = images(graph, pixels(random));
      Operand<TFloat32> noise = graph.input(noise(random), IMAGES, spec.patches());
      Autoencoder.Reconstruction painted = model.reconstruct(images, noise);
      List<float[]> found =
          graph.run(
              List.of(
                  painted.patches(),
                  painted.pixels(),
                  painted.mask(),
                  painted.error(),
                  painted.visibleError()));
      float[] values = graph.values(images);
      int each = spec.patchValues();
      double[][] original = new double[IMAGES * spec.patches()][each];
      int[] filled = new int[original.length];
      for (int i = 0; i < values.length; i++) {
        original[patch(i)][filled[patch(i)]++] = (values[i] - 0.5) / 0.5;
      }
      double[] pixels = new double[original.length * each];
      double[][] errors = new double[2][IMAGES];
      for (int patch = 0; patch < original.length; patch++) {
        double mean = Arrays.stream(original[patch]).average().orElseThrow();
        double squares = Arrays.stream(original[patch]).map(x -> (x - mean) * (x - mean)).sum();
        double deviation = Math.sqrt(squares / (each - 1) + 1e-6);
        boolean hidden = found.get(2)[patch] == 1;
        for (int i = 0; i < each; i++) {
          double guess = found.get(0)[patch * each + i];
          pixels[patch * each + i] = guess * deviation + mean;
          double off = guess - (original[patch][i] - mean) / deviation;
          // Of 12 patches, 3 are visible.
          errors[hidden ? 0 : 1][patch / spec.patches()] += off * off / ((hidden ? 9 : 3) * each);
        }
      }
      Closeness.assertAgree("pixels", found.get(1), pixels, 1e-5);
      Closeness.assertAgree("error", found.get(3), errors[0], 1e-5);
      Closeness.assertAgree("visible error", found.get(4), errors[1], 1e-5);
    }
  }

  /** Any number of lanes gives the same loss and gradients; here more lanes than images too. */
  @Test
  void lanesChangeNothing() {
    Random random = new Random(3);
    try (TestGraph graph = new TestGraph()) {
      Autoencoder model = new Autoencoder(graph.graph(), SPEC, graph.variables());
      graph.fillVariables(random, 0.3);
      Operand<TFloat32> images = images(graph, pixels(random));
      Operand<TFloat32> noise = graph.input(noise(random), IMAGES, SPEC.patches());
      List<List<float[]>> found = new ArrayList<>();
      for (int lanes : new int[] {1, 2, 4}) {
        GateNoise gates = GateNoise.stateless(graph.tf().constant(5L), graph.tf().constant(6L));
        Autoencoder.Training training = model.train(images, noise, gates, Drops.NONE, lanes);
        List<Operand<TFloat32>> fetched = new ArrayList<>();
        fetched.add(training.error());
        fetched.add(training.loss());
        fetched.addAll(training.gradients().values());
        found.add(graph.run(fetched));
      }
      for (int i = 0; i < found.get(0).size(); i++) {
        double[] expected = Closeness.doubles(found.get(0).get(i));
        Closeness.assertAgree("two lanes", found.get(1).get(i), expected, 1e-5);
        Closeness.assertAgree("four lanes", found.get(2).get(i), expected, 1e-5);
      }
    }
  }

  private static float[] pixels(Random random) {
    float[] pixels = new float[IMAGES * SPEC.image().values()];
    for (int i = 0; i < pixels.length; i++) {
      pixels[i] = random.nextFloat();
    }
    return pixels;
  }

  private static float[] noise(Random random) {
    float[] noise = new float[IMAGES * SPEC.patches()];
    for (int i = 0; i < noise.length; i++) {
      noise[i] = random.nextFloat();
    }
    return noise;
  }

  private static Operand<TFloat32> images(TestGraph graph, float[] pixels) {
    return graph.input(
        pixels, IMAGES, SPEC.image().height(), SPEC.image().width(), SPEC.image().channels());
  }
}
