package dev.mlit.data.image;

import dev.mlit.data.published.MatBytes;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.zip.CRC32;

/** Makes image files that claim to be what they are not. */
public final class ImageBytes {
  private static final byte[] PNG = {(byte) 0x89, 'P', 'N', 'G', 13, 10, 26, 10};

  private ImageBytes() {}

  /** A PNG file that ends after its header: gray, or RGB. */
  public static byte[] pngHeader(int width, int height, int bits, boolean rgb) {
    byte[] header =
        ByteBuffer.allocate(13)
            .putInt(width)
            .putInt(height)
            .put(new byte[] {(byte) bits, (byte) (rgb ? 2 : 0), 0, 0, 0})
            .array();
    return MatBytes.join(PNG, chunk("IHDR", header));
  }

  /** A part of a PNG file. */
  public static byte[] chunk(String type, byte[] content) {
    byte[] name = type.getBytes(StandardCharsets.US_ASCII);
    CRC32 crc = new CRC32();
    crc.update(name);
    crc.update(content);
    return MatBytes.join(int32(content.length), name, content, int32((int) crc.getValue()));
  }

  /** A GIF file with a comment of so many bytes before its image. */
  public static byte[] gifWithComment(int bytes) throws IOException {
    byte[] gif = kept("right-palette.gif");
    int image = 13 + 3 * (2 << (gif[10] & 7));
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    out.write(gif, 0, image);
    out.write(0x21);
    out.write(0xfe);
    byte[] block = new byte[256];
    block[0] = (byte) 255;
    for (int i = 0; i < bytes; i += 255) {
      out.writeBytes(block);
    }
    out.write(0);
    out.write(gif, image, gif.length - image);
    return out.toByteArray();
  }

  /** One of the kept images with another size in its header. */
  static byte[] claiming60000Squared(String kept) throws IOException {
    byte[] image = kept(kept);
    ByteBuffer bytes = ByteBuffer.wrap(image);
    if (kept.endsWith(".bmp")) {
      bytes.order(ByteOrder.LITTLE_ENDIAN).putInt(18, 60_000).putInt(22, 60_000);
      // The size of the pixels, which may be left out.
      bytes.putInt(34, 0);
    } else if (kept.endsWith(".gif")) {
      int descriptor = 13 + 3 * (2 << (image[10] & 7));
      bytes.order(ByteOrder.LITTLE_ENDIAN).putShort(6, (short) 60_000).putShort(8, (short) 60_000);
      bytes.putShort(descriptor + 5, (short) 60_000).putShort(descriptor + 7, (short) 60_000);
    } else {
      bytes.putShort(frame(image) + 5, (short) 60_000).putShort(frame(image) + 7, (short) 60_000);
    }
    return image;
  }

  /** Where the segment begins that has the size of a JPEG. */
  private static int frame(byte[] jpeg) {
    int segment = 2;
    while (jpeg[segment + 1] != (byte) 0xc0 && jpeg[segment + 1] != (byte) 0xc2) {
      segment += 2 + (jpeg[segment + 2] & 0xff) * 256 + (jpeg[segment + 3] & 0xff);
    }
    return segment;
  }

  /** One of the images of src/test/resources/fuzz/image, all 5 x 7 pixels. */
  static byte[] kept(String name) throws IOException {
    return Files.readAllBytes(Path.of("src/test/resources/fuzz/image", name));
  }

  private static byte[] int32(int value) {
    return ByteBuffer.allocate(Integer.BYTES).putInt(value).array();
  }
}
