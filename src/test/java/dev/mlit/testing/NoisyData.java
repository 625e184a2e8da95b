package dev.mlit.testing;

import dev.mlit.data.Dataset;
import dev.mlit.data.MemorySplit;
import dev.mlit.data.Split;
import dev.mlit.spec.ImageShape;
import java.awt.image.BufferedImage;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Random;
import javax.imageio.ImageIO;

/**
 * Gray images of 8x8 in classes like those of {@link TinyData}, but so noisy that nothing can tell
 * all of them apart: what is measured on them is neither chance nor all.
 */
public final class NoisyData {
  /** In the order in which a program that reads folders has them: ties go to the first class. */
  private static final List<String> LABELS = List.of("a-up", "b-down", "c-dark");

  private static final int SIDE = 8;
  private static final int DIFFERENCE = 50;
  private static final int NOISE = 190;

  private NoisyData() {}

  /** The images, the same for the same numbers of them. */
  public static Dataset dataset(int train, int validation, int test) {
    return Dataset.of(
        "noisy",
        LABELS,
        new ImageShape(SIDE, SIDE, 1),
        split(train, 1),
        split(validation, 2),
        split(test, 3));
  }

  private static Split split(int images, long seed) {
    Random random = new Random(seed);
    int values = SIDE * SIDE;
    byte[] pixels = new byte[images * values];
    int[] labels = new int[images];
    for (int i = 0; i < images; i++) {
      labels[i] = i % LABELS.size();
      // Some images are brighter as a whole, which says nothing of their class.
      int light = random.nextInt(256 - DIFFERENCE - NOISE + 1);
      for (int p = 0; p < values; p++) {
        boolean up = p < values / 2;
        boolean bright = labels[i] == (up ? 0 : 1);
        pixels[i * values + p] = (byte) (light + (bright ? DIFFERENCE : 0) + random.nextInt(NOISE));
      }
    }
    return new MemorySplit(pixels, labels, values);
  }

  /** Writes images as {@code directory/CLASS/NUMBER.png}. */
  public static void write(Split split, Path directory) throws IOException {
    byte[] pixels = new byte[SIDE * SIDE];
    for (int i = 0; i < split.size(); i++) {
      split.pixels(i, pixels, 0);
      BufferedImage image = new BufferedImage(SIDE, SIDE, BufferedImage.TYPE_BYTE_GRAY);
      image.getRaster().setDataElements(0, 0, SIDE, SIDE, pixels);
      Path folder = Files.createDirectories(directory.resolve(LABELS.get(split.label(i))));
      ImageIO.write(image, "png", folder.resolve(i + ".png").toFile());
    }
  }
}
