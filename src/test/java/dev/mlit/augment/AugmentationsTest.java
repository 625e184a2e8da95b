package dev.mlit.augment;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.mlit.augment.Augmentations.Augmented;
import dev.mlit.spec.AugmentationSpecBuilder;
import dev.mlit.spec.ImageShape;
import dev.mlit.spec.RunSpec;
import dev.mlit.testing.TinyData;
import java.util.Arrays;
import java.util.List;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;
import org.tensorflow.Operand;
import org.tensorflow.ndarray.Shape;
import org.tensorflow.op.Ops;
import org.tensorflow.types.TFloat32;
import org.tensorflow.types.TInt64;

/**
 * What training images go through. If it fails, models learn from damaged images, or a run cannot
 * be repeated.
 */
class AugmentationsTest {
  private static final int COUNT = 1000;
  private static final int HEIGHT = 3;
  private static final int WIDTH = 5;
  private static final int CHANNELS = 3;
  private static final int CLASSES = 4;

  private static final Images IMAGES = Images.random(1, COUNT, HEIGHT, WIDTH, CHANNELS);

  @Test
  void flipMirrorsAboutHalfOfTheImagesAndLeavesTheRestBitForBit() {
    Images augmented = flip(IMAGES, 1, 0);

    int mirrored = 0;
    for (int i = 0; i < COUNT; i++) {
      if (!Arrays.equals(augmented.image(i), IMAGES.image(i))) {
        assertThat(augmented.image(i)).as("image " + i).isEqualTo(mirror(IMAGES, i));
        mirrored++;
      }
    }
    // Five standard deviations of a fair coin: sqrt(1000) / 2 = 15.8.
    assertThat(mirrored).isBetween(COUNT / 2 - 80, COUNT / 2 + 80);
  }

  @Test
  void flipIsAFunctionOfSeedAndStep() {
    boolean[] mirrored = mirrored(IMAGES, 1, 7);

    assertThat(mirrored(IMAGES, 1, 7)).isEqualTo(mirrored);
    assertThat(mirrored(IMAGES, 1, 8)).isNotEqualTo(mirrored);
    assertThat(mirrored(IMAGES, 2, 7)).isNotEqualTo(mirrored);
  }

  @Test
  void flipDoesNotLookAtTheImages() {
    assertThat(mirrored(Images.random(2, COUNT, HEIGHT, WIDTH, CHANNELS), 1, 7))
        .isEqualTo(mirrored(IMAGES, 1, 7));
  }

  @Test
  void flipDiffersFromStepToStepAsIndependentCoinsDo() {
    boolean[] first = mirrored(IMAGES, 1, 1);
    boolean[] second = mirrored(IMAGES, 1, 2);

    int equal = 0;
    for (int i = 0; i < COUNT; i++) {
      equal += first[i] == second[i] ? 1 : 0;
    }
    assertThat(equal).isBetween(COUNT / 2 - 80, COUNT / 2 + 80);
  }

  @Test
  void withoutAugmentationImagesAndTargetsAreTheSameOperands() {
    IMAGES.runAll(
        (tf, images) -> {
          Augmented batch = new Augmented(images, targets(tf));

          Augmented augmented = augment(tf, batch, a -> {}, 1, 0);

          assertThat(augmented.images()).isSameAs(batch.images());
          assertThat(augmented.targets()).isSameAs(batch.targets());
          return List.of(augmented.targets());
        });
  }

  @Test
  void flipWithAnotherChangeMirrorsTheSameImages() {
    // A crop of the whole image changes nothing, but goes the way of all that is resampled.
    List<float[]> both =
        IMAGES.runAll(
            (tf, images) -> {
              Augmented batch = new Augmented(images, targets(tf));
              return List.of(
                  augment(tf, batch, a -> a.flip(true), 1, 7).images(),
                  augment(tf, batch, a -> a.flip(true).randomResizedCrop(1, 1, 1.6, 1.6), 1, 7)
                      .images());
            });

    assertThat(both.get(1)).containsExactly(both.get(0), within(2e-6f));
  }

  @Test
  void everythingAtOnceIsAFunctionOfSeedAndStepAndStaysInItsRange() {
    List<float[]> first = everything(1, 7);

    assertThat(everything(1, 7)).usingRecursiveComparison().isEqualTo(first);
    assertThat(everything(1, 8).get(0)).isNotEqualTo(first.get(0));
    assertThat(everything(2, 7).get(0)).isNotEqualTo(first.get(0));
    for (float value : first.get(0)) {
      assertThat(value).isBetween(0f, 1f);
    }
    for (int i = 0; i < COUNT; i++) {
      float sum = 0;
      for (int c = 0; c < CLASSES; c++) {
        sum += first.get(1)[i * CLASSES + c];
      }
      assertThat(sum).isEqualTo(1, within(1e-5f));
    }
  }

  @Test
  void anotherAugmentationLeavesTheDrawsOfTheOthers() {
    boolean[] mirrored = mirrored(IMAGES, 1, 7);
    Images changed =
        IMAGES.run(
            (tf, images) ->
                augment(
                        tf,
                        new Augmented(images, targets(tf)),
                        a -> a.flip(true).colorJitter(0.001, 0, 0, 0),
                        1,
                        7)
                    .images());

    for (int i = 0; i < COUNT; i++) {
      float expected = IMAGES.at(i, 0, mirrored[i] ? WIDTH - 1 : 0, 0);
      assertThat(changed.at(i, 0, 0, 0)).isEqualTo(expected, within(0.002f));
    }
  }

