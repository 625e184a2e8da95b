package dev.mlit.data.image;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.within;

import dev.mlit.spec.ImageShape;
import java.awt.Color;
import java.awt.Transparency;
import java.awt.color.ColorSpace;
import java.awt.color.ICC_Profile;
import java.awt.image.BufferedImage;
import java.awt.image.ColorModel;
import java.awt.image.ComponentColorModel;
import java.awt.image.DataBuffer;
import java.awt.image.IndexColorModel;
import java.awt.image.WritableRaster;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Base64;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * If this fails, {@code predict} shows the model other pixels than the user sees: brighter gray,
 * inverted print colours, black where nothing is.
 */
class ImageFileTest {
  private static final ImageShape PIXEL = new ImageShape(1, 1, 3);
  private static final ImageShape GRAY_PIXEL = new ImageShape(1, 1, 1);

  @ParameterizedTest
  @ValueSource(strings = {"png", "bmp"})
  void whatIsWrittenIsReadBack(String format, @TempDir Path directory) throws IOException {
    Path file = directory.resolve("image." + format);
    ImageIO.write(ImageFile.image(TestPattern.pixels(), TestPattern.SHAPE), format, file.toFile());
    assertThat(ImageFile.read(file, TestPattern.SHAPE)).isEqualTo(TestPattern.pixels());
  }

  @ParameterizedTest
  @ValueSource(strings = {"png", "bmp", "gif"})
  void everyGrayIsReadBack(String format, @TempDir Path directory) throws IOException {
    ImageShape shape = new ImageShape(16, 16, 1);
    byte[] ramp = new byte[256];
    for (int i = 0; i < ramp.length; i++) {
      ramp[i] = (byte) i;
    }
    Path file = directory.resolve("image." + format);
    ImageIO.write(ImageFile.image(ramp, shape), format, file.toFile());
    assertThat(ImageFile.read(file, shape)).isEqualTo(ramp);
  }

  @Test
  void theWholeImageIsResizedAsPillowDoes(@TempDir Path directory) throws IOException {
    Path file = directory.resolve("image.png");
    ImageIO.write(ImageFile.image(TestPattern.pixels(), TestPattern.SHAPE), "png", file.toFile());
    byte[] pixels = ImageFile.read(file, new ImageShape(36, 36, 3));
    assertThat(TestPattern.crc32(pixels)).isEqualTo(0x22269299L);
    byte[] gray = ImageFile.read(file, new ImageShape(8, 8, 1));
    assertThat(TestPattern.crc32(gray)).isEqualTo(0xe05d48d6L);
  }

  @Test
  void jpegIsRead() throws IOException {
    BufferedImage image = flat(BufferedImage.TYPE_INT_RGB, new Color(200, 100, 50));
    assertPixel(decode(jpeg(image)), 200, 100, 50);
  }

  @Test
  void grayJpegIsNotBrightened() throws IOException {
    byte[] gray = new byte[64];
    Arrays.fill(gray, (byte) 60);
    BufferedImage image = ImageFile.image(gray, new ImageShape(8, 8, 1));
    assertPixel(decode(jpeg(image)), 60, 60, 60);
  }

  @Test
  void printColoursAreTurnedToRgb() {
    // Written by Pillow: Image.new("CMYK", (8, 8), (0, 255, 255, 0)).
    String red =
        "/9j/7gAOQWRvYmUAZAAAAAAA/9sAQwAIBgYHBgUIBwcHCQkICgwUDQwLCwwZEhMPFB0aHx4dGhwcICQu"
            + "JyAiLCMcHCg3KSwwMTQ0NB8nOT04MjwuMzQy/8AAFAgACAAIBEMRAE0RAFkRAEsRAP/EABUAAQEAAAAA"
            + "AAAAAAAAAAAAAAcI/8QAFBABAAAAAAAAAAAAAAAAAAAAAP/aAA4EQwBNAFkASwAAPwB/T+n8/v/Z";
    assertPixel(decode(Base64.getDecoder().decode(red)), 255, 0, 0);
  }

  @Test
  void colourProfilesAreNotApplied() throws IOException {
    byte[] jpeg = jpeg(flat(BufferedImage.TYPE_INT_RGB, new Color(200, 100, 50)));
    byte[] profile = ICC_Profile.getInstance(ColorSpace.CS_LINEAR_RGB).getData();
    ByteBuffer file = ByteBuffer.allocate(jpeg.length + profile.length + 18);
    int startOfImageAndJfif = 20;
    file.put(jpeg, 0, startOfImageAndJfif);
    file.putShort((short) 0xffe2).putShort((short) (profile.length + 16));
    file.put("ICC_PROFILE".getBytes(StandardCharsets.US_ASCII)).put(new byte[] {0, 1, 1});
    file.put(profile).put(jpeg, startOfImageAndJfif, jpeg.length - startOfImageAndJfif);
    assertPixel(decode(file.array()), 200, 100, 50);
  }

  @Test
  void transparencyIsWhite() {
    assertPixel(flat(BufferedImage.TYPE_INT_ARGB, new Color(10, 20, 30, 0)), 255, 255, 255);
    assertPixel(flat(BufferedImage.TYPE_INT_ARGB, new Color(10, 20, 30, 255)), 10, 20, 30);
    assertPixel(flat(BufferedImage.TYPE_4BYTE_ABGR, new Color(0, 100, 250, 51)), 204, 224, 254);
    assertPixel(flat(BufferedImage.TYPE_INT_ARGB_PRE, new Color(0, 100, 250, 51)), 204, 224, 254);
  }

