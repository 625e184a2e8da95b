package dev.mlit.augment;

import static org.assertj.core.api.Assertions.assertThat;

import dev.mlit.spec.AugmentationSpec;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/**
 * Random erasing. If it fails, models learn from images that are covered more, less or elsewhere
 * than the recipe says.
 */
class RandomErasingTest {
  private static final int COUNT = 1000;
  private static final int HEIGHT = 12;
  private static final int WIDTH = 20;

  @Test
  void rectanglesHaveTheAreaOfTheSpecAndLieInTheImage() {
    AugmentationSpec.RandomErasing spec =
        new AugmentationSpec.RandomErasing(1, List.of(0.1, 0.4), List.of(0.3, 3.3));

    int smallest = HEIGHT * WIDTH;
    int largest = 0;
    for (Box box : boxes(spec)) {
      assertThat(box.top).isNotNegative();
      assertThat(box.left).isNotNegative();
      assertThat(box.bottom).isLessThanOrEqualTo(HEIGHT);
      assertThat(box.right).isLessThanOrEqualTo(WIDTH);
      smallest = Math.min(smallest, box.area());
      largest = Math.max(largest, box.area());
      // The sides are whole, so that the area is half a column off at most.
      assertThat((double) box.area())
          .isBetween(
              0.1 * HEIGHT * WIDTH - box.height() / 2.0 - 1e-3,
              0.4 * HEIGHT * WIDTH + box.height() / 2.0 + 1e-3);
    }
    assertThat(smallest).isLessThan(30);
    assertThat(largest).isGreaterThan(90);
  }

  @Test
  void rectanglesThatWouldBeLongerThanTheImageHaveTheirAreaAllTheSame() {
    AugmentationSpec.RandomErasing spec =
        new AugmentationSpec.RandomErasing(1, List.of(0.9, 0.9), List.of(0.01, 100.0));

    for (Box box : boxes(spec)) {
      assertThat((double) box.area() / (HEIGHT * WIDTH)).isBetween(0.85, 0.95);
    }
  }

  @Test
  void placesAreAllUsed() {
    AugmentationSpec.RandomErasing spec =
        new AugmentationSpec.RandomErasing(1, List.of(0.1, 0.1), List.of(1.0, 1.0));

    List<Box> boxes = boxes(spec);

    assertThat(boxes).anyMatch(box -> box.top == 0).anyMatch(box -> box.bottom == HEIGHT);
    assertThat(boxes).anyMatch(box -> box.left == 0).anyMatch(box -> box.right == WIDTH);
  }

  @Test
  void theDrawnShareOfTheImagesIsCoveredWithNoiseAndNothingElseChanges() {
    AugmentationSpec.RandomErasing spec =
        new AugmentationSpec.RandomErasing(0.3, List.of(0.1, 0.4), List.of(0.3, 3.3));
    // No noise is as large.
    Images white = Images.of(COUNT, HEIGHT, WIDTH, 3, (y, x, c) -> 1);

    Images erased =
        white.run(
            (tf, images) ->
                new RandomErasing(tf, HEIGHT, WIDTH, 3)
                    .apply(
                        images,
                        spec,
                        new Draws(tf, tf.constant(1L), tf.constant(2L), tf.constant(COUNT))));

    List<Box> boxes = boxes(spec);
    int covered = 0;
    for (int i = 0; i < COUNT; i++) {
      Box box = boxes.get(i);
      covered += box.area() > 0 ? 1 : 0;
      for (int y = 0; y < HEIGHT; y++) {
        for (int x = 0; x < WIDTH; x++) {
          boolean inside = y >= box.top && y < box.bottom && x >= box.left && x < box.right;
          for (int c = 0; c < 3; c++) {
            assertThat(erased.at(i, y, x, c) < 1).isEqualTo(inside);
          }
        }
      }
    }
    // Five standard deviations of sqrt(1000 * 0.3 * 0.7) = 14.5.
    assertThat(covered).isBetween(228, 372);
    Box first = boxes.stream().filter(box -> box.area() > 1).findFirst().orElseThrow();
    int image = boxes.indexOf(first);
    assertThat(erased.at(image, first.top, first.left, 0))
        .as("noise of every pixel and channel by itself")
        .isNotEqualTo(erased.at(image, first.top, first.left, 1))
        .isNotEqualTo(erased.at(image, first.bottom - 1, first.right - 1, 0));
  }

  private record Box(int top, int left, int bottom, int right) {
    int height() {
      return bottom - top;
    }

    int area() {
      return height() * (right - left);
    }
  }

  private static List<Box> boxes(AugmentationSpec.RandomErasing spec) {
    List<float[]> ends =
        Images.random(1, 1, 1, 1, 1)
            .runAll(
                (tf, images) -> {
                  Rectangles drawn =
                      new RandomErasing(tf, HEIGHT, WIDTH, 3)
                          .draw(
                              spec,
                              new Draws(tf, tf.constant(1L), tf.constant(2L), tf.constant(COUNT)));
                  return List.of(drawn.top(), drawn.left(), drawn.bottom(), drawn.right());
                });
    return IntStream.range(0, COUNT)
        .mapToObj(
            i ->
                new Box(
                    (int) ends.get(0)[i],
                    (int) ends.get(1)[i],
                    (int) ends.get(2)[i],
                    (int) ends.get(3)[i]))
        .toList();
  }
}
