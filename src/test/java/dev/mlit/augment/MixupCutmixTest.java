package dev.mlit.augment;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.mlit.spec.AugmentationSpec;
import dev.mlit.spec.AugmentationSpecBuilder;
import dev.mlit.testing.TinyData;
import java.util.List;
import java.util.function.BiFunction;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;
import org.tensorflow.op.Ops;

/**
 * Mixup and CutMix. If it fails, an image and its target are mixed in different parts, and models
 * learn that trousers are a shirt.
 */
class MixupCutmixTest {
  private static final int COUNT = 4;
  private static final int HEIGHT = 10;
  private static final int WIDTH = 8;
  private static final int PIXELS = HEIGHT * WIDTH;
  private static final Images IMAGES = Images.random(1, COUNT, HEIGHT, WIDTH, 2);
  private static final float[][] TARGETS = {
    {1, 0, 0, 0}, {0, 1, 0, 0}, {0, 0, 1, 0}, {0.1f, 0.1f, 0.1f, 0.7f}
  };

  /** Images, targets and what else was asked for. */
  private static List<float[]> mix(BiFunction<Ops, MixupCutmix, MixupCutmix.Shares> shares) {
    return IMAGES.runAll(
        (tf, images) -> {
          MixupCutmix mixing = new MixupCutmix(tf, HEIGHT, WIDTH);
          Augmentations.Augmented mixed =
              mixing.apply(
                  new Augmentations.Augmented(images, tf.constant(TARGETS)),
                  shares.apply(tf, mixing));
          return List.of(mixed.images(), mixed.targets());
        });
  }

  @Test
  void mixupIsTheSameConvexCombinationOfImagesAndTargets() {
    float[] lambda = {0.75f, 0.5f, 1, 0};

    List<float[]> mixed = mix((tf, mixing) -> mixing.mixup(tf.constant(lambda)));

    for (int i = 0; i < COUNT; i++) {
      int other = COUNT - 1 - i;
      for (int p = 0; p < 2 * PIXELS; p++) {
        assertThat(mixed.get(0)[i * 2 * PIXELS + p])
            .isEqualTo(
                lambda[i] * IMAGES.image(i)[p] + (1 - lambda[i]) * IMAGES.image(other)[p],
                within(1e-6f));
      }
      for (int c = 0; c < 4; c++) {
        assertThat(mixed.get(1)[i * 4 + c])
            .isEqualTo(
                lambda[i] * TARGETS[i][c] + (1 - lambda[i]) * TARGETS[other][c], within(1e-6f));
      }
    }
  }

  @Test
  void cutmixPastesTheRectangleOfTheOtherImageBitForBitAndCountsItsArea() {
    List<float[]> mixed =
        mix(
            (tf, mixing) ->
                mixing.cutmix(
                    new Rectangles(
                        tf.constant(new float[] {2, 0, 0, 9}),
                        tf.constant(new float[] {1, 0, 0, 7}),
                        tf.constant(new float[] {7, 10, 0, 10}),
                        tf.constant(new float[] {5, 8, 0, 8}))));

    int[][] boxes = {{2, 1, 7, 5}, {0, 0, 10, 8}, {0, 0, 0, 0}, {9, 7, 10, 8}};
    Images images = IMAGES.with(mixed.get(0));
    for (int i = 0; i < COUNT; i++) {
      int[] box = boxes[i];
      for (int y = 0; y < HEIGHT; y++) {
        for (int x = 0; x < WIDTH; x++) {
          boolean inside = y >= box[0] && y < box[2] && x >= box[1] && x < box[3];
          assertThat(images.at(i, y, x, 1))
              .isEqualTo(IMAGES.at(inside ? COUNT - 1 - i : i, y, x, 1));
        }
      }
      float pasted = (box[2] - box[0]) * (box[3] - box[1]) / (float) PIXELS;
      for (int c = 0; c < 4; c++) {
        assertThat(mixed.get(1)[i * 4 + c])
            .isEqualTo(
                (1 - pasted) * TARGETS[i][c] + pasted * TARGETS[COUNT - 1 - i][c], within(1e-6f));
      }
    }
  }

