package dev.mlit.insight;

import dev.mlit.data.image.ImageFile;
import dev.mlit.files.WholeFile;
import dev.mlit.report.Component;
import dev.mlit.report.Sheets;
import dev.mlit.spec.ImageShape;
import dev.mlit.spec.ModelSpec;
import dev.mlit.train.TrainingListener;
import dev.mlit.train.WriteFailedException;
import java.awt.image.BufferedImage;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.stream.Stream;
import javax.imageio.ImageIO;
import javax.imageio.stream.MemoryCacheImageInputStream;
import org.apiguardian.api.API;
import org.apiguardian.api.API.Status;
import org.jspecify.annotations.Nullable;

/**
 * What an autoencoder makes of some validation or, without any, test images after an epoch: {@code
 * reconstructions/epoch-0001.png} and so on in the run directory, a row for every image: the
 * original, what of it is visible, and that with the hidden patches as they were painted.
 *
 * @since 0.1.0
 */
@API(status = Status.INTERNAL)
public final class Reconstructions implements TrainingListener {
  /** The pictures of a row. */
  public static final int COLUMNS = 3;

  private static final int SHOWN = 4;
  private static final String FOLDER = "reconstructions";
  private static final int HIDDEN = 127;
  private static final int RGB = 3;

  private final SideProduct product = new SideProduct("pictures of what the model paints");
  private @Nullable Start start;

  private Reconstructions() {}

  /** Pictures in the run directory; every run of an autoencoder has them already. */
  public static Reconstructions pictures() {
    return new Reconstructions();
  }

  /** The pictures of a run so far, the first one first. */
  public static List<Path> of(Path run) {
    Path folder = run.resolve(FOLDER);
    if (!Files.isDirectory(folder)) {
      return List.of();
    }
    try (Stream<Path> files = Files.list(folder)) {
      return files.filter(file -> file.toString().endsWith(".png")).sorted().toList();
    } catch (IOException e) {
      throw WriteFailedException.of(folder, e);
    }
  }

  /** The first pictures of a run, some in between, and the last, side by side. */
  public static Component show(Path run) {
    List<Path> all = of(run);
    Sheets sheets =
        Sheets.of(
            "As it learned",
            "In every row an image that is not trained on, what of it is visible, and that with the"
                + " hidden patches as the model paints them.");
    int shown = Math.min(SHOWN, all.size());
    for (int i = 0; i < shown; i++) {
      Path file = all.get(shown == 1 ? 0 : i * (all.size() - 1) / (shown - 1));
      String epoch = file.getFileName().toString().replaceAll("\\D", "").replaceFirst("^0+", "");
      try {
        sheets.add(Files.readAllBytes(file), "epoch " + epoch);
      } catch (IOException e) {
        throw WriteFailedException.of(file, e);
      }
    }
    return sheets;
  }

  @Override
  public void started(Start start) {
    this.start = start;
  }

  @Override
  public void painted(Painted painted) {
    Start run = start;
    if (run != null) {
      product.attempt(() -> write(painted, run.run().model(), run.directory()));
    }
  }

  private static void write(Painted painted, ModelSpec model, Path run) {
    ImageShape shape = model.image();
    int rows = painted.images().length / shape.values();
    BufferedImage sheet =
        new BufferedImage(
            COLUMNS * shape.width(), rows * shape.height(), BufferedImage.TYPE_INT_RGB);
    for (int row = 0; row < rows; row++) {
      draw(sheet, row, model, painted);
    }
    Path file = file(run, painted.epoch());
    try {
      if (!Files.isDirectory(run.resolve(FOLDER))) {
        Files.createDirectory(run.resolve(FOLDER));
      }
      WholeFile.write(file, ImageFile.png(sheet));
    } catch (IOException e) {
      throw WriteFailedException.of(file, e);
    }
  }

  private static Path file(Path run, int epoch) {
    return run.resolve(FOLDER).resolve(String.format(Locale.ROOT, "epoch-%04d.png", epoch));
  }

  /** The picture of an epoch; empty for a classifier. */
  static Optional<ImageGrid> picture(Path run, int epoch) {
    Path file = file(run, epoch);
    if (!Files.isRegularFile(file)) {
      return Optional.empty();
    }
    try (InputStream in = Files.newInputStream(file)) {
      // In memory, where ImageIO would make a temporary file; it closes what it has read.
      BufferedImage image = ImageIO.read(new MemoryCacheImageInputStream(in));
      int[] rgb =
          image.getRGB(0, 0, image.getWidth(), image.getHeight(), null, 0, image.getWidth());
      byte[] pixels = new byte[rgb.length * RGB];
      for (int i = 0; i < rgb.length; i++) {
        pixels[RGB * i] = (byte) (rgb[i] >> 16);
        pixels[RGB * i + 1] = (byte) (rgb[i] >> 8);
        pixels[RGB * i + 2] = (byte) rgb[i];
      }
      return Optional.of(new ImageGrid(image.getHeight(), image.getWidth(), RGB, pixels));
    } catch (IOException e) {
      throw WriteFailedException.of(file, e);
    }
  }

  private static void draw(BufferedImage sheet, int row, ModelSpec model, Painted painted) {
    ImageShape shape = model.image();
    int[] original = new int[3];
    int[] guess = new int[3];
    int[] gray = {HIDDEN, HIDDEN, HIDDEN};
    for (int y = 0; y < shape.height(); y++) {
      for (int x = 0; x < shape.width(); x++) {
        int patch = (y / model.patch()) * (shape.width() / model.patch()) + x / model.patch();
        int inside = (y % model.patch()) * model.patch() + x % model.patch();
        for (int c = 0; c < 3; c++) {
          int channel = Math.min(c, shape.channels() - 1);
          int at = ((row * shape.height() + y) * shape.width() + x) * shape.channels() + channel;
          original[c] = painted.images()[at] & 0xff;
          int value =
              ((row * model.patches() + patch) * model.patch() * model.patch() + inside)
                      * shape.channels()
                  + channel;
          guess[c] = byteOf(model, painted.patches()[value], channel);
        }
        boolean hidden = painted.mask()[row * model.patches() + patch] == 1;
        int top = row * shape.height() + y;
        sheet.setRGB(x, top, rgb(original));
        sheet.setRGB(shape.width() + x, top, rgb(hidden ? gray : original));
        sheet.setRGB(2 * shape.width() + x, top, rgb(hidden ? guess : original));
      }
    }
  }

  /** Takes the model's normalisation back. */
  private static int byteOf(ModelSpec model, float normal, int channel) {
    List<Double> mean = model.normalization().mean();
    List<Double> std = model.normalization().std();
    double value =
        normal * std.get(Math.min(channel, std.size() - 1))
            + mean.get(Math.min(channel, mean.size() - 1));
    return (int) Math.round(255 * Math.max(0, Math.min(1, value)));
  }

  private static int rgb(int[] channels) {
    return channels[0] << 16 | channels[1] << 8 | channels[2];
  }
}
