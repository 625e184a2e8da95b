package dev.mlit.augment;

import static org.assertj.core.api.Assertions.assertThat;

import dev.mlit.spec.AugmentationSpec;
import dev.mlit.spec.AugmentationSpecBuilder;
import dev.mlit.spec.ImageShape;
import dev.mlit.testing.TinyData;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;

/**
 * Vertical flips and quarter turns. If it fails, images from above or from a microscope are seen
 * from fewer sides than the recipe says, or pixels get lost on the way.
 */
class SymmetriesTest {
  private static final int COUNT = 800;
  private static final int SIDE = 5;
  private static final Images SQUARE = Images.random(1, COUNT, SIDE, SIDE, 2);

  @Test
  void turnsAreCounterclockwiseByQuarters() {
    Images four = Images.random(2, 4, SIDE, SIDE, 3);
    Images turned =
        four.run(
            (tf, images) -> Symmetries.turned(tf, images, tf.constant(new float[] {0, 1, 2, 3})));

    for (int y = 0; y < SIDE; y++) {
      for (int x = 0; x < SIDE; x++) {
        for (int c = 0; c < 3; c++) {
          // As numpy.rot90 does it.
          assertThat(turned.at(0, y, x, c)).isEqualTo(four.at(0, y, x, c));
          assertThat(turned.at(1, y, x, c)).isEqualTo(four.at(1, x, SIDE - 1 - y, c));
          assertThat(turned.at(2, y, x, c)).isEqualTo(four.at(2, SIDE - 1 - y, SIDE - 1 - x, c));
          assertThat(turned.at(3, y, x, c)).isEqualTo(four.at(3, SIDE - 1 - x, y, c));
        }
      }
    }
  }

  @Test
  void verticalFlipReversesTheRowsOfAboutHalfOfTheImages() {
    Images wide = Images.random(3, COUNT, 3, 4, 1);
    Images flipped = apply(wide, 1, 7, a -> a.verticalFlip(true));

    int changed = 0;
    for (int i = 0; i < COUNT; i++) {
      if (!Arrays.equals(flipped.image(i), wide.image(i))) {
        changed++;
        for (int y = 0; y < 3; y++) {
          for (int x = 0; x < 4; x++) {
            assertThat(flipped.at(i, y, x, 0)).isEqualTo(wide.at(i, 2 - y, x, 0));
          }
        }
      }
    }
    // Six standard deviations of a fair coin: sqrt(800) / 2 = 14.
    assertThat(changed).isBetween(COUNT / 2 - 85, COUNT / 2 + 85);
  }

  @Test
  void bothFlipsAndQuarterTurnsGiveAllEightViewsAsOften() {
    Images views =
        SQUARE.run(
            (tf, images) -> {
              AugmentationSpec spec = spec(a -> a.flip(true).verticalFlip(true).quarterTurns(true));
              return Augmentations.apply(
                      tf,
                      spec,
                      new ImageShape(SIDE, SIDE, 2),
                      new Augmentations.Augmented(images, tf.zerosLike(images)),
                      tf.constant(1L),
                      tf.constant(7L))
                  .images();
            });

    Map<List<Integer>, Integer> counts = new HashMap<>();
    for (int i = 0; i < COUNT; i++) {
      counts.merge(view(SQUARE, views, i), 1, Integer::sum);
    }
    assertThat(counts).hasSize(8);
    // 100 each, six standard deviations of sqrt(800 / 8 * 7 / 8) = 9.4.
    assertThat(counts.values()).allMatch(count -> count > 44 && count < 156);
  }

  /** Where two neighbouring corners of an image are in a view of it. */
  private static List<Integer> view(Images images, Images views, int image) {
    return List.of(
        corner(images.at(image, 0, 0, 0), views, image),
        corner(images.at(image, 0, SIDE - 1, 0), views, image));
  }

  private static int corner(float value, Images views, int image) {
    for (int corner = 0; corner < 4; corner++) {
      int y = corner / 2 * (SIDE - 1);
      int x = corner % 2 * (SIDE - 1);
      if (views.at(image, y, x, 0) == value) {
        return corner;
      }
    }
    throw new AssertionError("no corner of image " + image + " is " + value);
  }

  @Test
  void turnsAreAFunctionOfSeedAndStep() {
    float[] turned = apply(SQUARE, 1, 7, a -> a.quarterTurns(true)).values();

    assertThat(apply(SQUARE, 1, 7, a -> a.quarterTurns(true)).values()).isEqualTo(turned);
    assertThat(apply(SQUARE, 1, 8, a -> a.quarterTurns(true)).values()).isNotEqualTo(turned);
    assertThat(apply(SQUARE, 2, 7, a -> a.quarterTurns(true)).values()).isNotEqualTo(turned);
  }

  private static AugmentationSpec spec(Consumer<AugmentationSpecBuilder> settings) {
    return TinyData.run().augmentation(settings).build().augmentation();
  }

  private static Images apply(
      Images images, long seed, long step, Consumer<AugmentationSpecBuilder> settings) {
    return images.run(
        (tf, operand) ->
            Symmetries.apply(
                tf,
                operand,
                spec(settings),
                new Draws(tf, tf.constant(seed), tf.constant(step), tf.constant(COUNT))));
  }
}
