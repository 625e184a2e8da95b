package dev.mlit.data.image;

import dev.mlit.spec.InvalidInputException;
import java.io.IOException;
import java.nio.ByteOrder;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import javax.imageio.stream.ImageInputStream;

/**
 * The first image of a TIFF file as its directory describes it (TIFF 6.0, Adobe 1992). What would
 * be read with other pixels than in Pillow is refused.
 *
 * @param orientation 1 to 8, as in EXIF; Pillow turns TIFF files by it
 */
record Tiff(int orientation) {
  private static final int WIDTH = 256;
  private static final int HEIGHT = 257;
  private static final int BITS = 258;
  private static final int COMPRESSION = 259;
  private static final int PHOTOMETRIC = 262;
  private static final int ORIENTATION = 274;
  private static final int SAMPLES = 277;
  private static final int TILE_WIDTH = 322;
  private static final int TILE_HEIGHT = 323;
  private static final int EXTRA_SAMPLES = 338;
  private static final int SAMPLE_FORMAT = 339;
  private static final Set<Integer> READ =
      Set.of(
          WIDTH,
          HEIGHT,
          BITS,
          COMPRESSION,
          PHOTOMETRIC,
          ORIENTATION,
          SAMPLES,
          TILE_WIDTH,
          TILE_HEIGHT,
          EXTRA_SAMPLES,
          SAMPLE_FORMAT);

  /** Values of an entry that are read: no image has more samples a pixel. */
  private static final int MOST_VALUES = 8;

  private static final int SHORT = 3;
  private static final int LONG = 4;
  private static final int WHITE_IS_ZERO = 0;
  private static final int UNASSOCIATED_ALPHA = 2;

  private static final Map<Integer, String> COMPRESSIONS =
      Map.of(
          1,
          "none",
          2,
          "CCITT",
          3,
          "Group 3",
          4,
          "Group 4",
          5,
          "LZW",
          7,
          "JPEG",
          8,
          "Deflate",
          32_773,
          "PackBits",
          32_946,
          "Deflate");

  private static final Map<Integer, String> COLORS =
      Map.of(0, "gray", 1, "gray", 2, "RGB", 3, "palette", 5, "CMYK", 6, "YCbCr");

  /** Samples of a pixel that make its colour. */
  private static final Map<Integer, Integer> COLOR_SAMPLES =
      Map.of(0, 1, 1, 1, 2, 3, 3, 1, 5, 4, 6, 3);

  /**
   * Checks an image before it is decoded. Leaves the stream where it was.
   *
   * @param name names it in messages
   * @param in at the beginning of the file
   * @throws InvalidInputException if it is of a kind that is not read
   */
  static Tiff require(String name, ImageInputStream in) throws IOException {
    long start = in.getStreamPosition();
    ByteOrder order = in.getByteOrder();
    try {
      return checked(name, directory(in, start));
    } finally {
      in.setByteOrder(order);
      in.seek(start);
    }
  }

  /** The values of the entries that are looked at. */
  private static Map<Integer, long[]> directory(ImageInputStream in, long start)
      throws IOException {
    in.setByteOrder(in.readUnsignedByte() == 'I' ? ByteOrder.LITTLE_ENDIAN : ByteOrder.BIG_ENDIAN);
    in.seek(start + 4);
    in.seek(start + in.readUnsignedInt());
    int entries = in.readUnsignedShort();
    Map<Integer, long[]> values = new HashMap<>();
    long first = in.getStreamPosition();
    for (int i = 0; i < entries; i++) {
      in.seek(first + 12L * i);
      int tag = in.readUnsignedShort();
      int type = in.readUnsignedShort();
      long count = in.readUnsignedInt();
      if (READ.contains(tag) && (type == SHORT || type == LONG) && count > 0) {
        if (count * (type == SHORT ? 2 : 4) > 4) {
          in.seek(start + in.readUnsignedInt());
        }
        long[] read = new long[(int) Math.min(count, MOST_VALUES)];
        for (int k = 0; k < read.length; k++) {
          read[k] = type == SHORT ? in.readUnsignedShort() : in.readUnsignedInt();
        }
        values.putIfAbsent(tag, read);
      }
    }
    return values;
  }

