package dev.mlit.augment;

import static org.assertj.core.api.Assertions.assertThat;

import dev.mlit.augment.AugmentationSpace.Operation;
import dev.mlit.spec.AugmentationSpec;
import dev.mlit.spec.AugmentationSpec.Fill;
import dev.mlit.spec.AugmentationSpecBuilder;
import dev.mlit.spec.ImageShape;
import dev.mlit.testing.TinyData;
import java.util.Arrays;
import java.util.List;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;
import org.tensorflow.Operand;
import org.tensorflow.types.TFloat32;

/**
 * Which operations RandAugment and TrivialAugment draw, how strong, and for which image. If it
 * fails, a recipe is weaker or stronger than its name says, or a run cannot be repeated or resumed
 * to the bit.
 */
class RandomOperationsDrawsTest {
  private static final int COUNT = 28_000;
  private static final int OPERATIONS = Operation.values().length;

  /** Rows of a table, [rounds][images]. */
  private static int[][] draw(long seed, long step, int images, int rounds, int bins) {
    List<float[]> drawn =
        Images.random(1, 1, 1, 1, 1)
            .runAll(
                (tf, any) -> {
                  Draws draws =
                      new Draws(tf, tf.constant(seed), tf.constant(step), tf.constant(images));
                  return RandomOperations.draw(tf, draws, rounds, bins).stream()
                      .<Operand<TFloat32>>map(rows -> tf.dtypes.cast(rows, TFloat32.class))
                      .toList();
                });
    return drawn.stream()
        .map(
            rows -> {
              int[] numbers = new int[rows.length];
              Arrays.setAll(numbers, i -> Math.round(rows[i]));
              return numbers;
            })
        .toArray(int[][]::new);
  }

  /** Six standard deviations of a count around its mean. */
  private static void assertAboutEquallyOften(int[] counts) {
    double mean = Arrays.stream(counts).average().orElseThrow();
    double most = 6 * Math.sqrt(mean);
    for (int count : counts) {
      assertThat((double) count).isBetween(mean - most, mean + most);
    }
  }

  @Test
  void everyOperationMagnitudeAndSignIsAsLikely() {
    int bins = 31;
    int[] rows = draw(1, 7, COUNT, 1, bins)[0];

    int[] operations = new int[OPERATIONS];
    int[] magnitudes = new int[bins];
    int[] signs = new int[2];
    int[] operationsOfTheLastMagnitude = new int[OPERATIONS];
    for (int row : rows) {
      operations[row / 2 / bins]++;
      magnitudes[row / 2 % bins]++;
      signs[row % 2]++;
      operationsOfTheLastMagnitude[row / 2 / bins] += row / 2 % bins == bins - 1 ? 1 : 0;
    }
    assertAboutEquallyOften(operations);
    assertAboutEquallyOften(magnitudes);
    assertAboutEquallyOften(signs);
    assertAboutEquallyOften(operationsOfTheLastMagnitude);
  }

  @Test
  void roundsAreDrawnIndependently() {
    int[][] rows = draw(1, 7, COUNT, 2, 1);

    int[] pairs = new int[OPERATIONS * OPERATIONS];
    for (int i = 0; i < COUNT; i++) {
      pairs[rows[0][i] / 2 * OPERATIONS + rows[1][i] / 2]++;
    }
    assertThat(rows).hasNumberOfRows(2);
    assertAboutEquallyOften(pairs);
  }

  @Test
  void drawsAreAFunctionOfSeedAndStepAndOfAnImagesPlaceInItsBatch() {
    int[][] rows = draw(1, 7, 100, 2, 31);

    assertThat(draw(1, 7, 100, 2, 31)).isDeepEqualTo(rows);
    assertThat(draw(1, 8, 100, 2, 31)[0]).isNotEqualTo(rows[0]);
    assertThat(draw(2, 7, 100, 2, 31)[0]).isNotEqualTo(rows[0]);
    int[][] fewer = draw(1, 7, 40, 2, 31);
    for (int round = 0; round < 2; round++) {
      assertThat(fewer[round]).isEqualTo(Arrays.copyOf(rows[round], 40));
    }
  }

  @Test
  void negativeRowsAreThoseOfSignedOperationsOnly() {
    ImageShape shape = new ImageShape(8, 8, 3);
    float[][] table =
        RandomOperations.table(AugmentationSpace.randAugment(31, shape), new int[] {9}, shape);

    assertThat(table).hasDimensions(2 * OPERATIONS, Effect.PARAMETERS);
    int i = 0;
    for (Operation operation : Operation.values()) {
      float[] positive = table[2 * i];
      float[] negative = table[2 * i + 1];
      i++;
      // torchvision's table of which are "signed".
      boolean signed =
          List.of(
                  "SHEAR_X",
                  "SHEAR_Y",
                  "TRANSLATE_X",
                  "TRANSLATE_Y",
                  "ROTATE",
                  "BRIGHTNESS",
                  "COLOR",
                  "CONTRAST",
                  "SHARPNESS")
              .contains(operation.name());
      assertThat(Arrays.equals(positive, negative)).as("%s", operation).isEqualTo(!signed);
    }
  }

