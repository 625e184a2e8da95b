package dev.mlit.data.published;

import dev.mlit.data.image.MemoryLimit;
import dev.mlit.spec.InvalidInputException;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.io.PushbackInputStream;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Locale;
import java.util.zip.GZIPInputStream;
import java.util.zip.ZipException;

/**
 * Reads IDX files of unsigned bytes as <a href="http://yann.lecun.com/exdb/mnist">MNIST</a>
 * publishes them, gzipped or not: two zero bytes, the type 0x08, the rank, the dimensions as
 * big-endian 32-bit numbers, then the values.
 *
 * <p>No file is trusted: memory is taken for what is there, not for what the header claims, and a
 * file that is not exactly what its header says is refused.
 *
 * @since 0.1.0
 */
public final class IdxReader {
  private static final int UNSIGNED_BYTE = 0x08;
  private static final int LARGEST_SIDE = 4096;

  /** The longest array that every JVM can make. */
  private static final int MOST_BYTES = Integer.MAX_VALUE - 8;

  private static final int FIRST_CHUNK = 1 << 16;
  private static final String FETCH_AGAIN = "; the file is truncated, fetch it again";

  private final String name;
  private final InputStream in;
  private final boolean images;

  private IdxReader(String name, InputStream in, boolean images) {
    this.name = name;
    this.in = in;
    this.images = images;
  }

  /**
   * Reads a file of images: rank 3, height and width at most 4096.
   *
   * @throws InvalidInputException if the file cannot be read or is not such a file
   */
  public static Idx images(Path file) {
    return read(file.toString(), open(file), true);
  }

  /**
   * Reads images from a stream, to its end, and closes it.
   *
   * @param name names the stream in messages
   * @throws InvalidInputException if the stream cannot be read or does not hold such a file
   */
  public static Idx images(String name, InputStream in) {
    return read(name, in, true);
  }

  /**
   * Reads a file of labels: rank 1.
   *
   * @throws InvalidInputException if the file cannot be read or is not such a file
   */
  public static Idx labels(Path file) {
    return read(file.toString(), open(file), false);
  }

  /**
   * Reads labels from a stream, to its end, and closes it.
   *
   * @param name names the stream in messages
   * @throws InvalidInputException if the stream cannot be read or does not hold such a file
   */
  public static Idx labels(String name, InputStream in) {
    return read(name, in, false);
  }

  private static InputStream open(Path file) {
    try {
      if (Files.isDirectory(file)) {
        throw new InvalidInputException(file + ": is a directory, must be an IDX file");
      }
      return Files.newInputStream(file);
    } catch (IOException e) {
      throw InvalidInputException.unreadable(file, e);
    }
  }

  private static Idx read(String name, InputStream stream, boolean images) {
    try (InputStream unpacked = unpack(stream)) {
      return new IdxReader(name, unpacked, images).read();
    } catch (EOFException e) {
      throw new InvalidInputException(name + ": ends in its gzip header" + FETCH_AGAIN, e);
    } catch (ZipException e) {
      throw new InvalidInputException(
          name + ": damaged gzip data (" + e.getMessage() + "); fetch it again", e);
    } catch (IOException e) {
      throw InvalidInputException.unreadable(name, e);
    }
  }

  /** Unpacks what begins as gzip files begin, whatever its name. */
  private static InputStream unpack(InputStream stream) throws IOException {
    PushbackInputStream in = new PushbackInputStream(stream, 2);
    try {
      byte[] start = in.readNBytes(2);
      in.unread(start);
      boolean gzip = Arrays.equals(start, new byte[] {0x1f, (byte) 0x8b});
      return gzip ? new GZIPInputStream(in, FIRST_CHUNK) : in;
    } catch (IOException e) {
      stream.close();
      throw e;
    }
  }

