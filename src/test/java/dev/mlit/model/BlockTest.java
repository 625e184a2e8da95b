package dev.mlit.model;

import dev.mlit.spec.ModelSpec;
import dev.mlit.tensorflow.FloatOps;
import java.util.Arrays;
import java.util.Random;
import java.util.stream.IntStream;
import net.jqwik.api.Assume;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Tag;
import net.jqwik.api.constraints.IntRange;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.tensorflow.Operand;
import org.tensorflow.types.TFloat32;

/**
 * If this fails, a block leaves out a residual or a norm, for inference or for training: what was
 * trained is then not what predicts.
 */
@Tag("slow")
@org.junit.jupiter.api.Tag("slow")
class BlockTest {
  private static final int IMAGES = 2;

  /** A block with random variables, input and noise, used for inference and for training. */
  private record Case(
      int width,
      int tokens,
      ModelSpec.Attention attention,
      Operand<TFloat32> x,
      Operand<TFloat32> noise,
      Moe.Inferred inferred,
      Block.Trained trained,
      BalanceLosses balances,
      Dropped attentionDrop) {

    /** A block of which every token is read. */
    static Case of(
        TestGraph graph,
        Random random,
        int tokens,
        ModelSpec.Attention attention,
        int hidden,
        int top,
        int experts) {
      return of(graph, random, tokens, attention, hidden, top, experts, false);
    }

    static Case of(
        TestGraph graph,
        Random random,
        int tokens,
        ModelSpec.Attention attention,
        int hidden,
        int top,
        int experts,
        boolean firstOnly) {
      return of(graph, random, tokens, attention, hidden, top, experts, firstOnly, false);
    }

    static Case of(
        TestGraph graph,
        Random random,
        int tokens,
        ModelSpec.Attention attention,
        int hidden,
        int top,
        int experts,
        boolean firstOnly,
        boolean dropping) {
      int width = 2 * attention.heads();
      Block block =
          new Block(
              graph.layer("block"),
              0,
              width,
              attention,
              experts,
              hidden,
              new ModelSpec.Routing(top, 5, 7));
      graph.fillVariables(random, 0.5);
      int rows = IMAGES * tokens;
      Operand<TFloat32> x = graph.input(TestGraph.ladders(random, 0.5, rows, width), rows, width);
      Operand<TFloat32> noise = graph.input(random, rows, experts);
      BalanceLosses balances = block.balances();
      int expertRows = firstOnly ? 1 : tokens;
      Dropped attentionDrop = Dropped.draw(random, dropping, tokens, width);
      Drops.OfBlock drops =
          new Drops.OfBlock(
              attentionDrop.in(graph), Dropped.draw(random, dropping, expertRows, width).in(graph));
      return new Case(
          width,
          tokens,
          attention,
          x,
          noise,
          block.apply(x, tokens),
          firstOnly
              ? block.applyToFirst(x, tokens, (tf, number, shape) -> noise, drops, balances)
              : block.apply(x, tokens, (tf, number, shape) -> noise, drops, balances),
          balances,
          attentionDrop);
    }

    /** The tokens of every image. */
    double[][][] images(TestGraph graph) {
      double[][] rows = Formulas.rows(graph.values(x), width);
      return IntStream.range(0, IMAGES)
          .mapToObj(image -> Arrays.copyOfRange(rows, image * tokens, (image + 1) * tokens))
          .toArray(double[][][]::new);
    }

    /** What the second half of the block starts from: norm(x + drop(attention(norm(x)))). */
    double[][] normedMiddle(TestGraph graph) {
      Formulas formulas = graph.formulas();
      double[][] middle =
          Arrays.stream(images(graph))
              .flatMap(image -> Arrays.stream(formulas.attended("block", image, attention)))
              .toArray(double[][]::new);
      double[][] input = Formulas.rows(graph.values(x), width);
      for (int row = 0; row < middle.length; row++) {
        for (int i = 0; i < width; i++) {
          double added = middle[row][i] - input[row][i];
          middle[row][i] = input[row][i] + attentionDrop.factor(row, i) * added;
        }
      }
      return formulas.layerNorm("block/moe_norm", middle);
    }
  }

  /**
   * What a branch loses: a third of its values, and the first image all of it, or nothing.
   *
   * @param values uniform in [0, 1), of every value
   * @param images uniform in [0, 1), of every image
   */
  private record Dropped(float[][] values, float[] images, int perImage, boolean dropping) {
    private static final double VALUE = 1 / 3.0;
    private static final double IMAGE = 0.4;

    static Dropped draw(Random random, boolean dropping, int perImage, int width) {
      float[][] values = new float[IMAGES * perImage][width];
      if (dropping) {
        for (float[] row : values) {
          for (int i = 0; i < width; i++) {
            row[i] = random.nextFloat();
          }
        }
      }
      return new Dropped(values, new float[] {0.1f, 0.8f}, perImage, dropping);
    }

