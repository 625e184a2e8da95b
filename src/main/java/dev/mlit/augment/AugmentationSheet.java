package dev.mlit.augment;

import dev.mlit.data.Batch;
import dev.mlit.data.Batches;
import dev.mlit.data.Dataset;
import dev.mlit.data.RunData;
import dev.mlit.data.image.PictureGrid;
import dev.mlit.spec.ImageShape;
import dev.mlit.spec.InvalidInputException;
import dev.mlit.spec.RunSpec;
import java.awt.image.BufferedImage;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.stream.IntStream;

/**
 * Draws training images as a run's augmentation changes them on one picture, to see whether a
 * recipe leaves enough of an image to learn from. Each row shows an image, unchanged and as in some
 * steps; where images are mixed, with the shares of the classes in the target.
 *
 * @since 0.1.0
 */
public final class AugmentationSheet {
  private static final int MOST_CLASSES = 2;

  /** Side of an image in pixels, wide enough for the caption below it. */
  private static final int SIDE = 96;

  /** Smaller shares are not shown: they come from label smoothing, or are too small to be seen. */
  private static final double LEAST_SHARE = 0.05;

  private final RunSpec run;
  private final Dataset data;

  private AugmentationSheet(RunSpec run, Dataset data) {
    this.run = run;
    this.data = data;
  }

  /**
   * Draws the first images of a run.
   *
   * @param images rows, at least 1
   * @param variants columns, apart from the image as it is, at least 1
   * @throws InvalidInputException if the run's data is missing or damaged or does not fit the
   *     model, or this Java has no font to write with
   */
  public static BufferedImage of(RunSpec run, int images, int variants) {
    return new AugmentationSheet(run, RunData.open(run)).draw(images, variants);
  }

  /** As {@link #of(RunSpec, int, int)}, of images of your own. */
  public static BufferedImage of(RunSpec run, Dataset data, int images, int variants) {
    return new AugmentationSheet(run, RunData.fitted(run, data)).draw(images, variants);
  }

  private BufferedImage draw(int images, int variants) {
    ImageShape shape = run.model().image();
    long seed = run.training().seed();
    Batch batch = Batches.shuffled(data.train(), shape, images, seed, 1).iterator().next();
    List<List<PictureGrid.Cell>> cells = new ArrayList<>();
    for (int i = 0; i < batch.size(); i++) {
      cells.add(new ArrayList<>(List.of(cell(batch.pixels(), i, List.of()))));
    }
    try (AugmentedImages augmented = new AugmentedImages(run)) {
      for (int step = 0; step < variants; step++) {
        AugmentedImages.Variant variant = augmented.of(batch, step);
        for (int i = 0; i < batch.size(); i++) {
          List<String> caption =
              run.augmentation().mixes() ? caption(variant.targets()[i]) : List.of();
          cells.get(i).add(cell(variant.pixels(), i, caption));
        }
      }
    }
    List<PictureGrid.Row> rows =
        IntStream.range(0, batch.size())
            .mapToObj(i -> new PictureGrid.Row(name(batch.labels()[i]), cells.get(i)))
            .toList();
    String title =
        String.format(
            Locale.ROOT, "%s: %s, as it is and augmented, seed %d", run.name(), data.name(), seed);
    return PictureGrid.of(title, shape, rows, SIDE);
  }

  private PictureGrid.Cell cell(byte[] pixels, int image, List<String> caption) {
    int size = run.model().image().values();
    return new PictureGrid.Cell(
        Arrays.copyOfRange(pixels, image * size, (image + 1) * size), caption);
  }

  private String name(int label) {
    return data.labels().get(label);
  }

  /** The classes of an image with their shares, the largest first. */
  private List<String> caption(float[] shares) {
    return IntStream.range(0, shares.length)
        .boxed()
        .filter(label -> shares[label] >= LEAST_SHARE)
        .sorted(Comparator.comparingDouble(label -> -shares[label]))
        .limit(MOST_CLASSES)
        .map(label -> Math.round(100 * shares[label]) + " % " + name(label))
        .toList();
  }
}
