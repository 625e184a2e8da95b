package dev.mlit.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.mlit.spec.ModelSpec;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import org.junit.jupiter.api.Test;
import org.tensorflow.Operand;
import org.tensorflow.ndarray.Shape;
import org.tensorflow.ndarray.buffer.DataBuffers;
import org.tensorflow.types.TFloat32;

/**
 * If this fails, the metrics of the router lie: a user sees balanced experts where one does all the
 * work, or the other way round.
 */
class RouterLoadTest {
  private static final ModelSpec MODEL =
      ModelSpec.builder("two-blocks")
          .image(2, 2, 1)
          .patch(2)
          .embedding(2)
          .attention(1, 1)
          .stage(1, 3)
          .stage(1, 2)
          .hidden(1, 1)
          .classes(2)
          .build();

  /** The load of a block of three experts and one of two, from their gates. */
  private static List<RouterLoad> load(float[] ofThree, float[] ofTwo) {
    try (TestGraph graph = new TestGraph()) {
      List<Operand<TFloat32>> gates =
          List.of(
              graph.input(ofThree, ofThree.length / 3, 3), graph.input(ofTwo, ofTwo.length / 2, 2));
      float[] vector = graph.run(RouterLoad.measure(graph.calc(), gates));
      try (TFloat32 tensor = TFloat32.tensorOf(Shape.of(vector.length), DataBuffers.of(vector))) {
        return RouterLoad.parse(MODEL, tensor);
      }
    }
  }

  @Test
  void everyBlockHasTheSharesOfItsOwnExperts() {
    List<RouterLoad> blocks =
        load(new float[] {0.75f, 0.25f, 0, 0, 0.5f, 0.5f}, new float[] {0.25f, 0.75f, 1, 0});
    assertThat(blocks).extracting(RouterLoad::block).containsExactly(0, 1);
    assertThat(blocks.get(0).tokens()).containsExactly(0.5, 1.0, 0.5);
    assertThat(blocks.get(0).gates()).containsExactly(0.375, 0.375, 0.25);
    assertThat(blocks.get(1).tokens()).containsExactly(1.0, 0.5);
    assertThat(blocks.get(1).gates()).containsExactly(0.625, 0.375);
    double uneven = -0.75 * Math.log(0.75) - 0.25 * Math.log(0.25);
    assertThat(blocks.get(0).entropy()).isCloseTo((uneven + Math.log(2)) / 2, within(1e-6));
    assertThat(blocks.get(1).entropy()).isCloseTo(uneven / 2, within(1e-6));
  }

  @Test
  void entropyIs0WhereOneExpertGetsAllOfAToken() {
    List<RouterLoad> blocks = load(new float[] {1, 0, 0, 0, 0, 1}, new float[] {0, 1});
    assertThat(blocks).allSatisfy(block -> assertThat(block.entropy()).isZero());
    assertThat(blocks.get(0).tokens()).containsExactly(0.5, 0.0, 0.5);
  }

  @Test
  void entropyIsTheLogarithmOfTheNumberOfExpertsThatShareATokenEvenly() {
    float third = 1 / 3f;
    List<RouterLoad> blocks = load(new float[] {third, third, third}, new float[] {0.5f, 0.5f});
    assertThat(blocks.get(0).entropy()).isCloseTo(Math.log(3), within(1e-6));
    assertThat(blocks.get(1).entropy()).isCloseTo(Math.log(2), within(1e-6));
  }

