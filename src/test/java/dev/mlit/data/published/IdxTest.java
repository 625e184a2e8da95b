package dev.mlit.data.published;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

import dev.mlit.data.Split;
import dev.mlit.spec.InvalidInputException;
import java.io.ByteArrayInputStream;
import org.junit.jupiter.api.Test;

/** If this fails, images get the labels of other images, and no one sees why accuracy is low. */
class IdxTest {
  private final Idx images =
      IdxReader.images("pictures", new ByteArrayInputStream(IdxBytes.twoImages()));

  @Test
  void pairsImagesWithLabels() {
    Split split = images.labelled(labels(9, 0), 10);
    assertThat(split.size()).isEqualTo(2);
    assertThat(split.label(0)).isEqualTo(9);
    assertThat(split.label(1)).isZero();
    byte[] pixels = new byte[6];
    split.pixels(1, pixels, 0);
    assertThat(pixels).containsExactly(6, 7, 8, 9, 10, 11);
  }

  @Test
  void refusesAnotherNumberOfLabels() {
    assertThatExceptionOfType(InvalidInputException.class)
        .isThrownBy(() -> images.labelled(labels(1, 2, 3), 10))
        .withMessage("names: 3 labels, must be 2, one for every image of pictures");
    assertThatExceptionOfType(InvalidInputException.class)
        .isThrownBy(() -> images.labelled(labels(1), 10))
        .withMessage("names: 1 labels, must be 2, one for every image of pictures");
  }

  @Test
  void refusesLabelsBeyondTheLastClass() {
    assertThatExceptionOfType(InvalidInputException.class)
        .isThrownBy(() -> images.labelled(labels(9, 10), 10))
        .withMessage("names: label 10 of image 1 must be below 10, the number of classes");
    assertThatExceptionOfType(InvalidInputException.class)
        .isThrownBy(() -> images.labelled(labels(255, 0), 255))
        .withMessage("names: label 255 of image 0 must be below 255, the number of classes");
  }

  @Test
  void labelsHaveNoImages() {
    assertThatIllegalStateException()
        .isThrownBy(() -> labels(1, 2).labelled(labels(1, 2), 10))
        .withMessage("names: holds no images, its rank is 1");
  }

  private static Idx labels(int... labels) {
    return IdxReader.labels("names", new ByteArrayInputStream(IdxBytes.labels(labels)));
  }
}
