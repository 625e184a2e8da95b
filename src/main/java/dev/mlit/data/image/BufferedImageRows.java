package dev.mlit.data.image;

import java.awt.color.ColorSpace;
import java.awt.image.BufferedImage;
import java.awt.image.ColorModel;
import java.awt.image.ComponentSampleModel;
import java.awt.image.DataBuffer;
import java.awt.image.DataBufferByte;
import java.awt.image.IndexColorModel;
import java.awt.image.Raster;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * The rows of an AWT image, gray or RGB as the image is, on white where it is transparent.
 *
 * <p>Samples are taken as they are stored. {@link BufferedImage#getRGB} would do only for some
 * images: it takes gray for linear light and brightens it, and is slow where there is a colour
 * profile.
 *
 * @since 0.1.0
 */
public final class BufferedImageRows implements PixelRows {
  private final BufferedImage image;
  private final ColorModel colors;
  private final boolean stored;

  /** Whether the stored samples are the bytes that are wanted, as in most images. */
  private final boolean bytes;

  /** Whether it is CMYK of bytes, with or without a profile. */
  private final boolean cmyk;

  /** The pixels of the image itself where they lie as they are wanted, so that rows are copied. */
  private final byte @Nullable [] contiguous;

  private final int channels;
  private int[] samples = new int[0];

  public BufferedImageRows(BufferedImage image) {
    this.image = image;
    this.colors = image.getColorModel();
    int space = colors.getColorSpace().getType();
    int transfer = colors.getTransferType();
    boolean unsigned =
        transfer == DataBuffer.TYPE_BYTE
            || transfer == DataBuffer.TYPE_USHORT
            || transfer == DataBuffer.TYPE_INT;
    this.stored =
        unsigned
            && !(colors instanceof IndexColorModel)
            && (space == ColorSpace.TYPE_GRAY || space == ColorSpace.TYPE_RGB);
    this.channels = stored && space == ColorSpace.TYPE_GRAY ? 1 : 3;
    this.bytes =
        stored
            && transfer == DataBuffer.TYPE_BYTE
            && bands() == channels
            && Arrays.stream(colors.getComponentSize()).allMatch(bits -> bits == 8);
    this.cmyk = space == ColorSpace.TYPE_CMYK && transfer == DataBuffer.TYPE_BYTE && bands() == 4;
    this.contiguous = bytes ? contiguous(image.getRaster(), channels) : null;
  }

  private static byte @Nullable [] contiguous(Raster raster, int channels) {
    int[] order = channels == 1 ? new int[] {0} : new int[] {0, 1, 2};
    boolean whole =
        raster.getParent() == null
            && raster.getSampleModel() instanceof ComponentSampleModel layout
            && layout.getPixelStride() == channels
            && layout.getScanlineStride() == channels * raster.getWidth()
            && Arrays.equals(layout.getBandOffsets(), order)
            && raster.getDataBuffer() instanceof DataBufferByte buffer
            && buffer.getNumBanks() == 1
            && buffer.getOffset() == 0
            && raster.getSampleModelTranslateX() == 0
            && raster.getSampleModelTranslateY() == 0;
    return whole ? ((DataBufferByte) raster.getDataBuffer()).getData() : null;
  }

  @Override
  public int height() {
    return image.getHeight();
  }

  @Override
  public int width() {
    return image.getWidth();
  }

  @Override
  public int channels() {
    return channels;
  }

  @Override
  public void row(int y, byte[] target) {
    if (contiguous != null) {
      System.arraycopy(contiguous, y * width() * channels, target, 0, width() * channels);
    } else if (bytes) {
      image.getRaster().getDataElements(0, y, width(), 1, target);
    } else if (stored) {
      storedRow(y, target);
    } else if (cmyk) {
      cmykRow(y, target);
    } else {
      convertedRow(y, target);
    }
  }

  private void storedRow(int y, byte[] target) {
    samples = image.getRaster().getPixels(0, y, width(), 1, fitting(samples, bands()));
    boolean alpha = colors.hasAlpha();
    for (int x = 0; x < width(); x++) {
      int opacity = alpha ? eightBits(samples[(x + 1) * bands() - 1], channels) : 255;
      for (int c = 0; c < channels; c++) {
        int value = eightBits(samples[x * bands() + c], c);
        boolean premultiplied = colors.isAlphaPremultiplied();
        target[x * channels + c] = onWhite(value, opacity, premultiplied);
      }
    }
  }

  /** As Pillow's cmyk2rgb: a share of the light that black leaves, rounded. */
  private void cmykRow(int y, byte[] target) {
    samples = image.getRaster().getPixels(0, y, width(), 1, fitting(samples, 4));
    for (int x = 0; x < width(); x++) {
      int light = 255 - samples[4 * x + 3];
      for (int c = 0; c < 3; c++) {
        int product = samples[4 * x + c] * light + 128;
        target[3 * x + c] = (byte) Math.max(0, light - (((product >> 8) + product) >> 8));
      }
    }
  }

  private void convertedRow(int y, byte[] target) {
    samples = image.getRGB(0, y, width(), 1, fitting(samples, 1), 0, width());
    for (int x = 0; x < width(); x++) {
      int argb = samples[x];
      for (int c = 0; c < 3; c++) {
        target[3 * x + c] = onWhite((argb >> (16 - 8 * c)) & 0xff, argb >>> 24, false);
      }
    }
  }

  private int bands() {
    return image.getRaster().getNumBands();
  }

  private int[] fitting(int[] array, int perPixel) {
    return array.length == width() * perPixel ? array : new int[width() * perPixel];
  }

  /** A sample of 1 to 16 bits as one of 8. */
  private int eightBits(int sample, int component) {
    int most = (1 << colors.getComponentSize(component)) - 1;
    return most == 255 ? sample : (sample * 255 + most / 2) / most;
  }

  private static byte onWhite(int value, int opacity, boolean premultiplied) {
    int white = 255 - opacity;
    int mixed = premultiplied ? value + white : (value * opacity + 255 * white + 127) / 255;
    return (byte) Math.min(mixed, 255);
  }
}
