package dev.mlit.model;

import static org.assertj.core.api.Assertions.assertThat;

import dev.mlit.spec.ModelSpec;
import dev.mlit.tensorflow.CompileOptions;
import java.util.Arrays;
import java.util.Random;
import java.util.function.IntUnaryOperator;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.tensorflow.Operand;
import org.tensorflow.types.TFloat32;

/**
 * If this fails, heads read the keys of other heads, or tokens of other images: weights from
 * elsewhere do not work, and one image's prediction depends on what else is in the batch.
 */
class AttentionTest {

  @Property(tries = 15)
  void withAsManyGroupsAsHeadsItIsMultiHeadAttention(
      @ForAll @IntRange(min = 1, max = 4) int heads,
      @ForAll @IntRange(min = 1, max = 3) int size,
      @ForAll @IntRange(min = 1, max = 5) int tokens,
      @ForAll Random random) {
    agrees(heads, heads, size, tokens, head -> head, random);
  }

  @Property(tries = 15)
  void withOneGroupItIsMultiQueryAttention(
      @ForAll @IntRange(min = 1, max = 4) int heads,
      @ForAll @IntRange(min = 1, max = 3) int size,
      @ForAll @IntRange(min = 1, max = 5) int tokens,
      @ForAll Random random) {
    agrees(heads, 1, size, tokens, head -> 0, random);
  }

  @Property(tries = 15)
  void neighbouringHeadsShareAGroup(
      @ForAll @IntRange(min = 2, max = 3) int groups,
      @ForAll @IntRange(min = 2, max = 3) int headsPerGroup,
      @ForAll @IntRange(min = 1, max = 3) int size,
      @ForAll @IntRange(min = 1, max = 5) int tokens,
      @ForAll Random random) {
    agrees(groups * headsPerGroup, groups, size, tokens, head -> head / headsPerGroup, random);
  }

  /** As many parts as images, one less, and one more, which stays empty. */
  @Property(tries = 15)
  void inPartsOfABatchEveryImageIsStillItsOwn(
      @ForAll @IntRange(min = 2, max = 4) int parts,
      @ForAll @IntRange(min = 1, max = 2) int groups,
      @ForAll @IntRange(min = 1, max = 2) int headsPerGroup,
      @ForAll @IntRange(min = 1, max = 5) int tokens,
      @ForAll Random random) {
    int heads = groups * headsPerGroup;
    agrees(heads, groups, 2, tokens, head -> head / headsPerGroup, parts, random);
  }

  /** Else the weights of all images leave the cache, and training is slower, with equal numbers. */
  @ParameterizedTest
  @CsvSource({"0, 1", "1, 1", "2, 2", "3, 3"})
  void attentionWeightsOfManyImagesAreComputedInPartsThatStayInTheCache(int full, int softmaxes) {
    int heads = 4;
    int tokens = 10;
    try (TestGraph graph = new TestGraph(expecting(full, heads, tokens))) {
      Attention attention =
          new Attention(graph.layer("attention"), 8, new ModelSpec.Attention(heads, 2), null);
      attention.apply(graph.input(new Random(1), 3L * tokens, 8), tokens);

      assertThat(graph.graph().toGraphDef().getNodeList())
          .filteredOn(node -> node.getOp().equals("Softmax"))
          .hasSize(softmaxes);
    }
  }

  /** For so many images that their attention weights fill some parts. */
  private static CompileOptions expecting(int parts, int heads, int tokens) {
    return CompileOptions.ofMachine().expecting(parts * Attention.imagesOfAPart(heads, tokens));
  }

  private static void agrees(
      int heads, int groups, int size, int tokens, IntUnaryOperator groupOf, Random random) {
    agrees(heads, groups, size, tokens, groupOf, 1, random);
  }

  /** Three images, each by itself. */
  private static void agrees(
      int heads,
      int groups,
      int size,
      int tokens,
      IntUnaryOperator groupOf,
      int parts,
      Random random) {
    int width = heads * size;
    try (TestGraph graph = new TestGraph(expecting(parts, heads, tokens))) {
      Attention attention =
          new Attention(
              graph.layer("attention"), width, new ModelSpec.Attention(heads, groups), null);
      graph.fillVariables(random, 1);
      Operand<TFloat32> x = graph.input(random, 3L * tokens, width);
      float[] computed = graph.run(attention.apply(x, tokens).value());
      int values = tokens * width;
      for (int image = 0; image < 3; image++) {
        int begin = image * values;
        double[][] own =
            Formulas.rows(Arrays.copyOfRange(graph.values(x), begin, begin + values), width);
        Closeness.assertAgree(
            "attention, image " + image,
            Arrays.copyOfRange(computed, begin, begin + values),
            graph.formulas().attention("attention", own, heads, groupOf),
            1e-5);
      }
    }
  }

  @ParameterizedTest
  @CsvSource({
    "1, 4, 2, 2, 3, 1",
    "2, 3, 3, 1, 4, 1",
    "3, 2, 1, 5, 1, 1",
    "4, 6, 3, 2, 3, 1",
    "5, 6, 3, 2, 3, 2",
    "6, 4, 2, 2, 3, 3"
  })
  void hasTheGradientOfDifferences(
      long seed, int heads, int groups, int size, int tokens, int parts) {
    Random random = new Random(seed);
    int width = heads * size;
    int rows = 2 * tokens;
    try (TestGraph graph = new TestGraph(expecting(parts, heads, tokens))) {
      Attention attention =
          new Attention(
              graph.layer("attention"), width, new ModelSpec.Attention(heads, groups), null);
      graph.fillVariables(random, 0.5);
      Operand<TFloat32> x = graph.input(random, rows, width);
      Attention.Attended y = attention.apply(x, tokens);
      CentralDifferences differences = new CentralDifferences(graph, random);
      VariableGradients gradients = new VariableGradients();
      Operand<TFloat32> upstream = differences.project(y.value(), rows, width);
      Operand<TFloat32> dx = y.backward().apply(x, upstream, gradients);
      differences.check("the input of attention", x, dx);
      differences.check(gradients);
    }
  }
}
