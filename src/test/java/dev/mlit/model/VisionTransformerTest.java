package dev.mlit.model;

import static org.assertj.core.api.Assertions.assertThat;

import dev.mlit.model.VisionTransformer.Inference;
import dev.mlit.model.VisionTransformer.Training;
import dev.mlit.spec.ModelCost;
import dev.mlit.spec.ModelSpec;
import dev.mlit.spec.Precision;
import dev.mlit.spec.Presets;
import dev.mlit.spec.VariableShapes;
import dev.mlit.tensorflow.CompileOptions;
import dev.mlit.tensorflow.Sessions;
import dev.mlit.weights.Variable;
import dev.mlit.weights.Variables;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.Stream;
import net.jqwik.api.Assume;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.tensorflow.Graph;
import org.tensorflow.Operand;
import org.tensorflow.types.TFloat32;

/**
 * If this fails, a model has other variables than its description says, so that weights from
 * elsewhere have no place in it; or it puts right layers together wrongly.
 */
class VisionTransformerTest {
  private static final int IMAGES = 2;

  private static final ModelSpec TWO_BLOCKS =
      ModelSpec.builder("two-blocks")
          .image(4, 6, 3)
          .patch(2)
          .embedding(8)
          .attention(4, 2)
          .stage(1, 3)
          .stage(1, 4)
          .hidden(5, 6)
          .classes(7)
          .build();

  @Test
  void hasTheVariablesThatTheDesignNames() {
    Map<String, List<Long>> expected = new LinkedHashMap<>();
    expected.put("patch_embedding/kernel", List.of(12L, 8L));
    expected.put("patch_embedding/bias", List.of(8L));
    expected.put("class_token", List.of(1L, 1L, 8L));
    expected.put("position_embedding", List.of(1L, 7L, 8L));
    putBlock(expected, "encoder/block_0/", 3, 5);
    putBlock(expected, "encoder/block_1/", 4, 6);
    expected.put("encoder/norm/scale", List.of(8L));
    expected.put("encoder/norm/bias", List.of(8L));
    expected.put("head/kernel", List.of(8L, 7L));
    expected.put("head/bias", List.of(7L));
    assertThat(VariableShapes.of(TWO_BLOCKS)).containsExactlyInAnyOrderEntriesOf(expected);
    assertGraphHas(VariableShapes.of(TWO_BLOCKS), TWO_BLOCKS);
  }

  /** What files of weights must hold is said by the spec; the graph may not want anything else. */
  static Stream<ModelSpec> models() {
    return Stream.of(
        Presets.mlitXxs(),
        Presets.mmlitXxs(),
        TWO_BLOCKS.toBuilder().pooling(ModelSpec.Pooling.MEAN).build(),
        Presets.mmlitXxs().toBuilder().normPixels(true).build());
  }

  @ParameterizedTest
  @MethodSource("models")
  void hasTheVariablesThatItsSpecSaysInTheirOrder(ModelSpec model) {
    assertGraphHas(VariableShapes.of(model), model);
  }

  private static void assertGraphHas(Map<String, List<Long>> shapes, ModelSpec model) {
    Sessions.load();
    try (Graph graph = new Graph()) {
      Variables variables = Variables.restored(graph);
      if (model.isAutoencoder()) {
        new Autoencoder(graph, model, variables);
      } else {
        new VisionTransformer(graph, model, variables);
      }
      assertThat(List.copyOf(variables.shapes().entrySet()))
          .isEqualTo(List.copyOf(shapes.entrySet()));
    }
  }

  private static void putBlock(
      Map<String, List<Long>> expected, String block, long experts, long hidden) {
    expected.put(block + "attention_norm/scale", List.of(8L));
    expected.put(block + "attention_norm/bias", List.of(8L));
    expected.put(block + "attention/query/kernel", List.of(8L, 8L));
    expected.put(block + "attention/query/bias", List.of(8L));
    expected.put(block + "attention/key/kernel", List.of(8L, 4L));
    expected.put(block + "attention/key/bias", List.of(4L));
    expected.put(block + "attention/value/kernel", List.of(8L, 4L));
    expected.put(block + "attention/value/bias", List.of(4L));
    expected.put(block + "attention/output/kernel", List.of(8L, 8L));
    expected.put(block + "attention/output/bias", List.of(8L));
    expected.put(block + "moe_norm/scale", List.of(8L));
    expected.put(block + "moe_norm/bias", List.of(8L));
    expected.put(block + "moe/gate/kernel", List.of(8L, experts));
    expected.put(block + "moe/gate/bias", List.of(experts));
    expected.put(block + "moe/noise/kernel", List.of(8L, experts));
    expected.put(block + "moe/noise/bias", List.of(experts));
    expected.put(block + "moe/experts/kernel", List.of(experts, 8L, hidden));
    expected.put(block + "moe/experts/bias", List.of(experts, hidden));
    expected.put(block + "moe/value/kernel", List.of(8L, hidden));
    expected.put(block + "moe/value/bias", List.of(hidden));
    expected.put(block + "moe/output/kernel", List.of(hidden, 8L));
    expected.put(block + "moe/output/bias", List.of(8L));
  }

