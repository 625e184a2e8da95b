package dev.mlit.data;

import static org.assertj.core.api.Assertions.assertThat;

import dev.mlit.spec.ImageShape;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/**
 * Sampling of unbalanced classes. If this fails, a model forgets its small classes, or a run cannot
 * go on where it was stopped.
 */
class BalancedOrderTest {
  private static final ImageShape SHAPE = new ImageShape(1, 1, 1);

  /** 12 images, of which 9 are of class 0, 2 of class 1 and one of class 2. */
  private static Split split() {
    byte[] pixels = new byte[12];
    int[] labels = new int[12];
    for (int i = 0; i < 12; i++) {
      pixels[i] = (byte) i;
      labels[i] = i < 9 ? 0 : i < 11 ? 1 : 2;
    }
    return new MemorySplit(pixels, labels, 1);
  }

  private static List<Integer> images(Batches batches) {
    List<Integer> images = new ArrayList<>();
    for (Batch batch : batches) {
      for (int i = 0; i < batch.size(); i++) {
        images.add((int) batch.pixels()[i]);
      }
    }
    return images;
  }

  @Test
  void everyClassComesAsOften() {
    List<Integer> images = images(Batches.balanced(split(), SHAPE, 5, 1, 1));
    assertThat(images).hasSize(12);
    assertThat(images.stream().filter(i -> i < 9).distinct()).hasSize(4);
    assertThat(images.stream().filter(i -> i == 9)).hasSize(2);
    assertThat(images.stream().filter(i -> i == 10)).hasSize(2);
    assertThat(images.stream().filter(i -> i == 11)).hasSize(4);
  }

  @Test
  void anEpochIsTheSameAgainAndAnotherOneIsNot() {
    List<Integer> first = images(Batches.balanced(split(), SHAPE, 5, 1, 1));
    assertThat(images(Batches.balanced(split(), SHAPE, 5, 1, 1))).isEqualTo(first);
    assertThat(images(Batches.balanced(split(), SHAPE, 5, 1, 2))).isNotEqualTo(first);
    assertThat(images(Batches.balanced(split(), SHAPE, 5, 2, 1))).isNotEqualTo(first);
  }

  @Test
  void aResumedEpochGoesOnWhereItWas() {
    Batches all = Batches.balanced(split(), SHAPE, 5, 1, 1);
    assertThat(images(all.startingAt(1))).isEqualTo(images(all).subList(5, 12));
  }
}
