package dev.mlit.data.image;

import dev.mlit.spec.ImageShape;
import java.util.zip.CRC32;

/**
 * An RGB image of 13x17 pixels that any program can make: channel c of the pixel in row y and
 * column x is {@code (37 x + 91 y + 53 c + x y) mod 256}.
 */
public final class TestPattern {
  public static final ImageShape SHAPE = new ImageShape(13, 17, 3);

  private TestPattern() {}

  public static byte[] pixels() {
    byte[] pixels = new byte[SHAPE.values()];
    int i = 0;
    for (int y = 0; y < 13; y++) {
      for (int x = 0; x < 17; x++) {
        for (int c = 0; c < 3; c++) {
          pixels[i++] = (byte) (37 * x + 91 * y + 53 * c + x * y);
        }
      }
    }
    return pixels;
  }

  public static long crc32(byte[] bytes) {
    CRC32 crc = new CRC32();
    crc.update(bytes);
    return crc.getValue();
  }
}
