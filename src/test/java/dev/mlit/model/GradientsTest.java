package dev.mlit.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.mlit.cluster.AllReduce;
import dev.mlit.spec.ModelSpec;
import dev.mlit.spec.ModelSpec.Pooling;
import dev.mlit.tensorflow.Operations;
import dev.mlit.tensorflow.Sessions;
import dev.mlit.weights.Variable;
import dev.mlit.weights.Variables;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import java.util.function.BiFunction;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.tensorflow.Graph;
import org.tensorflow.Operand;
import org.tensorflow.Output;
import org.tensorflow.Result;
import org.tensorflow.Session;
import org.tensorflow.Tensor;
import org.tensorflow.ndarray.Shape;
import org.tensorflow.ndarray.buffer.DataBuffers;
import org.tensorflow.op.Ops;
import org.tensorflow.types.TFloat32;
import org.tensorflow.types.TInt32;

/**
 * The hand-written backward passes against TensorFlow's own: {@code Graph.addGradients} goes back
 * through the same forward pass by the C++ gradient registry, and shares no line with ours.
 *
 * <p>Without this, a wrong term in a backward pass would make every model train, only worse.
 */
@Tag("slow")
class GradientsTest {
  private static final int BATCH = 3;

  /** Of the whole gradient's length; float32 sums in another order differ by about 1e-6. */
  private static final double TOLERANCE = 2e-5;

  @BeforeAll
  static void quiet() {
    Sessions.load();
  }

  static Stream<ModelSpec> models() {
    ModelSpec base =
        ModelSpec.builder("grouped-query-attention-three-stages")
            .image(8, 12, 3)
            .patch(4)
            .embedding(12)
            .attention(6, 3)
            .stage(1, 3)
            .stage(1, 4)
            .stage(1, 5)
            .hidden(9, 5)
            .classes(4)
            .build();
    return Stream.of(
        base,
        base.toBuilder().name("multi-head").attention(4, 4).build(),
        base.toBuilder().name("multi-query").attention(4, 1).build(),
        base.toBuilder().name("gray-mean-pooling").image(8, 8, 1).pooling(Pooling.MEAN).build(),
        base.toBuilder().name("one-expert-a-token").routing(1, 0.3, 0.2).build(),
        base.toBuilder().name("heavy-balance-losses").routing(2, 5, 7).build(),
        base.toBuilder().name("every-expert-used").routing(3, 0.5, 0.5).build());
  }

  @ParameterizedTest
  @MethodSource("models")
  void everyVariableHasTheGradientThatTensorFlowDerives(ModelSpec spec) {
    check(
        spec,
        (tf, model) ->
            model.train(images(tf, spec), tf.constant(new int[] {0, 3, 1}), GradientsTest::noise));
  }

  /** Smoothed labels and mixed images. */
  @Test
  void everyVariableHasTheGradientForImagesOfMoreThanOneClassToo() {
    ModelSpec spec = models().findFirst().orElseThrow();
    float[][] targets = {{0.7f, 0.1f, 0.1f, 0.1f}, {0, 0.25f, 0, 0.75f}, {0, 0, 1, 0}};

    check(
        spec,
        (tf, model) ->
            model.trainTowards(
                images(tf, spec), tf.constant(targets), GradientsTest::noise, Drops.NONE, 1));
  }

  /** Dropout and drop path, also where the last block is read at the class token alone. */
  @ParameterizedTest
  @EnumSource(Pooling.class)
  void everyVariableHasTheGradientWhereBlocksDropSomething(Pooling pooling) {
    ModelSpec spec = models().findFirst().orElseThrow().toBuilder().pooling(pooling).build();
    float[][] targets = {{1, 0, 0, 0}, {0, 1, 0, 0}, {0, 0, 1, 0}};

    check(
        spec,
        (tf, model) ->
            model.trainTowards(
                images(tf, spec),
                tf.constant(targets),
                GradientsTest::noise,
                Drops.stateless(0.3, 0.5, tf.constant(5L), tf.constant(7L)),
                2));
  }

  /** Patches left out, in two lanes, of two images and of one; with mean pooling too. */
  @ParameterizedTest
  @EnumSource(Pooling.class)
  void everyVariableHasTheGradientWherePatchesAreLeftOut(Pooling pooling) {
    ModelSpec spec = models().findFirst().orElseThrow().toBuilder().pooling(pooling).build();
    float[][] targets = {{1, 0, 0, 0}, {0, 1, 0, 0}, {0, 0, 1, 0}};

    check(
        spec,
        (tf, model) ->
            model.trainTowards(
                images(tf, spec),
                tf.constant(targets),
                PatchDropout.stateless(0.4, tf.constant(5L), tf.constant(7L)),
                GradientsTest::noise,
                Drops.stateless(0.3, 0.5, tf.constant(5L), tf.constant(7L)),
                2,
                AllReduce.ALONE));
  }

