package dev.mlit.data.image;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import dev.mlit.data.Archives;
import dev.mlit.data.ImageFolder;
import dev.mlit.spec.ImageShape;
import dev.mlit.spec.InvalidInputException;
import java.awt.image.BufferedImage;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Map;
import java.util.Random;
import javax.imageio.ImageIO;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.assertj.core.api.ThrowableAssertAlternative;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * If this fails, a service that takes uploads can be stopped by one of them, or answers with the
 * class of an image of which half is missing.
 */
class ImageFileDamageTest {
  @Test
  void refusesWhatIsNoImage(@TempDir Path directory) throws IOException {
    Path text = Files.writeString(directory.resolve("x.txt"), "not an image");
    refused(() -> ImageFile.decode(text))
        .withMessage("%s: not an image that can be read (PNG, JPEG, GIF, BMP, WebP or TIFF)", text);
  }

  @Test
  void doesNotTakeDataFilesForBlackAndWhiteImages() {
    // ImageIO's WBMP reader would: an IDX file begins with two zero bytes, too.
    refused(() -> decode(new byte[] {0, 0, 8, 1, 1}))
        .withMessage("image: not an image that can be read (PNG, JPEG, GIF, BMP, WebP or TIFF)");
  }

  @Test
  void refusesEmptyFiles(@TempDir Path directory) throws IOException {
    Path empty = Files.createFile(directory.resolve("empty.png"));
    refused(() -> ImageFile.decode(empty)).withMessage("%s: is empty, must be an image", empty);
  }

  @Test
  void refusesMissingFiles(@TempDir Path directory) {
    Path absent = directory.resolve("absent.png");
    refused(() -> ImageFile.decode(absent)).withMessage("%s: no such file", absent);
  }

  @Test
  void refusesDirectories(@TempDir Path directory) {
    refused(() -> ImageFile.decode(directory))
        .withMessage("%s: is a directory, must be an image file", directory);
  }

  @ParameterizedTest
  @ValueSource(strings = {"png", "jpeg", "gif", "bmp"})
  void refusesImagesCutOffAnywhere(String format) throws IOException {
    byte[] whole = file(format);
    byte[] expected = pixels(decode(whole));
    for (int length = 1; length < whole.length; length++) {
      byte[] part = Arrays.copyOf(whole, length);
      try {
        // What is missing may come after the pixels.
        assertThat(pixels(decode(part))).as("first %d bytes", length).isEqualTo(expected);
        assertThat(length).isGreaterThan(whole.length - 25);
      } catch (InvalidInputException e) {
        assertThat(e).hasMessageStartingWith("image: ").hasMessageNotContaining("\n");
      }
    }
  }

  /** Found by the fuzzer: for what a few bytes claim, a service would compute for seconds. */
  @Test
  void refusesAWebpOfManyTablesThatEndsAtOnce() throws IOException {
    byte[] file = ImageBytes.kept("tables-beyond-the-end.webp");
    refused(() -> decode(file))
        .withMessage("image: damaged or truncated image (ends before its pixels do)");
  }

  /** Found by the fuzzer: it was no refusal, but a fault of the program. */
  @Test
  void refusesATiffWhoseDirectoryLiesFarBeyondTheEnd() throws IOException {
    byte[] file = ImageBytes.kept("directory-beyond-2-gib.tif");
    refused(() -> decode(file)).withMessage("image: damaged or truncated image (ends too early)");
  }

  @Test
  void saysThatAJpegIsTruncated() throws IOException {
    byte[] whole = file("jpeg");
    refused(() -> decode(Arrays.copyOf(whole, whole.length - 1)))
        .withMessage("image: damaged or truncated image (Truncated File - Missing EOI marker)");
  }

  /** Of JPEG, what cameras and the web write besides: in several passes, and in inks. */
  @ParameterizedTest
  @ValueSource(
      strings = {
        "right-progressive.jpg",
        "right-cmyk.jpg",
        "right-rgba.png",
        "right-RGB-95.webp",
        "right-RGB-noise.lossless.webp",
        "right-RGBA-tiff_deflate.tif",
        "right-P-packbits.tif"
      })
  void refusesOtherKindsCutOffAnywhere(String kept) throws IOException {
    byte[] whole = ImageBytes.kept(kept);
    byte[] expected = pixels(decode(whole));
    for (int length = 1; length < whole.length; length++) {
      byte[] part = Arrays.copyOf(whole, length);
      try {
        assertThat(pixels(decode(part))).as("first %d bytes", length).isEqualTo(expected);
        assertThat(length).isGreaterThan(whole.length - 25);
      } catch (InvalidInputException e) {
        assertThat(e).hasMessageStartingWith("image: ").hasMessageNotContaining("\n");
      }
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"png", "jpeg", "gif", "bmp"})
  void damageIsNeverMoreThanARefusal(String format) throws IOException {
    byte[] whole = file(format);
    Random random = new Random(1);
    for (int i = 0; i < 500; i++) {
      byte[] damaged = whole.clone();
      damaged[random.nextInt(damaged.length)] = (byte) random.nextInt(256);
      damaged[random.nextInt(damaged.length)] = (byte) random.nextInt(256);
      try {
        pixels(decode(damaged));
      } catch (InvalidInputException e) {
        assertThat(e).hasMessageStartingWith("image: ").hasMessageNotContaining("\n");
      }
    }
  }

