package dev.mlit.augment;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.mlit.spec.AugmentationSpec;
import dev.mlit.spec.AugmentationSpec.Fill;
import dev.mlit.spec.AugmentationSpecBuilder;
import dev.mlit.spec.RunSpec;
import dev.mlit.testing.TinyData;
import java.awt.geom.AffineTransform;
import java.awt.geom.Point2D;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import java.util.function.Function;
import org.junit.jupiter.api.Test;
import org.tensorflow.Operand;
import org.tensorflow.op.Ops;
import org.tensorflow.types.TFloat32;

/**
 * Crops, flip, rotation and translation, against exact small cases, Java's own AffineTransform and
 * TensorFlow's CropAndResize. If it fails, models learn from images that are blurred, cut or turned
 * in other ways than the recipe says.
 */
class GeometryTest {
  private static final int COUNT = 3;
  private static final Images IMAGES = Images.random(1, COUNT, 6, 5, 3);
  private static final Images SQUARE = Images.random(2, COUNT, 5, 5, 2);

  /** What is done to every image; nothing, unless set. */
  private static final class Settings {
    private float mirror = 1;
    private double angle;
    private float moveX;
    private float moveY;
    private float shiftX;
    private float shiftY;
    private float top;
    private float left;
    private float height = 1;
    private float width = 1;
    private Fill fill = Fill.BLACK;

    private Geometry.Change change(Ops tf) {
      return new Geometry.Change(
          each(tf, mirror),
          each(tf, (float) angle),
          each(tf, moveX),
          each(tf, moveY),
          each(tf, shiftX),
          each(tf, shiftY),
          new Geometry.Part(each(tf, top), each(tf, left), each(tf, height), each(tf, width)));
    }

    private static Operand<TFloat32> each(Ops tf, float value) {
      return tf.constant(new float[] {value, value, value});
    }
  }

  private static Images change(Images images, Consumer<Settings> changes) {
    Settings settings = new Settings();
    changes.accept(settings);
    return images.run(
        (tf, operand) ->
            new Geometry(tf, images.height(), images.width())
                .apply(operand, settings.change(tf), settings.fill));
  }

  // ---- Exact cases ----

  @Test
  void wholeImageStaysBitForBit() {
    assertThat(change(IMAGES, s -> {}).values()).isEqualTo(IMAGES.values());
  }

  @Test
  void mirroredImageIsThatOfTheReversedRowsBitForBit() {
    Images mirrored = change(IMAGES, s -> s.mirror = -1);

    assertPixels(mirrored, 0, (i, y, x, c) -> IMAGES.at(i, y, 4 - x, c));
  }

  @Test
  void quarterTurnIsCounterclockwise() {
    Images turned = change(SQUARE, s -> s.angle = Math.PI / 2);

    // As numpy.rot90 does it: the right column becomes the upper row.
    assertPixels(turned, 1e-5, (i, y, x, c) -> SQUARE.at(i, x, 4 - y, c));
  }

  @Test
  void halfTurnReversesRowsAndColumns() {
    Images turned = change(IMAGES, s -> s.angle = Math.PI);

    assertPixels(turned, 1e-5, (i, y, x, c) -> IMAGES.at(i, 5 - y, 4 - x, c));
  }

  @Test
  void translationMovesRightAndDownAndLeavesBlackBehind() {
    Images moved =
        change(
            IMAGES,
            s -> {
              s.moveX = 2;
              s.moveY = 1;
            });

    assertPixels(moved, 0, (i, y, x, c) -> y < 1 || x < 2 ? 0 : IMAGES.at(i, y - 1, x - 2, c));
  }

  @Test
  void paddedCropIsTheImageSeenFromFurtherRightAndDown() {
    Images cut =
        change(
            IMAGES,
            s -> {
              s.shiftX = 1;
              s.shiftY = -2;
            });

    assertPixels(cut, 0, (i, y, x, c) -> y < 2 || x > 3 ? 0 : IMAGES.at(i, y - 2, x + 1, c));
  }

  @Test
  void nearestFillRepeatsTheEdge() {
    Images moved =
        change(
            IMAGES,
            s -> {
              s.moveX = 2;
              s.fill = Fill.NEAREST;
            });

    assertPixels(moved, 0, (i, y, x, c) -> IMAGES.at(i, y, Math.max(0, x - 2), c));
  }

