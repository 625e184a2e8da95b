package dev.mlit.data.image;

import dev.mlit.files.NotWrittenException;
import dev.mlit.files.WholeFile;
import dev.mlit.spec.ImageShape;
import dev.mlit.spec.InvalidInputException;
import java.awt.Color;
import java.awt.Font;
import java.awt.FontMetrics;
import java.awt.Graphics2D;
import java.awt.RenderingHints;
import java.awt.image.BufferedImage;
import java.nio.file.Path;
import java.util.List;

/**
 * Images in rows on one picture, with a title, a name in front of every row, and captions.
 *
 * @since 0.1.0
 */
public final class PictureGrid {
  /** About the longer side of an image on the picture; small images are shown enlarged. */
  public static final int SIDE = 64;

  private static final int GAP = 4;
  private static final int MARGIN = 16;
  private static final int TITLE = 44;
  private static final int CAPTION = 13;
  private static final int MOST_NAME = 220;
  private static final Font BOLD = new Font(Font.SANS_SERIF, Font.BOLD, 16);
  private static final Font PLAIN = new Font(Font.SANS_SERIF, Font.PLAIN, 13);
  private static final Font SMALL = new Font(Font.SANS_SERIF, Font.PLAIN, 10);

  private final String title;
  private final ImageShape shape;
  private final List<Row> rows;
  private final int cellWidth;
  private final int cellHeight;
  private final int captions;

  /**
   * A row of images.
   *
   * @param name what stands in front of it
   * @param cells its images
   */
  public record Row(String name, List<Cell> cells) {
    public Row {
      cells = List.copyOf(cells);
    }
  }

  /**
   * An image.
   *
   * @param pixels its bytes (row, column, channel)
   * @param caption lines below it
   */
  public record Cell(byte[] pixels, List<String> caption) {
    public Cell {
      caption = List.copyOf(caption);
    }
  }

  private PictureGrid(String title, ImageShape shape, List<Row> rows, int side) {
    this.title = title;
    this.shape = shape;
    this.rows = rows;
    int scale = Math.max(1, side / Math.max(shape.height(), shape.width()));
    this.cellWidth = shape.width() * scale;
    this.cellHeight = shape.height() * scale;
    this.captions =
        rows.stream()
            .flatMap(row -> row.cells.stream())
            .mapToInt(cell -> cell.caption.size())
            .max()
            .orElse(0);
  }

  /** Draws a picture with images of about {@link #SIDE} pixels. */
  public static BufferedImage of(String title, ImageShape shape, List<Row> rows) {
    return of(title, shape, rows, SIDE);
  }

  /**
   * Draws a picture.
   *
   * @param shape of every image
   * @param side about the longer side of an image on the picture; larger images stay as they are
   * @throws InvalidInputException if this Java has no font to write with
   */
  public static BufferedImage of(String title, ImageShape shape, List<Row> rows, int side) {
    try {
      return new PictureGrid(title, shape, rows, side).draw();
    } catch (LinkageError | InternalError e) {
      // How the JDK says that there is no fontconfig, or no font library.
      throw new InvalidInputException(
          "this Java has no fonts to write on a sheet with; install fontconfig and a font, such as"
              + " fonts-dejavu-core",
          e);
    }
  }

  /**
   * Writes a picture to a PNG file, which appears when it is whole.
   *
   * @throws InvalidInputException if the file cannot be written
   * @throws NotWrittenException if the disk does not take it
   */
  public static void write(BufferedImage picture, Path file) {
    WholeFile.writeNamed(file, out -> out.write(ImageFile.png(picture)));
  }

  private BufferedImage draw() {
    FontMetrics names = metrics(PLAIN);
    int longest = rows.stream().mapToInt(row -> names.stringWidth(row.name)).max().orElse(0);
    int left = MARGIN + Math.min(longest, MOST_NAME) + 12;
    int columns = rows.stream().mapToInt(row -> row.cells.size()).max().orElse(0);
    int right = left + columns * (cellWidth + GAP) - GAP;
    int width = Math.max(right, MARGIN + metrics(BOLD).stringWidth(title)) + MARGIN;
    int rowHeight = cellHeight + captions * CAPTION + GAP;
    int height = TITLE + rows.size() * rowHeight - GAP + MARGIN;
    BufferedImage picture = new BufferedImage(width, height, BufferedImage.TYPE_INT_RGB);
    Graphics2D graphics = picture.createGraphics();
    prepare(graphics, width, height);
    graphics.setFont(BOLD);
    graphics.drawString(title, MARGIN, MARGIN + 14);
    for (int i = 0; i < rows.size(); i++) {
      int y = TITLE + i * rowHeight;
      String name = shortened(rows.get(i).name, names, MOST_NAME);
      int base = y + (cellHeight + names.getAscent() - names.getDescent()) / 2;
      graphics.setFont(PLAIN);
      graphics.drawString(name, left - 12 - names.stringWidth(name), base);
      graphics.setFont(SMALL);
      drawRow(graphics, rows.get(i), left, y);
    }
    graphics.dispose();
    return picture;
  }

  private void drawRow(Graphics2D graphics, Row row, int left, int y) {
    FontMetrics small = graphics.getFontMetrics();
    for (int column = 0; column < row.cells.size(); column++) {
      Cell cell = row.cells.get(column);
      int x = left + column * (cellWidth + GAP);
      graphics.drawImage(rgb(cell.pixels), x, y, cellWidth, cellHeight, null);
      for (int line = 0; line < cell.caption.size(); line++) {
        String text = shortened(cell.caption.get(line), small, cellWidth);
        graphics.drawString(text, x, y + cellHeight + (line + 1) * CAPTION - 3);
      }
    }
  }

  /** In RGB even if it is gray: Java brightens gray when it draws it on a coloured picture. */
  private BufferedImage rgb(byte[] pixels) {
    if (shape.channels() == 3) {
      return ImageFile.image(pixels, shape);
    }
    byte[] colors = new byte[3 * pixels.length];
    for (int i = 0; i < colors.length; i++) {
      colors[i] = pixels[i / 3];
    }
    return ImageFile.image(colors, new ImageShape(shape.height(), shape.width(), 3));
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

  private static String shortened(String text, FontMetrics metrics, int most) {
    String shortened = text;
    while (metrics.stringWidth(shortened) > most && shortened.length() > 2) {
      shortened = shortened.substring(0, shortened.length() - 2) + "…";
    }
    return shortened;
  }
}
