package dev.mlit.data.published;

import dev.mlit.data.Dataset;
import dev.mlit.data.MemorySplit;
import dev.mlit.data.Split;
import dev.mlit.data.image.MemoryLimit;
import dev.mlit.spec.ImageShape;
import dev.mlit.spec.InvalidInputException;
import dev.mlit.spec.text.FileProblem;
import dev.mlit.spec.text.OptionalLibrary;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;

/**
 * <a href="http://ufldl.stanford.edu/housenumbers/">SVHN</a>, Street View House Numbers, in the
 * format of cropped digits: 73,257 images to train on, 26,032 to test on and 531,131 that are
 * easier, 32x32 RGB, in ten classes. The files call the digit 0 label 10; here it is label 0.
 *
 * @since 0.1.0
 */
public final class Svhn {
  static final String TRAIN = "train_32x32.mat";
  static final String TEST = "test_32x32.mat";
  static final String EXTRA = "extra_32x32.mat";

  private static final List<String> LABELS =
      List.of("0", "1", "2", "3", "4", "5", "6", "7", "8", "9");
  private static final ImageShape SHAPE = new ImageShape(32, 32, 3);
  private static final int PIXELS = 32 * 32;

  /** The longest array that every JVM can make, in images. */
  private static final int MOST_IMAGES = (Integer.MAX_VALUE - 8) / SHAPE.values();

  private Svhn() {}

  /**
   * The images to train on and those to test on.
   *
   * @param directory holds train_32x32.mat and test_32x32.mat
   * @throws InvalidInputException if a file is missing or is not what it should be
   */
  public static Dataset read(Path directory) {
    return dataset("svhn", part("svhn", directory, TRAIN), part("svhn", directory, TEST));
  }

  /**
   * As {@link #read}, and trains on the easier images too; takes 4 GB of memory.
   *
   * @param directory holds extra_32x32.mat beside the two other files
   * @throws InvalidInputException if a file is missing or is not what it should be
   */
  public static Dataset withExtra(Path directory) {
    String name = "svhn-extra";
    Part train = part(name, directory, TRAIN).and(part(name, directory, EXTRA));
    return dataset(name, train, part(name, directory, TEST));
  }

  private static Dataset dataset(String name, Part train, Part test) {
    return Dataset.of(name, LABELS, SHAPE, train.split(), test.split());
  }

  private record Part(byte[] pixels, int[] labels) {
    Part and(Part more) {
      int first = labels.length;
      if (first + more.labels.length > MOST_IMAGES) {
        throw new InvalidInputException(
            "svhn-extra: " + (first + more.labels.length) + " images, at most " + MOST_IMAGES);
      }
      MemoryLimit.require("svhn-extra", 2L * (pixels.length + (long) more.pixels.length));
      byte[] allPixels =
          MemoryLimit.allocate("svhn-extra", pixels.length + (long) more.pixels.length);
      System.arraycopy(pixels, 0, allPixels, 0, pixels.length);
      System.arraycopy(more.pixels, 0, allPixels, pixels.length, more.pixels.length);
      int[] allLabels = Arrays.copyOf(labels, first + more.labels.length);
      System.arraycopy(more.labels, 0, allLabels, first, more.labels.length);
      return new Part(allPixels, allLabels);
    }

    Split split() {
      return new MemorySplit(pixels, labels, SHAPE.values());
    }
  }

  private static Part part(String dataset, Path directory, String name) {
    Path file = directory.resolve(name);
    if (!Files.isRegularFile(file)) {
      throw new InvalidInputException(
          advice ->
              FileProblem.missing(file)
                  + "; "
                  + DataDirectory.howToGet(dataset, directory).text(advice));
    }
    OptionalLibrary.MATLAB.require("to read the MATLAB file " + file);
    long most = (long) MOST_IMAGES * SHAPE.values();
    try (InputStream in = Files.newInputStream(file)) {
      MatFile content =
          MatFile.read(file.toString(), in, Files.size(file), Map.of("X", most, "y", most));
      return part(content.numbers("X"), content.numbers("y"));
    } catch (IOException e) {
      throw InvalidInputException.unreadable(file, e);
    }
  }

  private static Part part(MatFile.Numbers pixels, MatFile.Numbers labels) {
    int[] size = pixels.dimensions();
    // MATLAB drops a last dimension of 1.
    int images = size.length == 3 ? 1 : size[size.length - 1];
    boolean rgb = size.length >= 3 && size[0] == 32 && size[1] == 32 && size[2] == 3;
    if (!rgb || size.length > 4 || images < 1) {
      throw new InvalidInputException(pixels + " must be of [32, 32, 3, images]");
    }
    if (labels.count() != images) {
      throw new InvalidInputException(labels + " must have one label for each of " + images);
    }
    MemoryLimit.require(pixels.name(), 2L * images * SHAPE.values());
    int[] digits = new int[images];
    byte[] bytes = MemoryLimit.allocate(pixels.name(), (long) images * SHAPE.values());
    for (int i = 0; i < images; i++) {
      digits[i] = labels.at(i, 1, 10) % 10;
      image(pixels, i * SHAPE.values(), bytes);
    }
    return new Part(bytes, digits);
  }

  /** From columns of a channel to rows of pixels. */
  private static void image(MatFile.Numbers pixels, int first, byte[] bytes) {
    for (int c = 0; c < 3; c++) {
      for (int x = 0; x < 32; x++) {
        for (int y = 0; y < 32; y++) {
          int value = pixels.at(first + c * PIXELS + x * 32 + y, 0, 255);
          bytes[first + (y * 32 + x) * 3 + c] = (byte) value;
        }
      }
    }
  }
}