  @Test
  void reflectFillMirrorsTheImageAtItsEdge() {
    Images moved =
        change(
            IMAGES,
            s -> {
              s.moveX = 2;
              s.fill = Fill.REFLECT;
            });

    assertPixels(moved, 0, (i, y, x, c) -> IMAGES.at(i, y, x < 2 ? 1 - x : x - 2, c));
  }

  // ---- Against other implementations ----

  @Test
  void partIsWhatCropAndResizeMakesOfIt() {
    Images cut =
        change(
            IMAGES,
            s -> {
              s.top = 0.25f;
              s.left = 0.1f;
              s.height = 0.5f;
              s.width = 0.75f;
            });

    Images expected =
        IMAGES.run(
            (tf, images) -> {
              float[] box = {0.25f, 0.1f, 0.75f, 0.85f};
              return tf.image.cropAndResize(
                  images,
                  tf.constant(new float[][] {box, box, box}),
                  tf.constant(new int[] {0, 1, 2}),
                  tf.constant(new int[] {6, 5}));
            });
    assertPixels(cut, 1e-5, expected::at);
  }

  /**
   * All at once, on a ramp, which interpolation continues exactly: a pixel has the value of the
   * place that Java's AffineTransform finds for it.
   */
  @Test
  void everythingAtOnceIsOneAffineTransform() {
    int height = 20;
    int width = 16;
    Images ramp = Images.of(COUNT, height, width, 1, (y, x, c) -> 0.03 * x + 0.01 * y);

    Images changed =
        change(
            ramp,
            s -> {
              s.mirror = -1;
              s.angle = 0.3;
              s.moveX = 1;
              s.moveY = -2;
              s.shiftX = 2;
              s.shiftY = 1;
              s.top = 0.1f;
              s.left = 0.2f;
              s.height = 0.6f;
              s.width = 0.5f;
            });

    double middleX = (width - 1) / 2.0;
    double middleY = (height - 1) / 2.0;
    // In the order in which they are done to a place of the result, which is the last line first.
    AffineTransform found = new AffineTransform();
    found.translate(0.2 * (width - 1), 0.1 * (height - 1));
    found.scale(0.5, 0.6);
    found.translate(2 + middleX, 1 + middleY);
    found.scale(-1, 1);
    found.rotate(0.3);
    found.translate(-1 - middleX, 2 - middleY);
    int compared = 0;
    for (int y = 0; y < height; y++) {
      for (int x = 0; x < width; x++) {
        Point2D at = found.transform(new Point2D.Double(x, y), null);
        boolean within =
            at.getX() > 0 && at.getX() < width - 1 && at.getY() > 0 && at.getY() < height - 1;
        if (within) {
          assertThat((double) changed.at(0, y, x, 0))
              .as("%s, %s", y, x)
              .isEqualTo(0.03 * at.getX() + 0.01 * at.getY(), within(1e-4));
          compared++;
        }
      }
    }
    assertThat(compared).isGreaterThan(height * width / 2);
  }

  // ---- What is drawn ----

  private static AugmentationSpec spec(Consumer<AugmentationSpecBuilder> settings) {
    RunSpec run = TinyData.run().augmentation(settings).build();
    return run.augmentation();
  }

  /** What is drawn for 1000 images of 20 x 30 pixels. */
  private static List<float[]> draw(
      AugmentationSpec spec, Function<Geometry.Change, List<Operand<TFloat32>>> read) {
    return Images.random(1, 1, 1, 1, 1)
        .runAll(
            (tf, images) -> {
              Draws draws = new Draws(tf, tf.constant(1L), tf.constant(2L), tf.constant(1000));
              Operand<TFloat32> none = tf.zeros(tf.constant(new int[] {1000}), TFloat32.class);
              return read.apply(new Geometry(tf, 20, 30).draw(spec, draws, none));
            });
  }