  /** Of a whole model, in inference and in training. */
  @Property(tries = 6)
  void theSharesOfTokensSumToKAndThoseOfGatesTo1(@ForAll Random random) {
    ModelSpec spec = RandomModels.draw(random);
    try (TestGraph graph = new TestGraph()) {
      VisionTransformer model = new VisionTransformer(graph.graph(), spec, graph.variables());
      graph.fillVariables(random, 0.3);
      Operand<TFloat32> images =
          graph.input(
              random, 2, spec.image().height(), spec.image().width(), spec.image().channels());
      List<float[]> vectors =
          graph.run(
              List.of(
                  model.infer(images).routing(),
                  model
                      .train(
                          images,
                          graph.tf().constant(new int[2]),
                          GateNoise.stateless(graph.tf().constant(1L), graph.tf().constant(2L)))
                      .routing()));
      for (float[] vector : vectors) {
        try (TFloat32 tensor = TFloat32.tensorOf(Shape.of(vector.length), DataBuffers.of(vector))) {
          List<RouterLoad> blocks = RouterLoad.parse(spec, tensor);
          assertThat(blocks).hasSize(spec.layers());
          for (RouterLoad block : blocks) {
            int experts = spec.experts().get(block.block());
            int top = spec.routing().top();
            assertThat(block.tokens()).hasSize(experts);
            assertThat(block.gates()).hasSize(experts);
            assertThat(sum(block.tokens())).isCloseTo(top, within(1e-5));
            assertThat(sum(block.gates())).isCloseTo(1, within(1e-5));
            assertThat(block.entropy()).isBetween(-1e-6, Math.log(top) + 1e-6);
          }
        }
      }
    }
  }

  private static double sum(List<Double> values) {
    return values.stream().mapToDouble(Double::doubleValue).sum();
  }

  @Test
  void theMeanOfBatchesIsWeighted() {
    RouterLoad.Mean mean = new RouterLoad.Mean();
    mean.add(
        List.of(
            new RouterLoad(0, List.of(1.0, 0.0), List.of(1.0, 0.0), 0),
            new RouterLoad(1, List.of(0.0, 0.0, 1.0), List.of(0.0, 0.0, 1.0), 0.4)),
        3);
    mean.add(
        List.of(
            new RouterLoad(0, List.of(0.0, 1.0), List.of(0.5, 0.5), 0.8),
            new RouterLoad(1, List.of(1.0, 0.0, 0.0), List.of(0.0, 0.0, 1.0), 0.4)),
        1);
    List<RouterLoad> blocks = mean.mean();
    assertThat(blocks.get(0))
        .isEqualTo(new RouterLoad(0, List.of(0.75, 0.25), List.of(0.875, 0.125), 0.2));
    assertThat(blocks.get(1).tokens()).containsExactly(0.25, 0.0, 0.75);
    assertThat(blocks.get(1).gates()).containsExactly(0.0, 0.0, 1.0);
    assertThat(blocks.get(1).entropy()).isCloseTo(0.4, within(1e-12));
  }

  /** Any batches and sizes: as if all tokens had been in one batch. */
  @Property(tries = 10)
  void theMeanOfBatchesIsThatOfAllTheirTokens(
      @ForAll @IntRange(min = 1, max = 5) int first,
      @ForAll @IntRange(min = 1, max = 5) int second,
      @ForAll Random random) {
    float[] gates = new float[3 * (first + second)];
    for (int i = 0; i < gates.length; i += 3) {
      gates[i + random.nextInt(3)] = 1;
    }
    float[] ofTwo = {0.5f, 0.5f};
    RouterLoad.Mean mean = new RouterLoad.Mean();
    mean.add(load(Arrays.copyOf(gates, 3 * first), ofTwo), first);
    mean.add(load(Arrays.copyOfRange(gates, 3 * first, gates.length), ofTwo), second);
    RouterLoad all = load(gates, ofTwo).get(0);
    for (int expert = 0; expert < 3; expert++) {
      assertThat(mean.mean().get(0).tokens().get(expert))
          .isCloseTo(all.tokens().get(expert), within(1e-6));
      assertThat(mean.mean().get(0).gates().get(expert))
          .isCloseTo(all.gates().get(expert), within(1e-6));
    }
    assertThat(mean.mean().get(0).entropy()).isCloseTo(all.entropy(), within(1e-6));
  }
}