  static Stream<ModelSpec> autoencoders() {
    ModelSpec base =
        models().findFirst().orElseThrow().toBuilder()
            .name("autoencoder")
            .image(12, 16, 3)
            .classes(0)
            .mask(0.5)
            .decoder(2, 8, 6, 4, 4, 2)
            .build();
    return Stream.of(
        base,
        base.toBuilder().name("one-visible-patch").mask(0.9).build(),
        base.toBuilder().name("one-hidden-patch").mask(0.01).build(),
        base.toBuilder().name("norm-pixels").normPixels(true).build(),
        base.toBuilder().name("heavy-balance-losses").routing(2, 5, 7).build(),
        base.toBuilder().name("every-expert-used").decoder(1, 8, 6, 2, 2, 1).build());
  }

  /** In two lanes, of two images and of one. */
  @ParameterizedTest
  @MethodSource("autoencoders")
  void everyVariableOfAnAutoencoderHasTheGradientThatTensorFlowDerives(ModelSpec spec) {
    try (Graph graph = new Graph()) {
      Ops tf = Operations.of(graph);
      Variables variables = Variables.random(graph, 11);
      Operand<TFloat32> masks =
          tf.random.statelessRandomUniform(
              tf.constant(new int[] {BATCH, spec.patches()}), tf.constant(new long[] {3, 4}));
      Autoencoder.Training training =
          new Autoencoder(graph, spec, variables)
              .train(
                  images(tf, spec),
                  masks,
                  GradientsTest::noise,
                  Drops.stateless(0.3, 0.5, tf.constant(5L), tf.constant(7L)),
                  2);
      check(graph, variables, training.loss(), training.gradients());
    }
  }

  private static void check(
      ModelSpec spec, BiFunction<Ops, VisionTransformer, VisionTransformer.Training> trained) {
    try (Graph graph = new Graph()) {
      Variables variables = Variables.random(graph, 11);
      VisionTransformer model = new VisionTransformer(graph, spec, variables);
      VisionTransformer.Training training = trained.apply(Operations.of(graph), model);
      check(graph, variables, training.loss(), training.gradients());
    }
  }

  private static void check(
      Graph graph,
      Variables variables,
      Operand<TFloat32> loss,
      Map<Variable, Operand<TFloat32>> gradients) {
    Output<?>[] expected =
        graph.addGradients(
            "registry",
            new Output<?>[] {loss.asOutput()},
            variables.all().stream().map(v -> v.value().asOutput()).toArray(Output<?>[]::new),
            null);
    try (Session session = Sessions.open(graph, 0)) {
      variables.initialize(session);
      Session.Runner runner = session.runner();
      for (int i = 0; i < expected.length; i++) {
        runner.fetch(expected[i]);
        runner.fetch(Objects.requireNonNull(gradients.get(variables.all().get(i))));
      }
      try (Result result = runner.run()) {
        double length = length(result, expected.length);
        assertThat(length).isGreaterThan(0.1);
        for (int i = 0; i < expected.length; i++) {
          assertThat(result.get(2 * i + 1).shape())
              .as(variables.all().get(i).name())
              .isEqualTo(variables.all().get(i).shape());
          assertThat(distance(result.get(2 * i), result.get(2 * i + 1)) / length)
              .as(variables.all().get(i).name())
              .isCloseTo(0, within(TOLERANCE));
        }
      }
    }
  }

  private static Operand<TFloat32> images(Ops tf, ModelSpec spec) {
    float[] pixels = new float[BATCH * spec.image().values()];
    Random random = new Random(1);
    for (int i = 0; i < pixels.length; i++) {
      pixels[i] = random.nextFloat();
    }
    Shape shape =
        Shape.of(BATCH, spec.image().height(), spec.image().width(), spec.image().channels());
    return tf.constant(shape, DataBuffers.of(pixels));
  }

  /** The registry knows no gradient of random operations, so they are cut off. */
  private static Operand<TFloat32> noise(Ops tf, int block, Operand<TInt32> shape) {
    return tf.stopGradient(
        GateNoise.stateless(tf.constant(5L), tf.constant(7L)).draw(tf, block, shape));
  }

  private static double length(Result result, int count) {
    double sum = 0;
    for (int i = 0; i < count; i++) {
      float[] values = floats(result.get(2 * i));
      for (float value : values) {
        sum += (double) value * value;
      }
    }
    return Math.sqrt(sum);
  }

  private static double distance(Tensor a, Tensor b) {
    float[] left = floats(a);
    float[] right = floats(b);
    double sum = 0;
    for (int i = 0; i < left.length; i++) {
      sum += Math.pow((double) left[i] - right[i], 2);
    }
    return Math.sqrt(sum);
  }

  private static float[] floats(Tensor tensor) {
    float[] values = new float[(int) tensor.size()];
    ((TFloat32) tensor).asRawTensor().data().asFloats().read(values);
    return values;
  }
}
