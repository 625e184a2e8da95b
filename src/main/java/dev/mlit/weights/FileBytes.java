package dev.mlit.weights;

import java.io.EOFException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;

/**
 * Reads parts of files that hold weights.
 *
 * @since 0.1.0
 */
public final class FileBytes {
  private FileBytes() {}

  /**
   * Fills a buffer from a place in a file; the channel's own position stays.
   *
   * @param position of the first byte
   * @throws EOFException if the file ends before the buffer is full
   */
  public static void readFully(FileChannel channel, ByteBuffer target, long position)
      throws IOException {
    long next = position;
    while (target.hasRemaining()) {
      int count = channel.read(target, next);
      if (count < 0) {
        throw new EOFException("the file ends at byte " + next);
      }
      next += count;
    }
  }
}