  private static Tiff checked(String name, Map<Integer, long[]> values) {
    int compression = value(values, COMPRESSION, 1);
    if (!COMPRESSIONS.containsKey(compression)) {
      throw refused(
          name,
          "compressed by method " + compression,
          "must be one of none, CCITT, LZW, JPEG, Deflate, PackBits");
    }
    int colors = value(values, PHOTOMETRIC, -1);
    if (!COLORS.containsKey(colors)) {
      throw refused(
          name, "of colours of kind " + colors, "must be gray, RGB, palette, CMYK or YCbCr");
    }
    long[] bits = values.getOrDefault(BITS, new long[] {1});
    for (long each : bits) {
      if (each != bits[0] || !List.of(1L, 2L, 4L, 8L, 16L).contains(each)) {
        throw refused(
            name, "of " + Arrays.toString(bits) + " bits a sample", "must be 1, 2, 4, 8 or 16");
      }
    }
    if (value(values, SAMPLE_FORMAT, 1) != 1) {
      throw refused(name, "of signed numbers or fractions", "must be of unsigned integers");
    }
    if (bits[0] == 16 && colors != 1 && colors != 2) {
      throw refused(
          name,
          "of 16 bits in " + COLORS.get(colors) + (colors == WHITE_IS_ZERO ? ", 0 white" : ""),
          "must be of 8 bits, or gray with 0 black, or RGB");
    }
    requireSamples(name, values, colors);
    return new Tiff(orientation(values));
  }

  /**
   * The orientation in a directory, whatever else is in it.
   *
   * @param in at the beginning of a TIFF file or an EXIF record; may be elsewhere afterwards
   * @return 1 to 8; 1 if there is none, or one that does not exist
   */
  static int orientation(ImageInputStream in) throws IOException {
    return orientation(directory(in, in.getStreamPosition()));
  }

  private static int orientation(Map<Integer, long[]> values) {
    int orientation = value(values, ORIENTATION, UprightTurn.UPRIGHT);
    return orientation >= 1 && orientation <= 8 ? orientation : UprightTurn.UPRIGHT;
  }

  private static void requireSamples(String name, Map<Integer, long[]> values, int colors) {
    int extra = value(values, SAMPLES, 1) - COLOR_SAMPLES.getOrDefault(colors, 1);
    boolean alpha = extra == 1 && value(values, EXTRA_SAMPLES, UNASSOCIATED_ALPHA) == 2;
    if (extra < 0 || (extra > 0 && !(alpha && (colors == 1 || colors == 2)))) {
      throw refused(
          name,
          String.format(
              Locale.ROOT,
              "of %d samples a pixel in %s, the extra ones of kind %s",
              value(values, SAMPLES, 1),
              COLORS.get(colors),
              Arrays.toString(values.getOrDefault(EXTRA_SAMPLES, new long[0]))),
          "must be the colours, and at most unassociated alpha (2) with gray or RGB");
    }
    long tile = (long) value(values, TILE_WIDTH, 1) * value(values, TILE_HEIGHT, 1);
    long pixels = (long) value(values, WIDTH, 1) * value(values, HEIGHT, 1);
    if (tile > Math.max(4 * pixels, 1 << 20)) {
      throw refused(name, "of tiles of " + tile + " pixels", "must be about as large as the image");
    }
  }

  private static int value(Map<Integer, long[]> values, int tag, int absent) {
    long[] found = values.get(tag);
    return found == null ? absent : (int) Math.min(found[0], Integer.MAX_VALUE);
  }

  private static InvalidInputException refused(String name, String found, String rule) {
    return new InvalidInputException(name + ": a TIFF " + found + ", " + rule);
  }
}
