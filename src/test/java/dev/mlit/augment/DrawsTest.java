package dev.mlit.augment;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.mlit.spec.seed.RandomStream;
import java.util.Arrays;
import java.util.List;
import java.util.function.Function;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.tensorflow.Operand;
import org.tensorflow.types.TFloat32;

/**
 * The random numbers of augmentation. If it fails, a run cannot be repeated or resumed to the bit,
 * or images are changed by numbers that hang together.
 */
class DrawsTest {
  private static final int COUNT = 10_000;

  @Test
  void numbersAreAFunctionOfSeedStepAndStream() {
    float[] numbers = draw(1, 7, d -> d.uniform(RandomStream.HUE));

    assertThat(draw(1, 7, d -> d.uniform(RandomStream.HUE))).isEqualTo(numbers);
    assertThat(draw(2, 7, d -> d.uniform(RandomStream.HUE))).isNotEqualTo(numbers);
    assertThat(draw(1, 8, d -> d.uniform(RandomStream.HUE))).isNotEqualTo(numbers);
    assertThat(draw(1, 7, d -> d.uniform(RandomStream.CONTRAST))).isNotEqualTo(numbers);
  }

  @Test
  void numbersOfTwoStreamsDoNotHangTogether() {
    float[] hues = draw(1, 7, d -> d.uniform(RandomStream.HUE));
    float[] contrasts = draw(1, 7, d -> d.uniform(RandomStream.CONTRAST));

    double covariance =
        IntStream.range(0, COUNT).mapToDouble(i -> (hues[i] - 0.5) * (contrasts[i] - 0.5)).sum()
            / COUNT;

    // Five standard deviations of the mean of COUNT products, each of variance 1 / 144.
    assertThat(covariance).isEqualTo(0, within(5 / 12.0 / Math.sqrt(COUNT)));
  }

  @Test
  void uniformFillsItsRange() {
    float[] numbers = draw(1, 7, d -> d.uniform(RandomStream.HUE, -2, 4));

    assertThat(numbers).hasSize(COUNT);
    assertThat(sorted(numbers)[0]).isBetween(-2f, -1.99f);
    assertThat(sorted(numbers)[COUNT - 1]).isBetween(3.99f, 4f);
    assertThat(mean(numbers)).isEqualTo(1, within(5 * Math.sqrt(3.0 / COUNT)));
  }

  @Test
  void logUniformIsAsOftenBelowTheGeometricMeanAsAbove() {
    float[] numbers = draw(1, 7, d -> d.logUniform(RandomStream.HUE, 0.25, 4));

    assertThat(sorted(numbers)[0]).isBetween(0.2499f, 0.26f);
    assertThat(sorted(numbers)[COUNT - 1]).isBetween(3.9f, 4.001f);
    assertThat(sorted(numbers)[COUNT / 2]).isEqualTo(1, within(0.06f));
  }

  /** Beta(a, a) has the mean 1/2 and the variance 1 / (4 (2 a + 1)). */
  @ParameterizedTest
  @ValueSource(doubles = {0.05, 0.2, 0.8, 1, 5, 100})
  void betaHasTheMomentsOfItsFormula(double alpha) {
    float[] numbers =
        draw(1, 7, d -> d.beta(RandomStream.MIXUP_FIRST, RandomStream.MIXUP_SECOND, alpha));

    double variance = 1 / (4 * (2 * alpha + 1));
    double[] squares = new double[COUNT];
    Arrays.setAll(squares, i -> Math.pow(numbers[i] - 0.5, 2));
    assertThat(numbers).hasSize(COUNT);
    assertThat(sorted(numbers)[0]).isNotNegative();
    assertThat(sorted(numbers)[COUNT - 1]).isLessThanOrEqualTo(1);
    assertThat(mean(numbers)).isEqualTo(0.5, within(5 * Math.sqrt(variance / COUNT)));
    assertThat(Arrays.stream(squares).average().orElseThrow())
        .isEqualTo(variance, within(0.05 * variance));
  }

  @Test
  void betaOfAVerySmallAlphaIsANumberNearZeroOrOne() {
    float[] numbers =
        draw(1, 7, d -> d.beta(RandomStream.MIXUP_FIRST, RandomStream.MIXUP_SECOND, 1e-4));

    for (float number : numbers) {
      assertThat(Math.min(number, 1 - number)).isBetween(0f, 0.5f);
    }
    assertThat(mean(numbers)).isBetween(0.1, 1.0);
  }

  /** In the order in which they came. */
  @Test
  void keysOfRunsThatBeganEarlierStayAndAreBelowThoseOfMasksAndDrops() {
    String[] streams = {
      "FLIP",
      "CROP_SCALE",
      "CROP_RATIO",
      "CROP_LEFT",
      "CROP_TOP",
      "SHIFT_X",
      "SHIFT_Y",
      "ROTATION",
      "TRANSLATION_X",
      "TRANSLATION_Y",
      "BRIGHTNESS",
      "CONTRAST",
      "SATURATION",
      "HUE",
      "ERASING",
      "ERASING_AREA",
      "ERASING_RATIO",
      "ERASING_LEFT",
      "ERASING_TOP",
      "ERASING_NOISE",
      "MIXING",
      "MIXUP_OR_CUTMIX",
      "MIXUP_FIRST",
      "MIXUP_SECOND",
      "CUTMIX_FIRST",
      "CUTMIX_SECOND",
      "CUTMIX_X",
      "CUTMIX_Y",
      "OPERATIONS",
      "VERTICAL_FLIP",
      "QUARTER_TURNS"
    };
    List<RandomStream> augmentation =
        Arrays.stream(RandomStream.values())
            .filter(stream -> !stream.isOfBlocks() && stream.key() < 1L << 37)
            .toList();
    assertThat(augmentation).extracting(Enum::name).containsExactly(streams);
    for (int i = 0; i < streams.length; i++) {
      RandomStream stream = RandomStream.valueOf(streams[i]);
      long key = (i + 1L) << 32;
      float[] expected =
          Images.numbers(
              tf ->
                  tf.random.statelessRandomUniform(
                      tf.constant(new int[] {COUNT}), tf.constant(new long[] {5 + key, 7})));
      assertThat(draw(5, 7, d -> d.uniform(stream))).as("%s", stream).isEqualTo(expected);
      assertThat(key).isLessThan(1L << 37);
    }
  }

  private static float[] draw(long seed, long step, Function<Draws, Operand<TFloat32>> drawn) {
    return Images.numbers(
        tf -> drawn.apply(new Draws(tf, tf.constant(seed), tf.constant(step), tf.constant(COUNT))));
  }

  private static float[] sorted(float[] numbers) {
    float[] sorted = numbers.clone();
    Arrays.sort(sorted);
    return sorted;
  }

  private static double mean(float[] numbers) {
    double sum = 0;
    for (float number : numbers) {
      sum += number;
    }
    return sum / numbers.length;
  }
}
