package dev.mlit.data;

import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;

/** Fails where more is read than there may be: what is packed can unpack to any length. */
class BoundedStream extends FilterInputStream {
  /** More was there than may be read. */
  static final class TooLongException extends IOException {
    private static final long serialVersionUID = 1;

    TooLongException(String message) {
      super(message);
    }
  }

  private final long most;
  private long count;

  BoundedStream(InputStream in, long most) {
    super(in);
    this.most = most;
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
  long count() {
    return count;
  }

  /** What to throw when more than {@code most} bytes are read. */
  IOException tooMuch(long most) {
    return new TooLongException("more than " + most + " bytes");
  }
}
