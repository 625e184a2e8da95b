package dev.mlit.data;

import dev.mlit.spec.ImageShape;
import dev.mlit.spec.InvalidInputException;
import java.awt.Color;
import java.awt.Font;
import java.awt.FontMetrics;
import java.awt.Graphics2D;
import java.awt.RenderingHints;
import java.awt.image.BufferedImage;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import javax.imageio.ImageIO;

/**
 * Some images of every class on one picture, a row a class: what a person looks at to see whether
 * labels and colours are right.
 */
public final class ContactSheet {
  /** Classes shown; of more than that, as many, evenly spread. */
  static final int MOST_ROWS = 20;

  static final int COLUMNS = 10;
  private static final int SIDE = 64;
  private static final int GAP = 4;
  private static final int MARGIN = 16;
  private static final int TITLE = 44;
  private static final int MOST_NAME = 220;
  private static final Font BOLD = new Font(Font.SANS_SERIF, Font.BOLD, 16);
  private static final Font PLAIN = new Font(Font.SANS_SERIF, Font.PLAIN, 13);

  private final Dataset dataset;
  private final Dataset shown;
  private final int scale;
  private final List<Integer> classes;

  private ContactSheet(Dataset dataset) {
    this.dataset = dataset;
    this.shown = dataset.resizedTo(fitting(dataset.shape()));
    int largest = Math.max(shown.shape().height(), shown.shape().width());
    this.scale = Math.max(1, SIDE / largest);
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
    BufferedImage sheet = of(dataset);
    try {
      Path directory = file.toAbsolutePath().getParent();
      Path temporary = Files.createTempFile(directory, ".sheet-", ".png");
      try {
        ImageIO.write(sheet, "png", temporary.toFile());
        Files.move(temporary, file, StandardCopyOption.REPLACE_EXISTING);
      } finally {
        Files.deleteIfExists(temporary);
      }
    } catch (IOException e) {
      throw new InvalidInputException(file + ": cannot be written: " + e, e);
    }
  }

  /**
   * Large images are made smaller, with their proportions; small ones are left to the scale. In RGB
   * all of them, because Java brightens gray when it draws it on a coloured picture.
   */
  private static ImageShape fitting(ImageShape shape) {
    double factor = Math.min(1, (double) SIDE / Math.max(shape.height(), shape.width()));
    return new ImageShape(
        Math.max(1, (int) Math.round(shape.height() * factor)),
        Math.max(1, (int) Math.round(shape.width() * factor)),
        3);
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
    int cellWidth = shown.shape().width() * scale;
    int cellHeight = shown.shape().height() * scale;
    try {
      FontMetrics names = metrics(PLAIN);
      int longest =
          classes.stream()
              .mapToInt(label -> names.stringWidth(dataset.labels().get(label)))
              .max()
              .orElse(0);
      int left = MARGIN + Math.min(longest, MOST_NAME) + 12;
      String title = title();
      int right = left + COLUMNS * (cellWidth + GAP) - GAP;
      int width = Math.max(right, MARGIN + metrics(BOLD).stringWidth(title)) + MARGIN;
      int height = TITLE + classes.size() * (cellHeight + GAP) - GAP + MARGIN;
      BufferedImage sheet = new BufferedImage(width, height, BufferedImage.TYPE_INT_RGB);
      Graphics2D graphics = sheet.createGraphics();
      prepare(graphics, width, height);
      graphics.setFont(BOLD);
      graphics.drawString(title, MARGIN, MARGIN + 14);
      graphics.setFont(PLAIN);
      for (int row = 0; row < classes.size(); row++) {
        int y = TITLE + row * (cellHeight + GAP);
        String name = shortened(dataset.labels().get(classes.get(row)), names);
        int base = y + (cellHeight + names.getAscent() - names.getDescent()) / 2;
        graphics.drawString(name, left - 12 - names.stringWidth(name), base);
        drawRow(graphics, classes.get(row), left, y, cellWidth, cellHeight);
      }
      graphics.dispose();
      return sheet;
    } catch (LinkageError | InternalError e) {
      // How the JDK says that there is no fontconfig, or no font library.
      throw new InvalidInputException(
          "this Java has no fonts to write on a sheet with; install fontconfig and a font, such as"
              + " fonts-dejavu-core",
          e);
    }
  }

  private static FontMetrics metrics(Font font) {
    Graphics2D graphics = new BufferedImage(1, 1, BufferedImage.TYPE_INT_RGB).createGraphics();
    try {
      return graphics.getFontMetrics(font);
    } finally {
      graphics.dispose();
    }
  }

  private static void prepare(Graphics2D graphics, int width, int height) {
    graphics.setRenderingHint(
        RenderingHints.KEY_TEXT_ANTIALIASING, RenderingHints.VALUE_TEXT_ANTIALIAS_ON);
    graphics.setRenderingHint(
        RenderingHints.KEY_INTERPOLATION, RenderingHints.VALUE_INTERPOLATION_NEAREST_NEIGHBOR);
    graphics.setColor(Color.WHITE);
    graphics.fillRect(0, 0, width, height);
    graphics.setColor(new Color(0x222222));
  }

  private String title() {
    int all = dataset.labels().size();
    return String.format(
        Locale.ROOT,
        "%s: %,d + %,d images, %s, %s",
        dataset.name(),
        dataset.train().size(),
        dataset.test().size(),
        dataset.shape(),
        classes.size() < all ? classes.size() + " of " + all + " classes" : all + " classes");
  }

  private static String shortened(String name, FontMetrics metrics) {
    String shortened = name;
    while (metrics.stringWidth(shortened) > MOST_NAME && shortened.length() > 2) {
      shortened = shortened.substring(0, shortened.length() - 2) + "…";
    }
    return shortened;
  }

  private void drawRow(Graphics2D graphics, int label, int left, int y, int width, int height) {
    Split train = shown.train();
    byte[] pixels = new byte[shown.shape().values()];
    int column = 0;
    for (int i = 0; i < train.size() && column < COLUMNS; i++) {
      if (train.label(i) != label) {
        continue;
      }
      try {
        train.pixels(i, pixels, 0);
      } catch (InvalidInputException e) {
        continue; // Damaged: the check names it, the next image takes its place.
      }
      graphics.drawImage(
          ImageFile.image(pixels, shown.shape()),
          left + column * (width + GAP),
          y,
          width,
          height,
          null);
      column++;
    }
  }
}
