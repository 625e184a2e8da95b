package dev.mlit.augment;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import dev.mlit.data.Batch;
import dev.mlit.data.Batches;
import dev.mlit.data.Dataset;
import dev.mlit.spec.InvalidInputException;
import dev.mlit.spec.RunSpec;
import dev.mlit.testing.TinyData;
import java.awt.image.BufferedImage;
import java.util.List;
import org.junit.jupiter.api.Test;

/**
 * The picture of augmented images. If it fails, it shows something else than what a run trains on,
 * and a recipe that ruins images looks good.
 */
class AugmentationSheetTest {
  private static final Dataset IMAGES = TinyData.dataset(30, 6);

  private static Batch batch() {
    return Batches.shuffled(IMAGES.train(), IMAGES.shape(), 4, 1, 1).iterator().next();
  }

  @Test
  void withoutAugmentationImagesAndLabelsAreThoseOfTheBatch() {
    Batch batch = batch();
    try (AugmentedImages images = new AugmentedImages(TinyData.run().build())) {
      AugmentedImages.Variant variant = images.of(batch, 0);

      assertThat(variant.pixels()).isEqualTo(batch.pixels());
      for (int i = 0; i < batch.size(); i++) {
        float[] expected = new float[3];
        expected[batch.labels()[i]] = 1;
        assertThat(variant.targets()[i]).isEqualTo(expected);
      }
    }
  }

  @Test
  void variantsAreThoseOfTheStepsOfTheRun() {
    RunSpec run = TinyData.run().augmentation(a -> a.rotation(30).mixup(0.5)).build();
    try (AugmentedImages images = new AugmentedImages(run);
        AugmentedImages again = new AugmentedImages(run)) {
      AugmentedImages.Variant first = images.of(batch(), 5);

      assertThat(again.of(batch(), 5).pixels()).isEqualTo(first.pixels());
      assertThat(again.of(batch(), 5).targets()).isDeepEqualTo(first.targets());
      assertThat(again.of(batch(), 6).pixels()).isNotEqualTo(first.pixels());
    }
  }

  @Test
  void pictureHasARowForEveryImageAndAColumnForEveryVariant() {
    RunSpec run = TinyData.run().augmentation(a -> a.flip(true)).build();

    BufferedImage small = AugmentationSheet.of(run, IMAGES, 2, 3);

    BufferedImage higher = AugmentationSheet.of(run, IMAGES, 5, 3);
    BufferedImage wider = AugmentationSheet.of(run, IMAGES, 2, 9);
    // Images of 8x8 are shown as 96x96, 4 pixels apart.
    assertThat(higher.getHeight() - small.getHeight()).isEqualTo(3 * 100);
    // The names of further classes may be wider; there is no further column.
    assertThat(higher.getWidth() - small.getWidth()).isLessThan(96);
    assertThat(wider.getHeight()).isEqualTo(small.getHeight());
    assertThat(wider.getWidth()).isGreaterThan(small.getWidth());
  }

  @Test
  void imagesThatAreMixedSayOfWhat() {
    RunSpec plain = TinyData.run().augmentation(a -> a.flip(true)).build();
    RunSpec mixed = TinyData.run().augmentation(a -> a.flip(true).mixup(1)).build();

    assertThat(AugmentationSheet.of(mixed, IMAGES, 4, 3).getHeight())
        .isGreaterThan(AugmentationSheet.of(plain, IMAGES, 4, 3).getHeight());
  }

  @Test
  void datasetOfAnotherNumberOfClassesIsRefused() {
    Dataset other = TinyData.dataset(List.of("a", "b"), 4, 4);
    assertThatExceptionOfType(InvalidInputException.class)
        .isThrownBy(() -> AugmentationSheet.of(TinyData.run().build(), other, 2, 2))
        .withMessageStartingWith("model.classes: 3 must be the number of classes of dataset tiny");
  }
}
