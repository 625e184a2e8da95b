package dev.mlit.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.mlit.cluster.AllReduce;
import dev.mlit.spec.ModelSpec;
import dev.mlit.spec.ModelSpec.Pooling;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Random;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.tensorflow.Operand;
import org.tensorflow.types.TFloat32;

/**
 * Patches that are left out while training. If it fails, a model learns from patches in the wrong
 * places or from always the same ones, a run cannot be repeated, or the time that patch dropout is
 * to save is spent all the same.
 */
class PatchDropoutTest {
  private static final int IMAGES = 3;

  /** Twelve patches. */
  private static final ModelSpec SPEC =
      ModelSpec.builder("dropped")
          .image(6, 8, 3)
          .patch(2)
          .embedding(8)
          .attention(4, 2)
          .stage(1, 3)
          .stage(1, 4)
          .hidden(5, 6)
          .classes(4)
          .build();

  @ParameterizedTest
  @CsvSource({
    "144, 0, 144",
    "144, 0.25, 108",
    "144, 0.5, 72",
    "49, 0.5, 24",
    "49, 0.99, 1",
    "2, 0.999, 1",
    "1, 0.5, 1"
  })
  void keepsTheIntegerPartAndAtLeastOne(int patches, double share, int kept) {
    try (TestGraph graph = new TestGraph()) {
      assertThat(stateless(graph, share, 1, 1).kept(patches)).isEqualTo(kept);
    }
  }

  /** The patches with the smallest numbers, each of them with the position that it has. */
  @ParameterizedTest
  @EnumSource(Pooling.class)
  void computesTheKeptPatchesAloneWithThePositionsTheyHave(Pooling pooling) {
    ModelSpec spec = SPEC.toBuilder().pooling(pooling).build();
    Random random = new Random(3);
    try (TestGraph graph = new TestGraph()) {
      VisionTransformer model = new VisionTransformer(graph.graph(), spec, graph.variables());
      graph.fillVariables(random, 0.3);
      Operand<TFloat32> images = graph.images(random, spec.image(), IMAGES);
      float[] numbers = numbers(random, IMAGES * spec.patches());
      Operand<TFloat32> drawn = graph.input(numbers, IMAGES, spec.patches());
      Operand<TFloat32> targets = targets(graph);

      float[] logits =
          graph.run(
              model
                  .trainTowards(
                      images,
                      targets,
                      PatchDropout.of(0.4, (tf, shape) -> drawn),
                      GateNoise.NONE,
                      Drops.NONE,
                      1,
                      AllReduce.ALONE)
                  .logits());

      Formulas formulas = graph.formulas();
      float[] pixels = graph.values(images);
      int values = spec.image().values();
      List<Double> expected = new ArrayList<>();
      for (int image = 0; image < IMAGES; image++) {
        float[] own = Arrays.copyOfRange(pixels, image * values, (image + 1) * values);
        double[][] all = formulas.embedding(own, spec);
        int first = image * spec.patches();
        // int(12 * 0.6) of the patches, and the class token.
        double[][] kept =
            IntStream.concat(
                    IntStream.of(0),
                    IntStream.range(0, spec.patches())
                        .boxed()
                        .sorted(Comparator.comparing(patch -> numbers[first + patch]))
                        .limit(7)
                        .mapToInt(patch -> patch + 1))
                .mapToObj(token -> all[token])
                .toArray(double[][]::new);
        Arrays.stream(formulas.model(kept, spec).logits()).forEach(expected::add);
      }
      assertThat(formulas.closestChoice()).isGreaterThan(1e-5);
      Closeness.assertAgree(
          "logits", logits, expected.stream().mapToDouble(Double::doubleValue).toArray(), 1e-5);
    }
  }