  /** As rand_bbox of github.com/clovaai/CutMix-PyTorch computes them. */
  @Test
  void rectanglesOfCutmixAreThoseOfThePublishedCode() {
    float[] lambda = {0.75f, 0.75f, 0, 1};
    float[] x = {0.5f, 0, 0.99f, 0.5f};
    float[] y = {0.5f, 0.95f, 0.5f, 0.5f};

    List<float[]> ends =
        IMAGES.runAll(
            (tf, images) -> {
              Rectangles r =
                  new MixupCutmix(tf, HEIGHT, WIDTH)
                      .rectangles(tf.constant(lambda), tf.constant(x), tf.constant(y));
              return List.of(r.top(), r.left(), r.bottom(), r.right());
            });

    for (int i = 0; i < COUNT; i++) {
      double side = Math.sqrt(1 - lambda[i]);
      int h = (int) (HEIGHT * side);
      int w = (int) (WIDTH * side);
      int middleY = (int) (HEIGHT * y[i]);
      int middleX = (int) (WIDTH * x[i]);
      assertThat(ends.get(0)[i]).isEqualTo(Math.max(0, middleY - h / 2));
      assertThat(ends.get(1)[i]).isEqualTo(Math.max(0, middleX - w / 2));
      assertThat(ends.get(2)[i]).isEqualTo(Math.min(HEIGHT, middleY + h / 2));
      assertThat(ends.get(3)[i]).isEqualTo(Math.min(WIDTH, middleX + w / 2));
    }
  }

  // ---- What is drawn ----

  /** The weights of the targets and of the first two pixels of 1000 images. */
  private static List<float[]> draw(Consumer<AugmentationSpecBuilder> settings) {
    AugmentationSpec spec = TinyData.run().augmentation(settings).build().augmentation();
    return Images.random(1, 1, 1, 1, 1)
        .runAll(
            (tf, images) -> {
              MixupCutmix.Shares shares =
                  new MixupCutmix(tf, HEIGHT, WIDTH)
                      .draw(
                          spec, new Draws(tf, tf.constant(1L), tf.constant(2L), tf.constant(1000)));
              return List.of(
                  shares.target(),
                  tf.broadcastTo(shares.pixels(), tf.constant(new int[] {1000, HEIGHT, WIDTH, 1})));
            });
  }

  @Test
  void targetIsWhatIsLeftOfThePixelsHoweverTheyAreMixed() {
    for (Consumer<AugmentationSpecBuilder> settings :
        List.<Consumer<AugmentationSpecBuilder>>of(
            a -> a.mixup(0.4), a -> a.cutmix(1), a -> a.mixup(0.4).cutmix(1).mixProbability(0.7))) {
      List<float[]> shares = draw(settings);
      for (int i = 0; i < 1000; i++) {
        double sum = 0;
        for (int p = 0; p < PIXELS; p++) {
          sum += shares.get(1)[i * PIXELS + p];
        }
        assertThat(sum / PIXELS).isEqualTo(shares.get(0)[i], within(1e-5));
      }
    }
  }

  @Test
  void withBothACoinDecidesForEveryImage() {
    List<float[]> shares = draw(a -> a.mixup(1000).cutmix(1000));

    int sums = 0;
    for (int i = 0; i < 1000; i++) {
      float pixel = shares.get(1)[i * PIXELS];
      // A mixup of so large an alpha is half of each; a pixel of a cutmix is of one.
      sums += Math.abs(pixel - 0.5) < 0.2 ? 1 : 0;
    }
    assertThat(sums).isBetween(420, 580);
  }

  @Test
  void theRestOfTheImagesStaysAsItIs() {
    List<float[]> shares = draw(a -> a.mixup(1000).mixProbability(0.2));

    int mixed = 0;
    for (float share : shares.get(0)) {
      mixed += share == 1 ? 0 : 1;
    }
    // Five standard deviations of sqrt(1000 * 0.2 * 0.8) = 12.6.
    assertThat(mixed).isBetween(137, 263);
  }
}