  @Test
  void refusesTooManyPixelsBeforeDecodingThem() {
    refused(() -> decode(pngHeader(10_000, 10_001)))
        .withMessage(
            "image: 10001x10000 pixels, must be at most 100000000, and at most 65535 on a side");
    refused(() -> decode(pngHeader(Integer.MAX_VALUE, Integer.MAX_VALUE)))
        .withMessageContaining("2147483647x2147483647 pixels");
    // At the limit, it is the missing data that is refused.
    refused(() -> decode(pngHeader(10_000, 10_000)))
        .withMessageStartingWith("image: damaged or truncated image (");
  }

  @Test
  void refusesTooLongASide() {
    refused(() -> decode(pngHeader(65_536, 1)))
        .withMessage(
            "image: 1x65536 pixels, must be at most 100000000, and at most 65535 on a side");
    refused(() -> decode(pngHeader(1, 65_535)))
        .withMessageStartingWith("image: damaged or truncated image (");
  }

  /** Their readers, too, are told by the header alone. */
  @ParameterizedTest
  @ValueSource(strings = {"right-palette.gif", "right-rgb.jpg", "right-progressive.jpg"})
  void refusesTooManyPixelsOfEveryFormat(String kept) throws IOException {
    byte[] claim = ImageBytes.claiming60000Squared(kept);
    refused(() -> decode(claim)).withMessageStartingWith("image: 60000x60000 pixels, must be at");
  }

  /** Java's reader of BMP files, whose size tells, is first to notice. */
  @Test
  void refusesABmpThatClaimsMorePixelsThanItHas() throws IOException {
    byte[] claim = ImageBytes.claiming60000Squared("right-rgb.bmp");
    refused(() -> decode(claim)).withMessageStartingWith("image: damaged or truncated image (");
  }

  /** As above, but in the folder where a user finds it among ten thousand. */
  @Test
  void namesTheFileOfTheFolder(@TempDir Path directory) throws IOException {
    Archives.folder(
        directory,
        Map.of(
            "a/1.png", ImageBytes.pngHeader(60_000, 60_000, 8, false),
            "b/1.png", Archives.png(1, 1, 1)));
    refused(() -> ImageFolder.read("x", directory).train().load(done -> {}))
        .withMessageStartingWith(directory + "/a/1.png: 60000x60000 pixels, must be at most");
  }

  // ---- Images that keep a program busy ----

  @Test
  void refusesAGifWithMoreThan64KbOfComments() throws IOException {
    byte[] most = ImageBytes.gifWithComment(257 * 255);
    assertThat(pixels(decode(most)))
        .isEqualTo(pixels(decode(ImageBytes.kept("right-palette.gif"))));
    // Java's reader would need hours for the 16 MB that half a kilobyte can unpack to.
    refused(() -> decode(ImageBytes.gifWithComment(258 * 255)))
        .withMessage("image: more than 65536 bytes of comments and extensions before the image");
  }

  @Test
  void refusesAJpegWithMoreThan100Scans() throws IOException {
    assertThat(decode(ImageBytes.kept("right-scans-100.jpg")).getWidth()).isEqualTo(16);
    byte[] more = ImageBytes.kept("scans-101.jpg");
    refused(() -> decode(more))
        .withMessage("image: a JPEG of more than 100 scans of the whole image");
  }

  private static byte[] pngHeader(int width, int height) {
    return ImageBytes.pngHeader(width, height, 8, false);
  }

  private static byte[] file(String format) throws IOException {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    BufferedImage image = ImageFile.image(TestPattern.pixels(), TestPattern.SHAPE);
    assertThat(ImageIO.write(image, format, bytes)).isTrue();
    return bytes.toByteArray();
  }

  private static BufferedImage decode(byte[] file) {
    return ImageFile.decode("image", new ByteArrayInputStream(file));
  }

  private static byte[] pixels(BufferedImage image) {
    return ImageFile.pixels(image, new ImageShape(13, 17, 3));
  }

  private static ThrowableAssertAlternative<InvalidInputException> refused(
      ThrowingCallable decode) {
    return assertThatExceptionOfType(InvalidInputException.class).isThrownBy(decode);
  }
}