  @Test
  void verticalFlipAndOperationsLeaveTheDrawsOfTheOthers() {
    // Rounding to bytes must not change the images, so they are bytes.
    Images bytes = IMAGES.with(bytes(IMAGES.values()));
    boolean[] mirrored = mirrored(IMAGES, 1, 7);
    List<float[]> views =
        bytes.runAll(
            (tf, images) -> {
              Augmented batch = new Augmented(images, targets(tf));
              return List.of(
                  augment(tf, batch, a -> a.verticalFlip(true).randAugment(1, 0), 1, 7).images(),
                  augment(tf, batch, a -> a.flip(true).verticalFlip(true).randAugment(1, 0), 1, 7)
                      .images());
            });

    Images without = bytes.with(views.get(0));
    Images with = bytes.with(views.get(1));
    int compared = 0;
    for (int i = 0; i < COUNT; i++) {
      float[] expected = mirrored[i] ? mirror(without, i) : without.image(i);
      // What stretches or equalizes a channel is not changed by a mirror, and magnitude 0 moves
      // nothing; what rounds, rounds both alike.
      assertThat(with.image(i)).containsExactly(expected, within(1e-6f));
      compared += mirrored[i] ? 1 : 0;
    }
    assertThat(compared).isGreaterThan(COUNT / 3);
  }

  private static float[] bytes(float[] values) {
    float[] rounded = new float[values.length];
    for (int i = 0; i < values.length; i++) {
      rounded[i] = Math.round(255 * values[i]) / 255f;
    }
    return rounded;
  }

  @Test
  void operationsComeBeforeTheErasing() {
    // The noise of the erasing is no byte, as images are after an operation.
    Images augmented =
        IMAGES.run(
            (tf, images) ->
                augment(
                        tf,
                        new Augmented(images, targets(tf)),
                        a -> a.trivialAugmentWide().randomErasing(1, 1, 1),
                        1,
                        7)
                    .images());

    int bytes = 0;
    for (float value : augmented.values()) {
      bytes += Math.abs(255 * value - Math.round(255 * value)) < 1e-4 ? 1 : 0;
    }
    assertThat(bytes).isLessThan(augmented.values().length / 100);
  }

  @Test
  void smoothingSpreadsAPartOfEveryLabelOverAllClasses() {
    float[] targets =
        Images.numbers(tf -> Augmentations.targets(tf, tf.constant(new int[] {2, 0}), 4, 0.2));

    float[] expected = {0.05f, 0.05f, 0.85f, 0.05f, 0.85f, 0.05f, 0.05f, 0.05f};
    assertThat(targets).containsExactly(expected, within(1e-6f));
  }

  @Test
  void withoutSmoothingALabelIsOneAndAllElseZero() {
    float[] targets =
        Images.numbers(tf -> Augmentations.targets(tf, tf.constant(new int[] {1}), 3, 0));

    assertThat(targets).containsExactly(0, 1, 0);
  }

  private static List<float[]> everything(long seed, long step) {
    return IMAGES.runAll(
        (tf, images) -> {
          Augmented augmented =
              augment(
                  tf,
                  new Augmented(images, targets(tf)),
                  a ->
                      a.flip(true)
                          .randomResizedCrop(0.3, 1)
                          .randomCrop(1)
                          .rotation(45)
                          .translation(0.3)
                          .colorJitter(0.5, 0.5, 0.5, 0.2)
                          .randomErasing(0.5)
                          .mixup(0.4)
                          .cutmix(1)
                          .mixProbability(0.8)
                          .verticalFlip(true)
                          .randAugment(2, 9),
                  seed,
                  step);
          return List.of(augmented.images(), augmented.targets());
        });
  }

  private static Operand<TFloat32> targets(Ops tf) {
    int[] labels = new int[COUNT];
    Arrays.setAll(labels, i -> i % CLASSES);
    return Augmentations.targets(tf, tf.constant(labels), CLASSES, 0.1);
  }

  private static Augmented augment(
      Ops tf, Augmented batch, Consumer<AugmentationSpecBuilder> settings, long seed, long step) {
    RunSpec run =
        TinyData.run()
            .model(TinyData.model().toBuilder().image(8, 8, 3).build())
            .augmentation(settings)
            .build();
    // As in training, the step is not known to the graph.
    Operand<TInt64> fed = tf.placeholderWithDefault(tf.constant(step), Shape.scalar());
    return Augmentations.apply(
        tf,
        run.augmentation(),
        new ImageShape(HEIGHT, WIDTH, CHANNELS),
        batch,
        tf.constant(seed),
        fed);
  }

  private static boolean[] mirrored(Images images, long seed, long step) {
    Images augmented = flip(images, seed, step);
    boolean[] mirrored = new boolean[COUNT];
    for (int i = 0; i < COUNT; i++) {
      mirrored[i] = augmented.at(i, 0, 0, 0) != images.at(i, 0, 0, 0);
    }
    return mirrored;
  }

  private static Images flip(Images images, long seed, long step) {
    return images.run(
        (tf, operand) ->
            augment(tf, new Augmented(operand, targets(tf)), a -> a.flip(true), seed, step)
                .images());
  }

  private static float[] mirror(Images images, int image) {
    return Images.of(1, HEIGHT, WIDTH, CHANNELS, (y, x, c) -> images.at(image, y, WIDTH - 1 - x, c))
        .values();
  }
}
