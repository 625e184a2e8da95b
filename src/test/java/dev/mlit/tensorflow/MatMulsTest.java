package dev.mlit.tensorflow;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.mlit.model.TestGraph;
import dev.mlit.spec.Precision;
import java.util.Random;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.tensorflow.Operand;
import org.tensorflow.types.TFloat32;

/**
 * If this fails, who trains in bfloat16 gets no faster products for what he gives up, or gives up
 * more than he was told: the gates, or sums that lose what is small.
 */
class MatMulsTest {
  private static final int ROWS = 20;
  private static final int INNER = 600;
  private static final int COLUMNS = 17;

  /** Rounding to 8 bits changes a number by at most this share of it. */
  private static final double HALF_STEP = 1.0 / 256;

  @ParameterizedTest
  @CsvSource({"false,false", "true,false", "false,true"})
  void bfloat16IsTheFloat32ProductOfRoundedFactors(boolean transposeA, boolean transposeB) {
    try (TestGraph graph = new TestGraph(multiplyingIn(Precision.BFLOAT16))) {
      FloatOps calc = graph.calc();
      Operand<TFloat32> a = matrix(graph, 1, ROWS, INNER, transposeA);
      Operand<TFloat32> b = matrix(graph, 2, INNER, COLUMNS, transposeB);
      Operand<TFloat32> product =
          transposeA
              ? calc.matMulLeftTransposed(a, b)
              : transposeB ? calc.matMulRightTransposed(a, b) : calc.matMul(a, b);

      assertProduct(
          graph.run(product), graph.values(a), transposeA, graph.values(b), transposeB, true);
    }
  }

  @ParameterizedTest
  @CsvSource({"false,false", "true,false", "false,true", "true,true"})
  void stacksAreRoundedAsWell(boolean transposeA, boolean transposeB) {
    try (TestGraph graph = new TestGraph(multiplyingIn(Precision.BFLOAT16))) {
      FloatOps calc = graph.calc();
      Operand<TFloat32> a = matrix(graph, 1, ROWS, INNER, transposeA);
      Operand<TFloat32> b = matrix(graph, 2, INNER, COLUMNS, transposeB);
      Operand<TFloat32> product =
          calc.batchMatMul(stack(calc, a), transposeA, stack(calc, b), transposeB);

      assertProduct(
          graph.run(product), graph.values(a), transposeA, graph.values(b), transposeB, true);
    }
  }

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void withoutHardwareTheSameNumbersAreRounded(boolean stacked) {
    try (TestGraph graph = new TestGraph()) {
      MatMuls products =
          new MatMuls(new CompileOptions(Precision.BFLOAT16, false, false, 0, false, false));
      FloatOps calc = graph.calc();
      Operand<TFloat32> a = matrix(graph, 1, ROWS, INNER, false);
      Operand<TFloat32> b = matrix(graph, 2, INNER, COLUMNS, true);
      Operand<TFloat32> product =
          stacked
              ? products.batchMatMul(calc.tf(), stack(calc, a), false, stack(calc, b), true)
              : products.matMul(calc.tf(), a, false, b, true);

      assertProduct(graph.run(product), graph.values(a), false, graph.values(b), true, true);
    }
  }

  @ParameterizedTest
  @CsvSource({"15,false", "16,true"})
  void whatIsNarrowAsTheGatesStaysFloat32(int columns, boolean rounds) {
    try (TestGraph graph = new TestGraph(multiplyingIn(Precision.BFLOAT16))) {
      Operand<TFloat32> a = matrix(graph, 1, ROWS, INNER, false);
      Operand<TFloat32> b = matrix(graph, 2, INNER, columns, false);

      float[] product = graph.run(graph.calc().matMul(a, b));

      assertProduct(product, graph.values(a), false, graph.values(b), false, rounds);
    }
  }

  @ParameterizedTest
  @CsvSource({"FLOAT32", "BFLOAT16"})
  void theSameLayerMultipliesByTheOptionsThatItIsGiven(Precision later) {
    try (TestGraph graph = new TestGraph(multiplyingIn(Precision.BFLOAT16))) {
      Operand<TFloat32> a = matrix(graph, 1, ROWS, INNER, false);
      Operand<TFloat32> b = matrix(graph, 2, INNER, COLUMNS, false);
      graph.calc().matMul(a, b);

      assertProduct(
          graph.run(graph.calc().with(multiplyingIn(later)).matMul(a, b)),
          graph.values(a),
          false,
          graph.values(b),
          false,
          later == Precision.BFLOAT16);
    }
  }

  private static CompileOptions multiplyingIn(Precision precision) {
    return CompileOptions.ofMachine().multiplyingIn(precision);
  }

  /** Values of one sign: a sum in 8 bits would stop growing after some hundred of them. */
  private static Operand<TFloat32> matrix(
      TestGraph graph, long seed, int rows, int columns, boolean transposed) {
    Random random = new Random(seed);
    float[] values = new float[rows * columns];
    for (int i = 0; i < values.length; i++) {
      values[i] = 0.5f + random.nextFloat();
    }
    return transposed ? graph.input(values, columns, rows) : graph.input(values, rows, columns);
  }

  private static Operand<TFloat32> stack(FloatOps calc, Operand<TFloat32> matrix) {
    return calc.tf().expandDims(matrix, calc.tf().constant(0));
  }

  private static void assertProduct(
      float[] product,
      float[] a,
      boolean transposeA,
      float[] b,
      boolean transposeB,
      boolean rounded) {
    int columns = b.length / INNER;
    assertThat(product).hasSize(ROWS * columns);
    double apart = 0;
    for (int row = 0; row < ROWS; row++) {
      for (int column = 0; column < columns; column++) {
        double exact = 0;
        double ofRounded = 0;
        for (int i = 0; i < INNER; i++) {
          float left = a[transposeA ? i * ROWS + row : row * INNER + i];
          float right = b[transposeB ? column * INNER + i : i * columns + column];
          exact += (double) left * right;
          ofRounded += (double) round(left) * round(right);
        }
        double value = product[row * columns + column];
        double expected = rounded ? ofRounded : exact;
        double tolerance = rounded ? HALF_STEP : 1e-6;
        assertThat(value).isCloseTo(expected, within(1.001 * tolerance * expected));
        apart = Math.max(apart, Math.abs(value - exact) / exact);
      }
    }
    assertThat(apart > 1e-4).as("apart from the exact product by %s", apart).isEqualTo(rounded);
  }

  /** To the nearest number of 8 significant bits. */
  private static float round(float value) {
    int bits = Float.floatToRawIntBits(value);
    int toEven = 0x7fff + ((bits >> 16) & 1);
    return Float.intBitsToFloat((bits + toEven) & 0xffff0000);
  }
}
