package dev.mlit.data;

import dev.mlit.data.image.PictureGrid;
import dev.mlit.spec.ImageShape;
import dev.mlit.spec.InvalidInputException;
import java.awt.image.BufferedImage;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.apiguardian.api.API;
import org.apiguardian.api.API.Status;

/**
 * Draws some images of every class on one picture, a row a class, to see whether labels and colours
 * are right.
 *
 * @since 0.1.0
 */
@API(status = Status.INTERNAL)
public final class ContactSheet {
  /** Classes shown; of more than that, as many, evenly spread. */
  static final int MOST_ROWS = 20;

  static final int COLUMNS = 10;
  private final Dataset dataset;
  private final Dataset shown;
  private final List<Integer> classes;

  private ContactSheet(Dataset dataset) {
    this.dataset = dataset;
    this.shown = dataset.resizedTo(fitting(dataset.shape()));
    this.classes = spread(dataset.labels().size());
  }

  /**
   * Draws the first images of every class that can be read; a place stays empty where a class has
   * fewer than ten.
   *
   * @throws InvalidInputException if this Java has no font to write the names with
   */
  public static BufferedImage of(Dataset dataset) {
    return new ContactSheet(dataset).draw();
  }

  /**
   * Writes the picture to a PNG file, which appears when it is whole.
   *
   * @throws InvalidInputException if the file cannot be written, or this Java has no font
   */
  public static void write(Dataset dataset, Path file) {
    PictureGrid.write(of(dataset), file);
  }

  /** Large images are made smaller, with their proportions; small ones are shown enlarged. */
  private static ImageShape fitting(ImageShape shape) {
    double factor =
        Math.min(1, (double) PictureGrid.SIDE / Math.max(shape.height(), shape.width()));
    return new ImageShape(
        Math.max(1, (int) Math.round(shape.height() * factor)),
        Math.max(1, (int) Math.round(shape.width() * factor)),
        shape.channels());
  }

  private static List<Integer> spread(int classes) {
    int rows = Math.min(classes, MOST_ROWS);
    List<Integer> spread = new ArrayList<>();
    for (int i = 0; i < rows; i++) {
      spread.add((int) ((long) i * classes / rows));
    }
    return spread;
  }

  private BufferedImage draw() {
    List<PictureGrid.Row> rows = new ArrayList<>();
    for (int label : classes) {
      rows.add(new PictureGrid.Row(dataset.labels().get(label), images(label)));
    }
    return PictureGrid.of(title(), shown.shape(), rows);
  }

  private String title() {
    int total = dataset.labels().size();
    return String.format(
        Locale.ROOT,
        "%s: %,d + %s%,d images, %s, %s",
        dataset.name(),
        dataset.train().size(),
        dataset
            .validation()
            .map(part -> String.format(Locale.ROOT, "%,d + ", part.size()))
            .orElse(""),
        dataset.test().size(),
        dataset.shape(),
        classes.size() < total ? classes.size() + " of " + total + " classes" : total + " classes");
  }

  private List<PictureGrid.Cell> images(int label) {
    Split train = shown.train();
    List<PictureGrid.Cell> images = new ArrayList<>();
    for (int i = 0; i < train.size() && images.size() < COLUMNS; i++) {
      if (train.label(i) != label) {
        continue;
      }
      byte[] pixels = new byte[shown.shape().values()];
      try {
        train.pixels(i, pixels, 0);
        images.add(new PictureGrid.Cell(pixels, List.of()));
      } catch (InvalidInputException e) {
        // Damaged: the check names it, the next image takes its place.
      }
    }
    return images;
  }
}
