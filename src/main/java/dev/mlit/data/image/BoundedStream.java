package dev.mlit.data.image;

import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.util.Locale;

/**
 * A stream that fails when more than a limit is read: packed data can unpack to any length.
 *
 * @since 0.1.0
 */
public class BoundedStream extends FilterInputStream {
  /** More than the limit was read. */
  static final class TooLongException extends IOException {
    private static final long serialVersionUID = 1;

    TooLongException(String message) {
      super(message);
    }
  }

  /**
   * What a file may unpack to: an uncompressed image of the most pixels, and some more; but no more
   * than there is memory for if every thread reads such a file.
   */
  public static final long MOST_FILE_BYTES =
      Math.min(
          5 * ImageFile.MOST_PIXELS, Runtime.getRuntime().maxMemory() / (4L * Readers.THREADS));

  private final long most;
  private long count;

  public BoundedStream(InputStream in, long most) {
    super(in);
    this.most = most;
  }

  /** A stream from which no more can be read than a file of a dataset has. */
  public static InputStream ofImageFile(InputStream in) {
    return new BoundedStream(in, MOST_FILE_BYTES) {
      @Override
      protected IOException tooMuch(long most) {
        return new TooLongException(
            String.format(
                Locale.ROOT,
                "more than %d bytes, the most that is read of one file where Java may take %d MB of"
                    + " memory (-Xmx)",
                most,
                Runtime.getRuntime().maxMemory() >> 20));
      }
    };
  }

  @Override
  public int read() throws IOException {
    int value = super.read();
    counted(value < 0 ? 0 : 1);
    return value;
  }

  @Override
  public int read(byte[] bytes, int offset, int length) throws IOException {
    int read = super.read(bytes, offset, length);
    counted(Math.max(read, 0));
    return read;
  }

  @Override
  public long skip(long bytes) throws IOException {
    long skipped = super.skip(bytes);
    counted(skipped);
    return skipped;
  }

  @Override
  public boolean markSupported() {
    return false;
  }

  private void counted(long bytes) throws IOException {
    count += bytes;
    if (count > most) {
      throw tooMuch(most);
    }
  }

  /** The bytes that were read. */
  public long count() {
    return count;
  }

  /** What to throw when more than {@code most} bytes are read. */
  protected IOException tooMuch(long most) {
    return new TooLongException("more than " + most + " bytes");
  }
}