  @Test
  void partsHaveTheAreaAndTheRatioOfTheSpecAndLieInTheImage() {
    List<float[]> parts =
        draw(
            spec(a -> a.randomResizedCrop(0.2, 0.5, 0.5, 2)),
            change ->
                List.of(
                    change.part().top(),
                    change.part().left(),
                    change.part().height(),
                    change.part().width()));

    List<Double> areas = new ArrayList<>();
    List<Double> ratios = new ArrayList<>();
    for (int i = 0; i < 1000; i++) {
      double height = parts.get(2)[i];
      double width = parts.get(3)[i];
      areas.add(height * width);
      ratios.add(width * 30 / (height * 20));
      assertThat(parts.get(0)[i]).isNotNegative();
      assertThat(parts.get(0)[i] + height).isLessThanOrEqualTo(1 + 1e-6);
      assertThat(parts.get(1)[i]).isNotNegative();
      assertThat(parts.get(1)[i] + width).isLessThanOrEqualTo(1 + 1e-6);
    }
    assertThat(areas).allMatch(area -> area > 0.2 - 1e-5 && area < 0.5 + 1e-5);
    assertThat(areas).anyMatch(area -> area < 0.21).anyMatch(area -> area > 0.49);
    assertThat(ratios).allMatch(ratio -> ratio > 0.5 - 1e-4 && ratio < 2 + 1e-4);
    assertThat(ratios).anyMatch(ratio -> ratio < 0.52).anyMatch(ratio -> ratio > 1.9);
  }

  @Test
  void partThatWouldBeLongerThanTheImageIsOfTheDrawnAreaAllTheSame() {
    List<float[]> parts =
        draw(
            spec(a -> a.randomResizedCrop(0.9, 0.9, 0.1, 10)),
            change -> List.of(change.part().height(), change.part().width()));

    for (int i = 0; i < 1000; i++) {
      assertThat(parts.get(0)[i]).isLessThanOrEqualTo(1);
      assertThat(parts.get(1)[i]).isLessThanOrEqualTo(1);
      assertThat((double) parts.get(0)[i] * parts.get(1)[i]).isEqualTo(0.9, within(1e-5));
    }
  }

  @Test
  void anglesAndMovesFillTheirRangesBothWays() {
    List<float[]> drawn =
        draw(
            spec(a -> a.rotation(30).translation(0.1).randomCrop(2)),
            change ->
                List.of(
                    change.angle(),
                    change.moveX(),
                    change.moveY(),
                    change.shiftX(),
                    change.shiftY()));

    assertFills(drawn.get(0), Math.toRadians(30), 0.01);
    assertFills(drawn.get(1), 3, 0);
    assertFills(drawn.get(2), 2, 0);
    assertFills(drawn.get(3), 2, 0);
    assertFills(drawn.get(4), 2, 0);
    for (int i = 1; i < 5; i++) {
      for (float move : drawn.get(i)) {
        assertThat(move).as("a whole number of pixels").isEqualTo(Math.round(move));
      }
    }
  }

  @Test
  void shiftsOfAPaddedCropAreAllAsLikely() {
    float[] shifts = draw(spec(a -> a.randomCrop(2)), change -> List.of(change.shiftX())).get(0);

    int[] counts = new int[5];
    for (float shift : shifts) {
      counts[(int) shift + 2]++;
    }
    // 200 each, five standard deviations of sqrt(1000 * 0.2 * 0.8) = 12.6.
    for (int count : counts) {
      assertThat(count).isBetween(137, 263);
    }
  }

  private static void assertFills(float[] values, double most, double tolerance) {
    double low = 0;
    double high = 0;
    for (float value : values) {
      low = Math.min(low, value);
      high = Math.max(high, value);
    }
    assertThat(low).isEqualTo(-most, within(tolerance + 1e-6));
    assertThat(high).isEqualTo(most, within(tolerance + 1e-6));
  }

  @FunctionalInterface
  private interface Expected {
    double at(int image, int y, int x, int channel);
  }

  private static void assertPixels(Images images, double tolerance, Expected expected) {
    for (int image = 0; image < images.count(); image++) {
      for (int y = 0; y < images.height(); y++) {
        for (int x = 0; x < images.width(); x++) {
          for (int channel = 0; channel < images.channels(); channel++) {
            assertThat((double) images.at(image, y, x, channel))
                .as("image %s at %s, %s, channel %s", image, y, x, channel)
                .isEqualTo(expected.at(image, y, x, channel), within(tolerance));
          }
        }
      }
    }
  }
}