  private Idx read() throws IOException {
    int rank = images ? 3 : 1;
    checkMagic(fill(4), rank);
    byte[] header = fill(4 * rank);
    if (header.length < 4 * rank) {
      throw invalid(
          String.format(
              Locale.ROOT,
              "%d bytes, but the header takes %d%s",
              4 + header.length,
              4 + 4 * rank,
              FETCH_AGAIN));
    }
    List<Integer> dimensions = new ArrayList<>();
    long bytes = 1;
    for (int i = rank - 1; i >= 0; i--) {
      long size = Integer.toUnsignedLong(intAt(header, 4 * i));
      if (i > 0 && (size < 1 || size > LARGEST_SIDE)) {
        throw invalid(
            String.format(
                Locale.ROOT,
                "the header claims images of %s, height and width must be 1 to %d",
                side(header),
                LARGEST_SIDE));
      }
      bytes *= size;
      dimensions.add(0, (int) size);
    }
    String claim =
        String.format(
            Locale.ROOT,
            "%d %s (%d bytes)",
            Integer.toUnsignedLong(intAt(header, 0)),
            images ? "images of " + side(header) : "labels",
            bytes);
    if (bytes < 1 || bytes > MOST_BYTES) {
      throw invalid(
          String.format(
              Locale.ROOT, "the header claims %s, must be 1 to %d bytes", claim, MOST_BYTES));
    }
    return new Idx(name, dimensions, values((int) bytes, claim));
  }

  private void checkMagic(byte[] magic, int rank) {
    if (magic.length < 4) {
      throw invalid(
          String.format(
              Locale.ROOT,
              "%d bytes, but an IDX file has at least %d%s",
              magic.length,
              5 + 4 * rank,
              FETCH_AGAIN));
    }
    String content = images ? "images" : "labels";
    if (magic[0] != 0 || magic[1] != 0) {
      throw invalid(
          String.format(
              Locale.ROOT,
              "begins with %s, must be 0000080%d: not an IDX file of %s",
              HexFormat.of().formatHex(magic),
              rank,
              content));
    }
    if (magic[2] != UNSIGNED_BYTE) {
      throw invalid(
          String.format(Locale.ROOT, "IDX type 0x%02x, must be 0x08 (unsigned byte)", magic[2]));
    }
    if (magic[3] != rank) {
      throw invalid(
          String.format(
              Locale.ROOT,
              "IDX rank %d, must be %d: not a file of %s",
              magic[3] & 0xff,
              rank,
              content));
    }
  }

  private byte[] values(int length, String claim) throws IOException {
    byte[] values = fill(length);
    if (values.length < length) {
      throw invalid(
          String.format(
              Locale.ROOT,
              "%d bytes of %s, but the header claims %s%s",
              values.length,
              images ? "pixels" : "labels",
              claim,
              FETCH_AGAIN));
    }
    // Also makes the stream check the sum at the end of a gzip file.
    try {
      if (in.read() != -1) {
        throw invalid(
            String.format(
                Locale.ROOT,
                "more bytes than the %s that the header claims; fetch it again",
                claim));
      }
    } catch (EOFException e) {
      throw new InvalidInputException(name + ": its gzip data has no end" + FETCH_AGAIN, e);
    }
    return values;
  }

  /** The next {@code length} bytes, or fewer if the file ends before. */
  private byte[] fill(int length) throws IOException {
    byte[] bytes = new byte[Math.min(length, FIRST_CHUNK)];
    int count = 0;
    while (true) {
      int read = readSome(bytes, count);
      if (read < 0) {
        return Arrays.copyOf(bytes, count);
      }
      count += read;
      if (count == length) {
        return bytes;
      }
      if (count == bytes.length) {
        byte[] more = MemoryLimit.allocate(name, Math.min(length, 2L * count));
        System.arraycopy(bytes, 0, more, 0, count);
        bytes = more;
      }
    }
  }

  /** Reads as a stream does, a gzip stream that breaks off included. */
  private int readSome(byte[] bytes, int offset) throws IOException {
    try {
      return in.read(bytes, offset, bytes.length - offset);
    } catch (EOFException e) {
      return -1;
    }
  }

  private InvalidInputException invalid(String problem) {
    return new InvalidInputException(name + ": " + problem);
  }

  private static String side(byte[] header) {
    return Integer.toUnsignedString(intAt(header, 4))
        + "x"
        + Integer.toUnsignedString(intAt(header, 8));
  }

  private static int intAt(byte[] bytes, int offset) {
    return ByteBuffer.wrap(bytes).getInt(offset);
  }
}