  /** Noise and drops too: they are drawn for the kept tokens of all images, whatever the lanes. */
  @Test
  void lanesChangeNothing() {
    Random random = new Random(4);
    try (TestGraph graph = new TestGraph()) {
      VisionTransformer model = new VisionTransformer(graph.graph(), SPEC, graph.variables());
      graph.fillVariables(random, 0.3);
      Operand<TFloat32> images = graph.images(random, SPEC.image(), IMAGES);
      Operand<TFloat32> targets = targets(graph);
      List<List<float[]>> found = new ArrayList<>();
      for (int lanes : new int[] {1, 2, 4}) {
        VisionTransformer.Training training =
            model.trainTowards(
                images,
                targets,
                stateless(graph, 0.4, 1, 2),
                GateNoise.stateless(graph.tf().constant(5L), graph.tf().constant(6L)),
                Drops.stateless(0.2, 0.3, graph.tf().constant(5L), graph.tf().constant(6L)),
                lanes,
                AllReduce.ALONE);
        List<Operand<TFloat32>> fetched =
            new ArrayList<>(List.of(training.loss(), training.logits(), training.routing()));
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

  /** Of every block's routers the tokens that were computed, so that the shares add up to k. */
  @Test
  void routersAreMeasuredOverTheKeptTokens() {
    Random random = new Random(5);
    try (TestGraph graph = new TestGraph()) {
      VisionTransformer model = new VisionTransformer(graph.graph(), SPEC, graph.variables());
      graph.fillVariables(random, 0.3);
      float[] routing =
          graph.run(
              model
                  .trainTowards(
                      graph.images(random, SPEC.image(), IMAGES),
                      targets(graph),
                      stateless(graph, 0.5, 1, 2),
                      GateNoise.NONE,
                      Drops.NONE,
                      1,
                      AllReduce.ALONE)
                  .routing());
      // Three experts' shares of the first block, then their gates.
      assertThat(routing[0] + routing[1] + routing[2]).isCloseTo(2, within(1e-5f));
      assertThat(routing[3] + routing[4] + routing[5]).isCloseTo(1, within(1e-5f));
    }
  }

  @Test
  void everyImageOfEveryStepOfEverySeedKeepsOthers() {
    try (TestGraph graph = new TestGraph()) {
      List<String> kept = new ArrayList<>();
      kept.addAll(kept(graph, 1, 1));
      kept.addAll(kept(graph, 1, 2));
      kept.addAll(kept(graph, 2, 1));
      assertThat(kept).hasSize(12).doesNotHaveDuplicates();
      assertThat(kept(graph, 1, 1)).isEqualTo(kept.subList(0, 4));
    }
  }

  /** A patch is kept as often as another. */
  @Test
  void everyPatchIsLeftOutAtItsShare() {
    try (TestGraph graph = new TestGraph()) {
      int images = 2000;
      int[] counts = new int[64];
      float[] positions = positions(graph, 0.25, 64, images, 1, 1);
      for (float position : positions) {
        if (position > 0) {
          counts[(int) position - 1]++;
        }
      }
      // Five standard deviations of sqrt(2000 * 0.75 * 0.25) = 19.4 around 1500.
      assertThat(Arrays.stream(counts).boxed()).allMatch(count -> Math.abs(count - 1500) < 97);
    }
  }

  /** The kept patches of four images, as text. */
  private static List<String> kept(TestGraph graph, long seed, long step) {
    float[] positions = positions(graph, 0.5, 64, 4, seed, step);
    return IntStream.range(0, 4)
        .mapToObj(
            image -> Arrays.toString(Arrays.copyOfRange(positions, image * 33, (image + 1) * 33)))
        .toList();
  }

  /** The numbers of the tokens that are kept, that of the class token, 0, first. */
  private static float[] positions(
      TestGraph graph, double share, int patches, int images, long seed, long step) {
    Lanes lanes = new Lanes(graph.calc(), graph.tf().constant(images), 1);
    Masking masking =
        stateless(graph, share, seed, step).maskings(graph.calc(), lanes, patches).get(0);
    assertThat(masking).isNotNull();
    return masking == null
        ? new float[0]
        : graph.run(graph.tf().dtypes.cast(masking.positions(), TFloat32.class));
  }

  private static PatchDropout stateless(TestGraph graph, double share, long seed, long step) {
    return PatchDropout.stateless(share, graph.tf().constant(seed), graph.tf().constant(step));
  }

  private static Operand<TFloat32> targets(TestGraph graph) {
    return graph.input(new float[] {1, 0, 0, 0, 0, 0.5f, 0.5f, 0, 0, 0, 0, 1}, IMAGES, 4);
  }

  private static float[] numbers(Random random, int count) {
    float[] numbers = new float[count];
    for (int i = 0; i < count; i++) {
      numbers[i] = random.nextFloat();
    }
    return numbers;
  }
}
