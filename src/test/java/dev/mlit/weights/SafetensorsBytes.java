package dev.mlit.weights;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;

/** Safetensors files of any content, right or wrong. */
final class SafetensorsBytes {
  private SafetensorsBytes() {}

  /** A file with this header and so many bytes of data. */
  static byte[] of(String header, int dataBytes) {
    return of(header.getBytes(StandardCharsets.UTF_8).length, header, new byte[dataBytes]);
  }

  /** A file that says that its header has {@code length} bytes. */
  static byte[] of(long length, String header, byte[] data) {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    out.writeBytes(
        ByteBuffer.allocate(Long.BYTES).order(ByteOrder.LITTLE_ENDIAN).putLong(length).array());
    out.writeBytes(header.getBytes(StandardCharsets.UTF_8));
    out.writeBytes(data);
    return out.toByteArray();
  }

  static Path write(Path directory, byte[] bytes) throws IOException {
    return Files.write(directory.resolve("w.safetensors"), bytes);
  }
}
