package dev.mlit.data.published;

import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.util.Locale;
import java.util.zip.Inflater;
import java.util.zip.InflaterInputStream;
import us.hebi.matlab.mat.types.AbstractSource;
import us.hebi.matlab.mat.types.Source;

/**
 * A MATLAB file as the library reads it, with what the library does not check: it takes memory for
 * whatever length the flags, the dimensions and the name of an array claim to have, and reads
 * MATLAB's own objects, nested as deep as they may be, although nobody asks for them.
 *
 * <p>An array is a tag (type and length of what follows), and in it tag and value of its flags, its
 * dimensions and its name, then of its numbers (MATLAB, "MAT-File Format", version 5); or all of
 * that compressed, which begins a source of its own.
 */
final class MatSource extends AbstractSource {
  private static final int BUFFER = 1 << 16;
  private static final int MATRIX = 14;
  private static final int OPAQUE = 17;

  /** Flags, dimensions and name. */
  private static final int HEADER_TAGS = 3;

  /** The longest name has 63 letters; here are up to 256 dimensions as well. */
  private static final int MOST_HEADER_BYTES = 1024;

  /** What a byte of compressed data unpacks to at most (zlib, "Technical Details"). */
  private static final long MOST_UNPACKED = 1032;

  private final InputStream in;
  private final long size;
  private long position;
  private boolean lengthIsNext;

  /** The tags that were read since the last array began, its own not counted. */
  private int tags = HEADER_TAGS;

  /**
   * A source of these bytes.
   *
   * @param size how many they are at most
   */
  MatSource(InputStream in, long size) {
    super(BUFFER);
    this.in = in;
    this.size = size;
  }

  /** The first half of a tag, or its second. The library reads nothing else as one int. */
  @Override
  public int readInt() throws IOException {
    int value = super.readInt();
    if (lengthIsNext) {
      lengthIsNext = false;
      requireShort(value);
      return value;
    }
    // A short value lies in its tag.
    boolean packed = value >> 16 != 0;
    tags = !packed && value == MATRIX ? 0 : tags + 1;
    if (packed) {
      requireShort(value >> 16);
    } else {
      lengthIsNext = true;
    }
    return value;
  }

  private void requireShort(int length) throws IOException {
    boolean header = tags >= 1 && tags <= HEADER_TAGS;
    long most = Math.min(header ? MOST_HEADER_BYTES : Integer.MAX_VALUE, size - position);
    if (length < 0 || length > most) {
      throw new IOException(
          String.format(
              Locale.ROOT,
              "%s bytes of %s, at most %d",
              Integer.toUnsignedString(length),
              header ? "flags, dimensions or a name" : "an array",
              most));
    }
  }

  @Override
  public void readInts(int[] target, int offset, int length) throws IOException {
    super.readInts(target, offset, length);
    if (tags == 1 && length > 0 && (target[offset] & 0xff) == OPAQUE) {
      throw new IOException("an object of MATLAB's own, must be arrays of numbers");
    }
  }

  @Override
  public void readBytes(byte[] bytes, int offset, int length) throws IOException {
    int read = in.readNBytes(bytes, offset, length);
    position += read;
    if (read < length) {
      throw new EOFException("ends after " + position + " bytes");
    }
  }

  @Override
  public Source readInflated(int length, int bufferSize) throws IOException {
    Inflater inflater = new Inflater();
    return new MatSource(
            new InflaterInputStream(readBytesAsStream(length), inflater, BUFFER) {
              @Override
              public void close() throws IOException {
                super.close();
                inflater.end();
              }
            },
            MOST_UNPACKED * length)
        .order(order());
  }

  @Override
  protected InputStream readBytesAsStream(long length) {
    return new Part(length);
  }

  @Override
  public boolean isMutatedByChildren() {
    return true;
  }

  @Override
  public long getPosition() {
    return position;
  }

  @Override
  public void close() throws IOException {
    in.close();
  }

  /** The next bytes of this source; closing it does not close the source. */
  private final class Part extends InputStream {
    private long left;

    Part(long length) {
      this.left = length;
    }

    @Override
    public int read() throws IOException {
      byte[] one = new byte[1];
      return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
    }

    @Override
    public int read(byte[] bytes, int offset, int length) throws IOException {
      int most = (int) Math.min(length, left);
      int read = most == 0 && length > 0 ? -1 : in.read(bytes, offset, most);
      if (read > 0) {
        left -= read;
        position += read;
      }
      return read;
    }
  }
}
