package dev.mlit.data;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import dev.mlit.spec.ImageShape;
import dev.mlit.spec.text.NumberRule;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * If this fails, a study of few labels compares arms that saw other images, or classes of which
 * there were no images at all.
 */
class LabelFractionTest {
  /** 40 images of class 0, 20 of class 1, 3 of class 2; every pixel is the number of its image. */
  private static final Dataset DATA = data();

  private static Dataset data() {
    byte[] pixels = new byte[63];
    int[] labels = new int[63];
    for (int i = 0; i < 63; i++) {
      pixels[i] = (byte) i;
      labels[i] = i < 40 ? 0 : i < 60 ? 1 : 2;
    }
    Split split = new MemorySplit(pixels, labels, 1);
    return Dataset.of("numbers", List.of("a", "b", "c"), new ImageShape(1, 1, 1), split, split);
  }

  private static List<Integer> images(Dataset data) {
    List<Integer> images = new ArrayList<>();
    byte[] pixel = new byte[1];
    for (int i = 0; i < data.train().size(); i++) {
      data.train().pixels(i, pixel, 0);
      images.add((int) pixel[0]);
      assertThat(data.train().label(i)).isEqualTo(DATA.train().label(pixel[0]));
    }
    return images;
  }

  @Test
  void everyClassKeepsItsShareAndAtLeastOne() {
    List<Integer> images = images(DATA.withLabels(0.1, 1));
    assertThat(images).filteredOn(i -> i < 40).hasSize(4);
    assertThat(images).filteredOn(i -> i >= 40 && i < 60).hasSize(2);
    assertThat(images).filteredOn(i -> i >= 60).hasSize(1);
    assertThat(images).isSorted().doesNotHaveDuplicates();
  }

  @Test
  void aSmallerShareOfTheSameSeedIsAPartOfALargerOne() {
    assertThat(images(DATA.withLabels(0.5, 7))).containsAll(images(DATA.withLabels(0.1, 7)));
  }

  @Test
  void theSeedDecidesAndNothingElse() {
    assertThat(images(DATA.withLabels(0.3, 1))).isEqualTo(images(DATA.withLabels(0.3, 1)));
    assertThat(images(DATA.withLabels(0.3, 1))).isNotEqualTo(images(DATA.withLabels(0.3, 2)));
  }

  @Test
  void allOfThemAreAll() {
    assertThat(images(DATA.withLabels(1, 1))).isEqualTo(images(DATA));
  }

  @Test
  void testImagesAreAllThere() {
    assertThat(DATA.withLabels(0.1, 1).test()).isSameAs(DATA.test());
  }

  @ParameterizedTest
  @ValueSource(doubles = {0, 1.0000001, Double.NaN})
  void refusesWhatIsNoShare(double fraction) {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> DATA.withLabels(fraction, 1))
        .withMessage("fraction " + NumberRule.text(fraction) + " must be above 0 and at most 1");
  }
}