  @Test
  void onlyKernelsDecay() {
    try (TestGraph graph = new TestGraph()) {
      new VisionTransformer(graph.graph(), TWO_BLOCKS, graph.variables());
      assertThat(graph.variables().all())
          .allSatisfy(v -> assertThat(v.decays()).isEqualTo(v.name().endsWith("/kernel")));
    }
  }

  @Property(tries = 25)
  void hasAsManyParametersAsItsCostSays(@ForAll Random random) {
    ModelSpec spec = RandomModels.draw(random);
    assertThat(parameters(spec))
        .as("parameters of %s", spec)
        .isEqualTo(ModelCost.of(spec).parameters());
  }

  @Test
  void presetsHaveAsManyParametersAsTheirCostSays() {
    assertThat(parameters(Presets.mlitXxs())).isEqualTo(665_282);
    assertThat(parameters(Presets.mlitXs())).isEqualTo(1_219_594);
    assertThat(parameters(Presets.mlitS())).isEqualTo(2_378_014);
  }

  private static long parameters(ModelSpec spec) {
    return VariableShapes.of(spec).values().stream()
        .mapToLong(shape -> shape.stream().reduce(1L, (a, b) -> a * b))
        .sum();
  }

  /** Rectangular images, both poolings, normalisation of every channel by its own. */
  @Property(tries = 12)
  void saysWhatTheFormulasSay(@ForAll Random random) {
    ModelSpec spec = RandomModels.draw(random);
    try (TestGraph graph = new TestGraph()) {
      VisionTransformer model = new VisionTransformer(graph.graph(), spec, graph.variables());
      graph.fillVariables(random, 0.4);
      Operand<TFloat32> images = graph.images(spec, IMAGES, random);
      Inference said = model.infer(images);
      List<float[]> computed =
          graph.run(List.of(said.logits(), said.probabilities(), said.features(), said.tokens()));
      for (int image = 0; image < IMAGES; image++) {
        Formulas formulas = graph.formulas();
        Formulas.Said expected = formulas.model(part(graph.values(images), image), spec);
        Assume.that(formulas.closestChoice() > 1e-4);
        Closeness.assertAgree("logits", part(computed.get(0), image), expected.logits(), 1e-4);
        Closeness.assertAgree(
            "probabilities", part(computed.get(1), image), expected.probabilities(), 1e-4);
        Closeness.assertAgree("features", part(computed.get(2), image), expected.features(), 1e-4);
        Closeness.assertAgree("tokens", part(computed.get(3), image), expected.tokens(), 1e-4);
      }
    }
  }

  /** What is trained is what predicts: only the noise is between them. */
  @Property(tries = 5)
  void trainsWhatPredicts(@ForAll Random random) {
    ModelSpec spec = RandomModels.draw(random);
    try (TestGraph graph = new TestGraph()) {
      VisionTransformer model = new VisionTransformer(graph.graph(), spec, graph.variables());
      graph.fillVariables(random, 0.4);
      Operand<TFloat32> images = graph.images(spec, IMAGES, random);
      Training training =
          model.train(
              images,
              graph.tf().constant(new int[IMAGES]),
              (tf, block, shape) -> tf.zeros(shape, TFloat32.class));
      List<float[]> logits = graph.run(List.of(training.logits(), model.infer(images).logits()));
      Closeness.assertAgree("logits", logits.get(0), Closeness.doubles(logits.get(1)), 1e-4);
      assertThat(training.gradients().keySet())
          .containsExactlyInAnyOrderElementsOf(graph.variables().all());
    }
  }

  /** Else a run in bfloat16 would train other variables than it tests, or export other names. */
  @Test
  void aModelWithOtherOptionsHasTheSameVariablesAndNames() {
    try (TestGraph graph = new TestGraph()) {
      VisionTransformer model = new VisionTransformer(graph.graph(), TWO_BLOCKS, graph.variables());
      List<Variable> variables = graph.variables().all();
      graph.fillVariables(new Random(1), 0.4);
      Operand<TFloat32> images = graph.images(TWO_BLOCKS, IMAGES, new Random(2));
      CompileOptions options = CompileOptions.ofMachine().multiplyingIn(Precision.BFLOAT16);

      Inference other = model.with(options).infer(images);
      Inference same = model.infer(images);

      assertThat(graph.variables().all()).isEqualTo(variables);
      assertThat(other.logits().op().name()).isEqualTo("head/BiasAdd");
      assertThat(same.logits().op().name()).isEqualTo("head/BiasAdd_1");
      List<float[]> logits = graph.run(List.of(other.logits(), same.logits()));
      Closeness.assertAgree("logits", logits.get(0), Closeness.doubles(logits.get(1)), 1e-4);
    }
  }

  /** The values of one image. */
  private static float[] part(float[] values, int image) {
    int each = values.length / IMAGES;
    return Arrays.copyOfRange(values, image * each, (image + 1) * each);
  }
}
