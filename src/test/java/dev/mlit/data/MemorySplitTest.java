package dev.mlit.data;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import org.junit.jupiter.api.Test;

/** If this fails, data that a user loaded himself is read from the wrong place. */
class MemorySplitTest {
  private final MemorySplit split =
      new MemorySplit(new byte[] {1, 2, 3, 4, 5, 6}, new int[] {1, 0, 1}, 2);

  @Test
  void copiesAnImageToTheOffset() {
    byte[] target = new byte[4];
    split.pixels(2, target, 1);
    assertThat(target).containsExactly(0, 5, 6, 0);
    assertThat(split.size()).isEqualTo(3);
    assertThat(split.label(1)).isZero();
  }

  @Test
  void refusesAnIndexBeyondTheLastImage() {
    assertThatExceptionOfType(IndexOutOfBoundsException.class)
        .isThrownBy(() -> split.pixels(3, new byte[2], 0));
    assertThatExceptionOfType(IndexOutOfBoundsException.class)
        .isThrownBy(() -> split.pixels(-1, new byte[2], 0));
    assertThatExceptionOfType(IndexOutOfBoundsException.class).isThrownBy(() -> split.label(3));
  }

  @Test
  void refusesATargetThatIsTooSmall() {
    assertThatExceptionOfType(IndexOutOfBoundsException.class)
        .isThrownBy(() -> split.pixels(0, new byte[2], 1));
  }

  @Test
  void refusesPixelsThatDoNotMatchTheLabels() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> new MemorySplit(new byte[5], new int[3], 2))
        .withMessage("5 bytes of pixels, must be 6 for 3 labels and 2 bytes per image");
  }

  @Test
  void refusesNegativeLabels() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> new MemorySplit(new byte[2], new int[] {0, -1}, 1))
        .withMessage("label -1 of image 1 must be at least 0");
  }

  @Test
  void refusesImagesWithoutBytes() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> new MemorySplit(new byte[0], new int[2], 0))
        .withMessage("bytesPerImage 0 must be at least 1");
  }
}