  @Test
  void grayWithTransparencyIsOnWhiteToo() {
    ColorModel model =
        new ComponentColorModel(
            ColorSpace.getInstance(ColorSpace.CS_GRAY),
            true,
            false,
            Transparency.TRANSLUCENT,
            DataBuffer.TYPE_BYTE);
    WritableRaster raster = model.createCompatibleWritableRaster(1, 1);
    raster.setPixel(0, 0, new int[] {100, 51});
    BufferedImage image = new BufferedImage(model, raster, false, null);
    assertThat(ImageFile.pixels(image, GRAY_PIXEL)).containsExactly(224);
  }

  @Test
  void paletteAndItsTransparencyAreRead() {
    byte[] red = {10, (byte) 200};
    byte[] green = {20, 100};
    byte[] blue = {30, 50};
    byte[] alpha = {0, (byte) 255};
    IndexColorModel palette = new IndexColorModel(1, 2, red, green, blue, alpha);
    BufferedImage image = new BufferedImage(2, 1, BufferedImage.TYPE_BYTE_BINARY, palette);
    image.getRaster().setPixels(0, 0, 2, 1, new int[] {0, 1});
    assertThat(ImageFile.pixels(image, new ImageShape(1, 2, 3)))
        .containsExactly(255, 255, 255, 200, 100, 50);
  }

  @Test
  void sixteenBitsBecomeEight() throws IOException {
    BufferedImage image = new BufferedImage(3, 1, BufferedImage.TYPE_USHORT_GRAY);
    image.getRaster().setPixels(0, 0, 3, 1, new int[] {0, 100 * 257, 65535});
    ByteArrayOutputStream png = new ByteArrayOutputStream();
    ImageIO.write(image, "png", png);
    assertThat(ImageFile.pixels(decode(png.toByteArray()), new ImageShape(1, 3, 1)))
        .containsExactly(0, 100, 255);
  }

  @Test
  void fiveBitsBecomeEight() {
    BufferedImage image = new BufferedImage(1, 1, BufferedImage.TYPE_USHORT_565_RGB);
    image.getRaster().setPixel(0, 0, new int[] {31, 0, 16});
    assertPixel(image, 255, 0, 132);
  }

  @Test
  void anImageOfOnePixelFillsTheShape() {
    BufferedImage image = new BufferedImage(1, 1, BufferedImage.TYPE_INT_RGB);
    image.setRGB(0, 0, 0x0a141e);
    assertThat(ImageFile.pixels(image, new ImageShape(3, 2, 3)))
        .containsExactly(10, 20, 30, 10, 20, 30, 10, 20, 30, 10, 20, 30, 10, 20, 30, 10, 20, 30);
  }

  @Test
  void theStreamStaysOpen() throws IOException {
    byte[] jpeg = jpeg(flat(BufferedImage.TYPE_INT_RGB, Color.RED));
    boolean[] closed = {false};
    ByteArrayInputStream in =
        new ByteArrayInputStream(jpeg) {
          @Override
          public void close() {
            closed[0] = true;
          }
        };
    ImageFile.decode("upload", in);
    assertThat(closed).containsExactly(false);
  }

  @Test
  void examplesOfOtherSizesAreRead() {
    byte[] stretched = ImageFile.read(example("sneaker-300x400.jpg"), new ImageShape(28, 28, 1));
    byte[] original = ImageFile.read(example("sneaker.png"), new ImageShape(28, 28, 1));
    assertThat(meanDifference(stretched, original)).isLessThan(12);
  }

  @Test
  void refusesShapesThatNoImageHas() {
    BufferedImage image = flat(BufferedImage.TYPE_INT_RGB, Color.RED);
    assertThatIllegalArgumentException()
        .isThrownBy(() -> ImageFile.pixels(image, new ImageShape(-1, 4, 3)))
        .withMessage("-1x4x3: height and width must be at least 1, channels 1 or 3");
  }

  @Test
  void refusesPixelsThatAreNotOfTheShape() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> ImageFile.image(new byte[4], GRAY_PIXEL))
        .withMessage("4 bytes of pixels do not make an image of 1x1x1");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> ImageFile.image(new byte[2], new ImageShape(1, 1, 2)))
        .withMessage("2 bytes of pixels do not make an image of 1x1x2");
  }

  private static Path example(String name) {
    Path file = Path.of("examples/images", name);
    assertThat(file).isRegularFile();
    return file;
  }

  private static double meanDifference(byte[] a, byte[] b) {
    double sum = 0;
    for (int i = 0; i < a.length; i++) {
      sum += Math.abs((a[i] & 0xff) - (b[i] & 0xff));
    }
    return sum / a.length;
  }

  private static void assertPixel(BufferedImage image, int red, int green, int blue) {
    byte[] pixel = ImageFile.pixels(image, PIXEL);
    // JPEG rounds; everything else is exact, and off by far more if it is wrong.
    assertThat(pixel[0] & 0xff).isCloseTo(red, within(2));
    assertThat(pixel[1] & 0xff).isCloseTo(green, within(2));
    assertThat(pixel[2] & 0xff).isCloseTo(blue, within(2));
  }

  private static BufferedImage flat(int type, Color color) {
    BufferedImage image = new BufferedImage(8, 8, type);
    for (int i = 0; i < 64; i++) {
      image.setRGB(i % 8, i / 8, color.getRGB());
    }
    return image;
  }

  private static BufferedImage decode(byte[] file) {
    return ImageFile.decode("image", new ByteArrayInputStream(file));
  }

  private static byte[] jpeg(BufferedImage image) throws IOException {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    assertThat(ImageIO.write(image, "jpeg", bytes)).isTrue();
    return bytes.toByteArray();
  }
}