    Drop in(TestGraph graph) {
      FloatOps calc = graph.calc();
      return dropping
          ? Drop.values(calc, calc.tf().constant(values), VALUE)
              .and(Drop.images(calc, calc.tf().constant(images), IMAGE, perImage))
          : Drop.NOTHING;
    }

    double factor(int row, int column) {
      if (!dropping) {
        return 1;
      }
      boolean left = values[row][column] >= VALUE && images[row / perImage] >= IMAGE;
      return left ? 1 / (1 - VALUE) / (1 - IMAGE) : 0;
    }
  }

  @Property(tries = 15)
  void isAttentionAndExpertsEachWithItsNormAndResidual(
      @ForAll @IntRange(min = 1, max = 4) int tokens,
      @ForAll @IntRange(min = 1, max = 2) int groups,
      @ForAll @IntRange(min = 2, max = 3) int headsPerGroup,
      @ForAll @IntRange(min = 1, max = 4) int hidden,
      @ForAll @IntRange(min = 1, max = 3) int top,
      @ForAll @IntRange(min = 0, max = 2) int more,
      @ForAll Random random) {
    ModelSpec.Attention attention = new ModelSpec.Attention(groups * headsPerGroup, groups);
    try (TestGraph graph = new TestGraph()) {
      Case c = Case.of(graph, random, tokens, attention, hidden, top, top + more);
      Formulas formulas = graph.formulas();
      double[][] expected =
          Arrays.stream(c.images(graph))
              .flatMap(image -> Arrays.stream(formulas.block("block", image, attention, top)))
              .toArray(double[][]::new);
      Assume.that(formulas.closestChoice() > 1e-4);
      Closeness.assertAgree("block", graph.run(c.inferred.value()), expected, 1e-5);
      Arrays.fill(graph.values(c.noise), 0);
      Closeness.assertAgree(
          "block while training, noise of 0",
          graph.run(c.trained.activation().value()),
          expected,
          1e-5);
    }
  }

  /** The last block before a classifier: its other tokens go to the gates alone. */
  @ParameterizedTest
  @CsvSource({"1, 3, 4, 2, 3, 2, 3", "2, 1, 3, 3, 5, 2, 2", "3, 4, 2, 1, 2, 1, 4"})
  void theFirstTokensAloneAreWhatTheyAreAmongAll(
      long seed, int tokens, int heads, int groups, int hidden, int top, int experts) {
    ModelSpec.Attention attention = new ModelSpec.Attention(heads, groups);
    try (TestGraph all = new TestGraph();
        TestGraph first = new TestGraph()) {
      Case every = Case.of(all, new Random(seed), tokens, attention, hidden, top, experts);
      Case own = Case.of(first, new Random(seed), tokens, attention, hidden, top, experts, true);
      float[] values = all.run(every.trained.activation().value());
      float[] expected = new float[IMAGES * every.width];
      for (int image = 0; image < IMAGES; image++) {
        int from = image * tokens * every.width;
        System.arraycopy(values, from, expected, image * every.width, every.width);
      }
      Closeness.assertAgree(
          "first tokens",
          first.run(own.trained.activation().value()),
          Closeness.doubles(expected),
          1e-6);
      Closeness.assertAgree(
          "balance losses",
          first.run(own.balances.loss()),
          Closeness.doubles(all.run(every.balances.loss())),
          1e-6);
    }
  }

  @ParameterizedTest
  @CsvSource({
    "1, 3, 4, 2, 3, 2, 3, false, false",
    "2, 2, 3, 3, 5, 2, 2, false, false",
    "3, 4, 2, 1, 2, 1, 4, false, false",
    "4, 3, 4, 2, 3, 2, 3, true, false",
    "5, 2, 3, 3, 5, 2, 2, true, false",
    "3, 4, 2, 1, 2, 1, 4, true, false",
    "6, 3, 4, 2, 3, 2, 3, false, true",
    "7, 3, 4, 2, 3, 2, 3, true, true"
  })
  void hasTheGradientOfDifferences(
      long seed,
      int tokens,
      int heads,
      int groups,
      int hidden,
      int top,
      int experts,
      boolean firstOnly,
      boolean dropping) {
    Random random = new Random(seed);
    try (TestGraph graph = new TestGraph()) {
      ModelSpec.Attention attention = new ModelSpec.Attention(heads, groups);
      Case c = Case.of(graph, random, tokens, attention, hidden, top, experts, firstOnly, dropping);
      Routing.keepApart(graph, random, "block/moe", c.normedMiddle(graph), c.noise, experts);
      CentralDifferences differences = new CentralDifferences(graph, random);
      differences.add(c.balances.loss());
      VariableGradients gradients = new VariableGradients();
      Activation y = c.trained.activation();
      Operand<TFloat32> upstream =
          differences.project(y.value(), (long) IMAGES * (firstOnly ? 1 : tokens), c.width);
      Operand<TFloat32> dx = y.backward().apply(upstream, gradients);
      differences.check("the input of block", c.x, dx);
      differences.check(gradients);
    }
  }
}
