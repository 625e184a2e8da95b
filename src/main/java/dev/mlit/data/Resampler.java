package dev.mlit.data;

import dev.mlit.spec.ImageShape;

/**
 * Resizes images of one size to another: a separable triangle filter that widens when it shrinks an
 * image, so that no source pixel is skipped.
 *
 * <p>It computes what Pillow's {@code Image.resize(size, BILINEAR)} computes, the rounding of the
 * fixed-point arithmetic and of the bytes between the two passes included: a model must see the
 * same pixels in Java as in Python. Immutable, so threads may share one.
 */
final class Resampler {
  private final ImageShape target;
  private final Filter columns;
  private final Filter rows;

  /**
   * From images of one size to images of another.
   *
   * @throws IllegalArgumentException if no image has one of these shapes
   */
  Resampler(ImageShape source, ImageShape target) {
    requirePossible(source);
    requirePossible(target);
    this.target = target;
    this.columns = new Filter(source.width(), target.width());
    this.rows = new Filter(source.height(), target.height());
  }

  static void requirePossible(ImageShape shape) {
    boolean channels = shape.channels() == 1 || shape.channels() == 3;
    if (shape.height() < 1 || shape.width() < 1 || !channels) {
      throw new IllegalArgumentException(
          shape + ": height and width must be at least 1, channels 1 or 3");
    }
  }

  /** Writes the resized image to {@code bytes[offset]} and after. */
  void resample(PixelRows source, byte[] bytes, int offset) {
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
      for (int x = 0; x < target.width(); x++) {
        for (int c = 0; c < channels; c++) {
          narrow[y * length + x * channels + c] = columns.apply(x, row, c, channels);
        }
      }
    }
    int copies = target.channels() / channels;
    int out = offset;
    for (int y = 0; y < target.height(); y++) {
      for (int i = 0; i < length; i++) {
        byte value = rows.apply(y, narrow, i, length);
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

    /** Target value {@code i} of the source values that begin at {@code first}. */
    byte apply(int i, byte[] values, int first, int step) {
      int sum = 1 << (FRACTION_BITS - 1);
      int position = first + start[i] * step;
      for (int weight : weights[i]) {
        sum += weight * (values[position] & 0xff);
        position += step;
      }
      return (byte) Math.min(sum >> FRACTION_BITS, 255);
    }
  }
}