  // ---- All of it, as a run does it ----

  private static final ImageShape SHAPE = new ImageShape(8, 8, 1);
  private static final Images IMAGES = Images.random(1, 200, 8, 8, 1);

  private static Images augmented(Consumer<AugmentationSpecBuilder> settings) {
    AugmentationSpec spec = TinyData.run().augmentation(settings).build().augmentation();
    return IMAGES.run(
        (tf, images) -> {
          Draws draws = new Draws(tf, tf.constant(1L), tf.constant(7L), tf.constant(200));
          return RandomOperations.apply(tf, images, spec, SHAPE, draws);
        });
  }

  @Test
  void imagesAreBytesAfterwards() {
    for (float value : augmented(a -> a.randAugment(2, 9)).values()) {
      assertThat(value).isBetween(0f, 1f);
      assertThat(Math.abs(255 * value - Math.round(255 * value))).isLessThan(1e-4f);
    }
  }

  /** Twelve of fourteen operations at magnitude 30 change noise; identity and equalize do not. */
  @Test
  void moreOperationsLeaveFewerImagesAsTheyWere() {
    assertThat(unchanged(augmented(a -> a.randAugment(1, 30)))).isBetween(3, 60);
    assertThat(unchanged(augmented(a -> a.randAugment(8, 30)))).isZero();
    assertThat(unchanged(augmented(a -> a.trivialAugmentWide()))).isBetween(3, 80);
  }

  private static int unchanged(Images changed) {
    int count = 0;
    for (int i = 0; i < IMAGES.count(); i++) {
      float most = 0;
      for (int p = 0; p < IMAGES.image(i).length; p++) {
        most = Math.max(most, Math.abs(changed.image(i)[p] - IMAGES.image(i)[p]));
      }
      count += most < 1 / 255f ? 1 : 0;
    }
    return count;
  }

  @Test
  void whatIsBeyondTheEdgeIsWhatTheSpecFillsWith() {
    ImageShape shape = new ImageShape(8, 8, 1);
    // Five of the eight columns to the right: the largest translation of a small image.
    float[][] right = {Effect.of(Operation.TRANSLATE_X, 5, shape)};
    for (Fill fill : Fill.values()) {
      Images moved =
          IMAGES.run(
              (tf, images) ->
                  new RandomOperations(tf, shape, fill)
                      .apply(images, right, List.of(tf.constant(new int[200]))));
      for (int y = 0; y < 8; y++) {
        for (int x = 0; x < 8; x++) {
          float expected =
              switch (fill) {
                case BLACK -> x < 5 ? 0 : IMAGES.at(3, y, x - 5, 0);
                case NEAREST -> IMAGES.at(3, y, Math.max(0, x - 5), 0);
                case REFLECT -> IMAGES.at(3, y, x < 5 ? 4 - x : x - 5, 0);
              };
          assertThat(Math.round(255 * moved.at(3, y, x, 0)))
              .as("%s %s, %s", fill, y, x)
              .isEqualTo(Math.round(255 * expected));
        }
      }
    }
  }

  /** 32 pixels, as TrivialAugment moves them, are more than the image has, however it is filled. */
  @Test
  void translationsBeyondTheImageAreFilledAllOver() {
    ImageShape shape = new ImageShape(8, 8, 1);
    float[][] down = {Effect.of(Operation.TRANSLATE_Y, -32, shape)};
    Images black = fill(shape, down, Fill.BLACK);
    Images reflected = fill(shape, down, Fill.REFLECT);
    Images nearest = fill(shape, down, Fill.NEAREST);

    for (int y = 0; y < 8; y++) {
      assertThat(black.at(0, y, 3, 0)).isZero();
      // 32 pixels are two images and their mirrors.
      assertThat(Math.round(255 * reflected.at(0, y, 3, 0)))
          .isEqualTo(Math.round(255 * IMAGES.at(0, y, 3, 0)));
      assertThat(Math.round(255 * nearest.at(0, y, 3, 0)))
          .isEqualTo(Math.round(255 * IMAGES.at(0, 7, 3, 0)));
    }
  }

  private static Images fill(ImageShape shape, float[][] table, Fill fill) {
    return IMAGES.run(
        (tf, images) ->
            new RandomOperations(tf, shape, fill)
                .apply(images, table, List.of(tf.constant(new int[200]))));
  }
}
