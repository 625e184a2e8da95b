package dev.mlit.data.image;

import static org.assertj.core.api.Assertions.assertThat;

import dev.mlit.data.Dataset;
import dev.mlit.data.Datasets;
import dev.mlit.spec.ImageShape;
import dev.mlit.spec.ImageShape.Orientation;
import java.awt.image.BufferedImage;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HexFormat;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * What becomes of records that are damaged, and of pictures in datasets; {@link ImagesInPillowTest}
 * has whole ones. If this fails, a picture is refused for what a camera wrote beside it, or a model
 * is trained on pictures that lie on their side though its spec asks for upright ones.
 */
class ExifTest {
  /** Little-endian, one entry: tag 274, a SHORT, 6, which is a quarter turn. */
  private static final byte[] QUARTER_TURN =
      HexFormat.of()
          .parseHex("49492a0008000000" + "0100" + "120103000100000006000000" + "00000000");

  @TempDir private Path directory;

  @Test
  void aPictureIsTurnedOnlyWhereAskedFor() throws IOException {
    byte[] file = jpeg(QUARTER_TURN);

    assertThat(size(file, Orientation.STORED)).isEqualTo("2x3");
    assertThat(size(file, Orientation.EXIF)).isEqualTo("3x2");
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 1, 7, 8, 9, 10, 15, 19})
  void aRecordThatIsCutOffSaysNothing(int length) throws IOException {
    assertThat(size(jpeg(Arrays.copyOf(QUARTER_TURN, length)), Orientation.EXIF)).isEqualTo("2x3");
  }

  @Test
  void aRecordWhoseDirectoryLiesOutsideSaysNothing() throws IOException {
    byte[] outside = QUARTER_TURN.clone();
    Arrays.fill(outside, 4, 8, (byte) 0xff);

    assertThat(size(jpeg(outside), Orientation.EXIF)).isEqualTo("2x3");
  }

  @Test
  void datasetsAreReadAsTheModelsSpecSays() throws IOException {
    for (String place : new String[] {"train/tall", "train/wide", "test/tall", "test/wide"}) {
      Path folder = Files.createDirectories(directory.resolve(place));
      Files.write(folder.resolve("picture.jpg"), jpeg(QUARTER_TURN));
    }
    ImageShape shape = new ImageShape(3, 2, 1, Orientation.EXIF);
    byte[] upright = new byte[shape.values()];
    byte[] stored = new byte[shape.values()];
    Dataset dataset = Datasets.open("image-folder", directory);

    dataset.resizedTo(shape).train().pixels(0, upright, 0);
    dataset.resizedTo(new ImageShape(3, 2, 1)).train().pixels(0, stored, 0);

    assertThat(upright)
        .isEqualTo(ImageFile.read(directory.resolve("train/tall/picture.jpg"), shape))
        .isNotEqualTo(stored);
  }

  private static String size(byte[] file, Orientation orientation) {
    BufferedImage image =
        ImageFile.decode(
            "picture", new ByteArrayInputStream(file), ImageFile.MOST_PIXELS, orientation);
    return image.getHeight() + "x" + image.getWidth();
  }

  /** A picture of 2 rows and 3 columns, its corner white, with a record behind its first marker. */
  private static byte[] jpeg(byte[] record) throws IOException {
    BufferedImage image = new BufferedImage(3, 2, BufferedImage.TYPE_BYTE_GRAY);
    image.setRGB(0, 0, 0xffffff);
    ByteArrayOutputStream plain = new ByteArrayOutputStream();
    ImageIO.write(image, "jpg", plain);
    byte[] header = "Exif\0\0".getBytes(StandardCharsets.US_ASCII);
    int length = 2 + header.length + record.length;
    ByteArrayOutputStream file = new ByteArrayOutputStream();
    file.write(plain.toByteArray(), 0, 2);
    file.write(new byte[] {(byte) 0xff, (byte) 0xe1, (byte) (length >> 8), (byte) length});
    file.write(header);
    file.write(record);
    file.write(plain.toByteArray(), 2, plain.size() - 2);
    return file.toByteArray();
  }
}
