package dev.mlit.data.image;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import dev.mlit.spec.ImageShape;
import dev.mlit.spec.ImageShape.Orientation;
import dev.mlit.spec.InvalidInputException;
import dev.mlit.testing.Python;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Java's pixels of files of every kind against Pillow's ({@code make_images.py} in
 * src/test/python). If this fails, a model that was trained on what Python reads sees something
 * else in Java: a frame in place of the picture, inverted colours, black where nothing is; those of
 * phones lie on their side where {@code orientation: exif} asks for Pillow's exif_transpose.
 */
@Tag("slow")
class ImagesInPillowTest {
  /** Their decoders round differently, and smooth colours between pixels or do not. */
  private static final int JPEG = 6;

  /** Pillow smooths the colours of neighbouring pixels, the reader does not. */
  private static final int LOSSY_WEBP = 24;

  /** Pillow drops the lower bytes of colours, mlit rounds. */
  private static final int RGB_OF_16_BITS = 1;

  /** What is said of files that would be read otherwise than in Pillow. */
  private static final Map<String, String> REFUSED =
      Map.of(
          "gif", "interlaced GIF",
          "animated", "an animated WebP, must be a still image",
          "premultiplied",
              "a TIFF of 4 samples a pixel in RGB, the extra ones of kind [1], must be",
          "unknown-extra",
              "a TIFF of 4 samples a pixel in RGB, the extra ones of kind [0], must be",
          "signed", "a TIFF of signed numbers or fractions, must be of unsigned integers",
          "32.tif", "a TIFF of [32] bits a sample, must be 1, 2, 4, 8 or 16",
          "white-16", "a TIFF of 16 bits in gray, 0 white, must be of 8 bits",
          "tiles", "a TIFF of tiles of 3600000000 pixels, must be about as large as the image",
          "lab", "a TIFF of colours of kind 8, must be gray, RGB",
          "zstd", "a TIFF compressed by method 50000, must be one of none");

  @Test
  void everyKindOfImageHasThePixelsThatPillowReads(@TempDir Path directory) throws IOException {
    Python.with("PIL", "numpy")
        .run(
            Duration.ofMinutes(1),
            Map.of(),
            "src/test/python/make_images.py",
            directory.toString(),
            System.getProperty("mlit.images.seed", "1"));

    List<String> differences = new ArrayList<>();
    List<Path> files;
    try (Stream<Path> list = Files.list(directory)) {
      files = list.filter(file -> !file.toString().endsWith(".rgb")).sorted().toList();
    }
    for (Path file : files) {
      if (file.getFileName().toString().startsWith("refused")) {
        assertThatExceptionOfType(InvalidInputException.class)
            .isThrownBy(() -> ImageFile.decode(file))
            .withMessageContaining(refusal(file.getFileName().toString()));
        continue;
      }
      ByteBuffer expected =
          ByteBuffer.wrap(Files.readAllBytes(Path.of(file + ".rgb")))
              .order(ByteOrder.LITTLE_ENDIAN);
      Orientation orientation =
          file.getFileName().toString().startsWith("held") ? Orientation.EXIF : Orientation.STORED;
      ImageShape own = ImageFile.shape(ImageFile.decode(file, ImageFile.MOST_PIXELS, orientation));
      ImageShape shape = new ImageShape(expected.getInt(), expected.getInt(), 3, orientation);
      if (own.height() != shape.height() || own.width() != shape.width()) {
        differences.add(file.getFileName() + ": is " + own + ", in Pillow " + shape);
        continue;
      }
      byte[] rgb = new byte[expected.remaining()];
      expected.get(rgb);
      int difference = largest(ImageFile.read(file, shape), rgb);
      if (difference > allowed(file.getFileName().toString())) {
        differences.add(file.getFileName() + ": differs by " + difference);
      }
    }

    assertThat(files).hasSizeGreaterThan(150);
    assertThat(differences).isEmpty();
  }

  private static String refusal(String file) {
    return REFUSED.entrySet().stream()
        .filter(entry -> file.contains(entry.getKey()))
        .map(Map.Entry::getValue)
        .findFirst()
        .orElse("bits a sample");
  }

  private static int allowed(String file) {
    if (file.endsWith(".webp")) {
      return file.endsWith(".lossless.webp") ? 0 : LOSSY_WEBP;
    }
    return file.endsWith(".jpg") ? JPEG : file.startsWith("RGB16") ? RGB_OF_16_BITS : 0;
  }

  private static int largest(byte[] one, byte[] other) {
    assertThat(one).hasSameSizeAs(other);
    int[] differences = new int[one.length];
    Arrays.setAll(differences, i -> Math.abs((one[i] & 0xff) - (other[i] & 0xff)));
    return Arrays.stream(differences).max().orElse(0);
  }
}
