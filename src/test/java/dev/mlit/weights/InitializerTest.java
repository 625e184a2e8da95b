package dev.mlit.weights;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.mlit.model.TestGraph;
import dev.mlit.tensorflow.Operations;
import dev.mlit.tensorflow.Sessions;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.tensorflow.Graph;
import org.tensorflow.Result;
import org.tensorflow.Session;
import org.tensorflow.ndarray.Shape;
import org.tensorflow.types.TFloat32;

/**
 * If this fails, training starts from other weights than the recipe that it follows, and a model
 * learns less than it could without anybody seeing why.
 */
class InitializerTest {
  private static final long SEED = 7;

  @BeforeAll
  static void quiet() {
    Sessions.load();
  }

  /** A uniform distribution in [-l, l) has the mean 0 and the variance l^2 / 3. */
  @ParameterizedTest
  @CsvSource({"108,216,", "40,400,", "108,81,4"})
  void kernelsAreUniformWithinTheLimitOfGlorot(long inputs, long outputs, @Nullable Long experts) {
    double limit = Math.sqrt(6.0 / (inputs + outputs));
    Shape kernel = Shape.of(inputs, outputs);

    float[] values =
        values(Initializer.GLOROT, experts == null ? kernel : kernel.prepend(experts), SEED);

    double few = 4 / Math.sqrt(values.length);
    assertThat(max(values)).isCloseTo(limit, within(0.01 * limit)).isLessThanOrEqualTo(limit);
    assertThat(min(values)).isCloseTo(-limit, within(0.01 * limit)).isGreaterThanOrEqualTo(-limit);
    assertThat(mean(values)).isCloseTo(0, within(few * limit / Math.sqrt(3)));
    assertThat(variance(values)).isCloseTo(limit * limit / 3, within(few * limit * limit));
  }

  @Test
  void everyExpertHasItsOwnKernel() {
    float[] values = values(Initializer.GLOROT, Shape.of(2, 10, 10), SEED);

    assertThat(Arrays.copyOfRange(values, 0, 100))
        .isNotEqualTo(Arrays.copyOfRange(values, 100, 200));
  }

  @Test
  void tokensAndPositionsAreNormal() {
    float[] values = values(Initializer.NORMAL, Shape.of(1, 100, 100), SEED);

    assertThat(mean(values)).isCloseTo(0, within(0.02 * 4 / 100));
    assertThat(Math.sqrt(variance(values))).isCloseTo(0.02, within(0.02 * 0.04));
    assertThat(max(values)).as("the largest of 10,000").isBetween(3 * 0.02, 6 * 0.02);
  }

  @Test
  void biasesAreZerosAndScalesOnes() {
    assertThat(values(Initializer.ZEROS, Shape.of(3), SEED)).containsExactly(0, 0, 0);
    assertThat(values(Initializer.ONES, Shape.of(3), SEED)).containsExactly(1, 1, 1);
  }

  @Test
  void seedsDecide() {
    float[] values = values(Initializer.GLOROT, Shape.of(10, 10), SEED);

    assertThat(values(Initializer.GLOROT, Shape.of(10, 10), SEED)).isEqualTo(values);
    assertThat(values(Initializer.GLOROT, Shape.of(10, 10), SEED + 1)).isNotEqualTo(values);
  }

  private static float[] values(Initializer initial, Shape shape, long seed) {
    try (Graph graph = new Graph();
        Session session = Sessions.open(graph, 1);
        Result result =
            session.runner().fetch(initial.value(Operations.of(graph), shape, seed)).run()) {
      assertThat(result.get(0).shape()).isEqualTo(shape);
      return TestGraph.floats((TFloat32) result.get(0));
    }
  }

  private static double max(float[] values) {
    double max = values[0];
    for (float value : values) {
      max = Math.max(max, value);
    }
    return max;
  }

  private static double min(float[] values) {
    double min = values[0];
    for (float value : values) {
      min = Math.min(min, value);
    }
    return min;
  }

  private static double mean(float[] values) {
    double sum = 0;
    for (float value : values) {
      sum += value;
    }
    return sum / values.length;
  }

  private static double variance(float[] values) {
    double mean = mean(values);
    double sum = 0;
    for (float value : values) {
      sum += (value - mean) * (value - mean);
    }
    return sum / values.length;
  }
}
