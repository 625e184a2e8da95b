package dev.mlit.augment;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.awt.Color;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.tensorflow.Operand;
import org.tensorflow.op.Ops;
import org.tensorflow.types.TFloat32;

/**
 * Colour jitter against its formulas, and for the hue against Java's own conversion. If it fails,
 * models learn from colours that no camera makes, or from values outside of [0, 1].
 */
class ColorJitterTest {
  private static final Images RGB = Images.random(1, 2, 4, 4, 3);
  private static final Images GRAY = Images.random(2, 2, 4, 4, 1);

  @Test
  void brightnessMultipliesAndCutsOff() {
    Images changed =
        RGB.run((tf, images) -> new ColorJitter(tf, 3).brightness(images, factors(tf, 0.5f, 1.6f)));

    for (int i = 0; i < changed.image(0).length; i++) {
      assertThat(changed.image(0)[i]).isEqualTo(0.5f * RGB.image(0)[i], within(1e-6f));
      assertThat(changed.image(1)[i]).isEqualTo(Math.min(1, 1.6f * RGB.image(1)[i]), within(1e-6f));
    }
  }

  @Test
  void contrastKeepsTheMeanGrayAndScalesWhatIsAway() {
    Images changed =
        RGB.run((tf, images) -> new ColorJitter(tf, 3).contrast(images, factors(tf, 0.5f, 1.9f)));

    for (int image = 0; image < 2; image++) {
      double mean = 0;
      for (int y = 0; y < 4; y++) {
        for (int x = 0; x < 4; x++) {
          mean += gray(RGB, image, y, x) / 16;
        }
      }
      double factor = image == 0 ? 0.5 : 1.9;
      for (int i = 0; i < changed.image(image).length; i++) {
        assertThat((double) changed.image(image)[i])
            .isEqualTo(cutOff(mean + factor * (RGB.image(image)[i] - mean)), within(1e-5));
      }
    }
  }

  @Test
  void contrastOfGrayImagesGoesByTheirMean() {
    Images changed =
        GRAY.run((tf, images) -> new ColorJitter(tf, 1).contrast(images, factors(tf, 0, 1)));

    float[] first = GRAY.image(0);
    double mean = 0;
    for (float value : first) {
      mean += value / first.length;
    }
    for (float value : changed.image(0)) {
      assertThat((double) value).isEqualTo(mean, within(1e-6));
    }
    assertClose(changed.image(1), GRAY.image(1));
  }

  @Test
  void saturationScalesWhatIsAwayFromThePixelsGray() {
    Images changed =
        RGB.run((tf, images) -> new ColorJitter(tf, 3).saturation(images, factors(tf, 0, 1.5f)));

    for (int y = 0; y < 4; y++) {
      for (int x = 0; x < 4; x++) {
        for (int c = 0; c < 3; c++) {
          double gray = gray(RGB, 1, y, x);
          assertThat((double) changed.at(0, y, x, c)).isEqualTo(gray(RGB, 0, y, x), within(1e-5));
          assertThat((double) changed.at(1, y, x, c))
              .isEqualTo(cutOff(gray + 1.5 * (RGB.at(1, y, x, c) - gray)), within(1e-5));
        }
      }
    }
  }

  @ParameterizedTest
  @ValueSource(floats = {-0.5f, -0.2f, 0.1f, 0.37f, 0.5f})
  void hueTurnsAsJavaTurnsIt(float turn) {
    Images changed =
        RGB.run((tf, images) -> new ColorJitter(tf, 3).hue(images, factors(tf, turn, turn)));

    for (int y = 0; y < 4; y++) {
      for (int x = 0; x < 4; x++) {
        float[] hsb =
            Color.RGBtoHSB(
                Math.round(255 * RGB.at(0, y, x, 0)),
                Math.round(255 * RGB.at(0, y, x, 1)),
                Math.round(255 * RGB.at(0, y, x, 2)),
                null);
        Color expected = new Color(Color.HSBtoRGB(hsb[0] + turn, hsb[1], hsb[2]));
        // Java rounds colours to 255 steps, and a hue by what is left of them.
        assertThat(changed.at(0, y, x, 0)).isEqualTo(expected.getRed() / 255f, within(0.02f));
        assertThat(changed.at(0, y, x, 1)).isEqualTo(expected.getGreen() / 255f, within(0.02f));
        assertThat(changed.at(0, y, x, 2)).isEqualTo(expected.getBlue() / 255f, within(0.02f));
      }
    }
  }

  @Test
  void factorsOfOneAndNoTurnLeaveEverything() {
    Images changed =
        RGB.run(
            (tf, images) -> {
              ColorJitter colors = new ColorJitter(tf, 3);
              Operand<TFloat32> one = factors(tf, 1, 1);
              Operand<TFloat32> same = colors.contrast(colors.brightness(images, one), one);
              return colors.hue(colors.saturation(same, one), factors(tf, 0, 0));
            });

    assertClose(changed.values(), RGB.values());
  }

  private static void assertClose(float[] actual, float[] expected) {
    assertThat(actual).containsExactly(expected, within(1e-5f));
  }

  private static Operand<TFloat32> factors(Ops tf, float first, float second) {
    return tf.constant(new float[] {first, second});
  }

  private static double gray(Images images, int image, int y, int x) {
    return 0.299 * images.at(image, y, x, 0)
        + 0.587 * images.at(image, y, x, 1)
        + 0.114 * images.at(image, y, x, 2);
  }

  private static double cutOff(double value) {
    return Math.max(0, Math.min(1, value));
  }
}
