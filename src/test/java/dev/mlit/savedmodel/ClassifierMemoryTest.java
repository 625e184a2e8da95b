package dev.mlit.savedmodel;

import static org.assertj.core.api.Assertions.assertThat;

import dev.mlit.Mlit;
import dev.mlit.spec.InvalidInputException;
import dev.mlit.testing.ChildJava;
import java.awt.image.BufferedImage;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * A service that is short of memory. If this fails, it tells whoever uploads an image that the
 * image is damaged, or ends with an error of Java's that says nothing.
 */
@Tag("slow")
class ClassifierMemoryTest {
  private static final int SIDE = 1900;
  private static final int MEGABYTE = 1 << 20;

  /**
   * JPEG, which is looked through before it is decoded: 3 MB or so of noise. What it and the others
   * are decoded to takes 11 MB.
   */
  private static final List<String> FORMATS = List.of("jpg", "png", "bmp");

  /** From less than a file takes to enough for all of it, in MB. */
  private static final List<Integer> FREE = List.of(2, 3, 4, 8, 12, 16, 20, 24, 32, 40);

  private static final String ANSWERED = "answered";

  @TempDir private Path directory;

  @Test
  void anImageForWhichMemoryIsShortIsNotCalledDamaged() throws Exception {
    RandomModel.write(directory.resolve("model"));
    Path images = Files.createDirectory(directory.resolve("images"));
    BufferedImage image = new BufferedImage(SIDE, SIDE, BufferedImage.TYPE_INT_RGB);
    int[] noise = new Random(1).ints(SIDE * SIDE).toArray();
    image.setRGB(0, 0, SIDE, SIDE, noise, 0, SIDE);
    for (String format : FORMATS) {
      assertThat(ImageIO.write(image, format, images.resolve("x." + format).toFile())).isTrue();
    }

    List<String> said =
        ChildJava.run(
            directory, "", List.of("-Xmx96m", "-XX:+UseSerialGC"), Starved.class, "" + directory);

    Map<String, Integer> outcomes = new TreeMap<>();
    said.forEach(line -> outcomes.merge(line, 1, Integer::sum));
    System.out.println("ClassifierMemoryTest: " + outcomes);
    assertThat(said)
        .allMatch(
            line ->
                line.equals(ANSWERED)
                    || line.startsWith("takes N MB of memory, ")
                    || line.startsWith("too little memory to read this image, ")
                    || line.startsWith("more than N bytes, the most that is read of one file"))
        .contains(ANSWERED)
        .anyMatch(line -> line.startsWith("too little memory"));
  }

  /** Classifies images with ever more memory left, and says what becomes of each. */
  static final class Starved {
    private Starved() {}

    public static void main(String[] arguments) {
      Mlit.tuneProcess();
      Path directory = Path.of(arguments[0]);
      try (Classifier classifier = Classifier.load(directory.resolve("model"))) {
        classifier.classify(Path.of("examples/images/bag.png"));
        for (int free : FREE) {
          Deque<byte[]> ballast = new ArrayDeque<>();
          fill(ballast);
          for (int i = 0; i < free; i++) {
            ballast.poll();
          }
          for (String format : FORMATS) {
            String said = classify(classifier, directory.resolve("images/x." + format));
            ballast.peekLast()[0]++;
            System.out.println(said);
          }
        }
      }
    }

    private static void fill(Deque<byte[]> ballast) {
      try {
        while (true) {
          ballast.add(new byte[MEGABYTE - 16]);
        }
      } catch (OutOfMemoryError e) {
        // That is what it is for.
      }
    }

    private static String classify(Classifier classifier, Path image) {
      try {
        classifier.classify(image, 1);
        return ANSWERED;
      } catch (InvalidInputException e) {
        return String.valueOf(e.getMessage()).replaceAll("^\\S+: ", "").replaceAll("\\d+", "N");
      }
    }
  }
}
