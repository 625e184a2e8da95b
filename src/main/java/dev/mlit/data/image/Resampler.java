package dev.mlit.data.image;

import dev.mlit.spec.ImageShape;
import java.util.Arrays;

/**
 * Resizes images of one size to another: a separable triangle filter that widens when it shrinks an
 * image, so that no source pixel is skipped.
 *
 * <p>It computes what Pillow's {@code Image.resize(size, BILINEAR)} computes, the rounding of the
 * fixed-point arithmetic and of the bytes between the two passes included: a model must see the
 * same pixels in Java as in Python. Immutable, so threads may share one.
 *
 * @since 0.1.0
 */
public final class Resampler {
  private final ImageShape source;
  private final ImageShape target;
  private final Filter columns;
  private final Filter rows;

  /**
   * From images of one size to images of another.
   *
   * @throws IllegalArgumentException if no image has one of these shapes
   */
  public Resampler(ImageShape source, ImageShape target) {
    requirePossible(source);
    requirePossible(target);
    this.source = source;
    this.target = target;
    this.columns = new Filter(source.width(), target.width());
    this.rows = new Filter(source.height(), target.height());
  }

  /** Whether it is made for images of this size. */
  public boolean isFrom(ImageShape shape) {
    return source.equals(shape);
  }

  public static void requirePossible(ImageShape shape) {
    boolean channels = shape.channels() == 1 || shape.channels() == 3;
    if (shape.height() < 1 || shape.width() < 1 || !channels) {
      throw new IllegalArgumentException(
          shape + ": height and width must be at least 1, channels 1 or 3");
    }
  }

  /** Writes the resized image to {@code bytes[offset]} and after. */
  public void resample(PixelRows source, byte[] bytes, int offset) {
    // To gray before resizing, to RGB after it: either way there is less to compute.
    int channels = Math.min(source.channels(), target.channels());
    int length = target.width() * channels;
    byte[] row = new byte[source.width() * source.channels()];
    byte[] narrow = new byte[Math.multiplyExact(source.height(), length)];
    for (int y = 0; y < source.height(); y++) {
      source.row(y, row);
      if (source.channels() > channels) {
        toGray(row, source.width());
      }
      if (channels == 3) {
        columns.applyToRgb(row, narrow, y * length);
      } else {
        columns.applyToGray(row, narrow, y * length);
      }
    }
    int copies = target.channels() / channels;
    int[] sums = new int[length];
    int out = offset;
    for (int y = 0; y < target.height(); y++) {
      rows.sumRows(y, narrow, sums);
      for (int i = 0; i < length; i++) {
        byte value = Filter.value(sums[i]);
        for (int copy = 0; copy < copies; copy++) {
          bytes[out++] = value;
        }
      }
    }
  }

  /** ITU-R BT.601 luma in 16-bit fixed point, as Pillow computes it; in place. */
  private static void toGray(byte[] row, int width) {
    for (int x = 0; x < width; x++) {
      int red = row[3 * x] & 0xff;
      int green = row[3 * x + 1] & 0xff;
      int blue = row[3 * x + 2] & 0xff;
      row[x] = (byte) ((19595 * red + 38470 * green + 7471 * blue + 0x8000) >> 16);
    }
  }

  /** The weights of the source pixels in every target pixel, along one axis. */
  private static final class Filter {
    /** The sum of 255 times all weights still fits in an int. */
    private static final int FRACTION_BITS = 22;

    /** Where a sum begins, so that it is rounded. */
    private static final int HALF = 1 << (FRACTION_BITS - 1);

    private final int[] start;
    private final int[][] weights;

    Filter(int source, int target) {
      start = new int[target];
      weights = new int[target][];
      double scale = (double) source / target;
      double support = Math.max(scale, 1);
      for (int i = 0; i < target; i++) {
        double center = (i + 0.5) * scale;
        start[i] = Math.max((int) (center - support + 0.5), 0);
        int end = Math.min((int) (center + support + 0.5), source);
        double[] exact = new double[end - start[i]];
        double sum = 0;
        for (int j = 0; j < exact.length; j++) {
          double distance = Math.abs((start[i] + j - center + 0.5) * (1 / support));
          exact[j] = Math.max(1 - distance, 0);
          sum += exact[j];
        }
        weights[i] = new int[exact.length];
        for (int j = 0; j < exact.length; j++) {
          weights[i][j] = (int) (0.5 + exact[j] / sum * (1 << FRACTION_BITS));
        }
      }
    }

    // One loop for each case: they are most of what reading a small image costs.

    /** All target pixels of a row of RGB, to {@code out[first]} and after. */
    void applyToRgb(byte[] row, byte[] out, int first) {
      int next = first;
      for (int x = 0; x < start.length; x++) {
        int red = HALF;
        int green = HALF;
        int blue = HALF;
        int position = 3 * start[x];
        for (int weight : weights[x]) {
          red += weight * (row[position] & 0xff);
          green += weight * (row[position + 1] & 0xff);
          blue += weight * (row[position + 2] & 0xff);
          position += 3;
        }
        out[next++] = value(red);
        out[next++] = value(green);
        out[next++] = value(blue);
      }
    }

    /** All target pixels of a row of gray, to {@code out[first]} and after. */
    void applyToGray(byte[] row, byte[] out, int first) {
      for (int x = 0; x < start.length; x++) {
        int sum = HALF;
        int position = start[x];
        for (int weight : weights[x]) {
          sum += weight * (row[position++] & 0xff);
        }
        out[first + x] = value(sum);
      }
    }

    /** The sums of target row {@code y}, whatever a row is made of. */
    void sumRows(int y, byte[] rows, int[] sums) {
      Arrays.fill(sums, HALF);
      int position = start[y] * sums.length;
      for (int weight : weights[y]) {
        for (int i = 0; i < sums.length; i++) {
          sums[i] += weight * (rows[position++] & 0xff);
        }
      }
    }

    /** The value of a sum. */
    static byte value(int sum) {
      return (byte) Math.min(sum >> FRACTION_BITS, 255);
    }
  }
}
