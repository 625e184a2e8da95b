package dev.mlit.data.published;

import dev.mlit.data.image.MemoryLimit;
import dev.mlit.spec.InvalidInputException;
import dev.mlit.spec.text.Printable;
import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import us.hebi.matlab.mat.format.BufferAllocator;
import us.hebi.matlab.mat.format.Mat5;
import us.hebi.matlab.mat.format.Mat5Reader;
import us.hebi.matlab.mat.types.MatlabType;
import us.hebi.matlab.mat.types.Matrix;

/**
 * Arrays of whole numbers in a MATLAB file of version 5, which is what MATLAB and SciPy write. Only
 * those that are asked for are read, and no more memory is taken than they may need.
 */
final class MatFile {
  private static final int HEADER = 128;
  private static final Set<MatlabType> NUMBERS =
      EnumSet.of(
          MatlabType.UInt8,
          MatlabType.UInt16,
          MatlabType.UInt32,
          MatlabType.UInt64,
          MatlabType.Int8,
          MatlabType.Int16,
          MatlabType.Int32,
          MatlabType.Int64,
          MatlabType.Single,
          MatlabType.Double);

  private final String name;
  private final us.hebi.matlab.mat.types.MatFile content;

  private MatFile(String name, us.hebi.matlab.mat.types.MatFile content) {
    this.name = name;
    this.content = content;
  }

  /**
   * Reads a file from a stream, which stays open.
   *
   * @param name names the file in messages
   * @param size the bytes of the stream, or more
   * @param most the arrays to read, and the most bytes that each may take
   * @throws InvalidInputException if it is no such file, damaged or truncated, or one of its arrays
   *     is too large
   */
  static MatFile read(String name, InputStream stream, long size, Map<String, Long> most) {
    InputStream in = new BufferedInputStream(stream, 1 << 16);
    try {
      checkHeader(name, in);
      long limit = most.values().stream().mapToLong(Long::longValue).max().orElse(0);
      Mat5Reader reader =
          Mat5.newReader(new MatSource(in, size))
              .disableSubsystemProcessing()
              .setBufferAllocator(new Limited(name, limit))
              .setEntryFilter(
                  entry ->
                      most.containsKey(entry.getName())
                          && NUMBERS.contains(entry.getType())
                          && !entry.isComplex());
      return new MatFile(name, reader.readMat());
    } catch (InvalidInputException e) {
      throw e;
    } catch (IOException | RuntimeException e) {
      Throwable cause = e;
      while (cause.getCause() != null) {
        cause = cause.getCause();
      }
      if (cause instanceof InvalidInputException refused) {
        throw refused;
      }
      throw new InvalidInputException(
          name
              + ": damaged or truncated MATLAB file ("
              + Printable.excerpt(cause)
              + "); fetch it again",
          e);
    }
  }

  private static void checkHeader(String name, InputStream in) throws IOException {
    in.mark(HEADER);
    byte[] header = in.readNBytes(HEADER);
    in.reset();
    String text = new String(header, 0, Math.min(header.length, 19), StandardCharsets.US_ASCII);
    if (text.startsWith("MATLAB 7.3")) {
      throw new InvalidInputException(
          name + ": MATLAB file of version 7.3, must be of version 5 (in MATLAB: save with -v7)");
    }
    if (header.length < HEADER || !text.startsWith("MATLAB 5.0 MAT-file")) {
      throw new InvalidInputException(
          name
              + ": "
              + header.length
              + (header.length < HEADER ? " bytes" : " or more bytes")
              + ", not a MATLAB file of version 5, which begins with \"MATLAB 5.0 MAT-file\"");
    }
  }

  /** An array of the file. */
  record Numbers(String name, int[] dimensions, Matrix matrix) {
    int count() {
      return matrix.getNumElements();
    }

    /**
     * The number at a place, the first dimension varying fastest.
     *
     * @throws InvalidInputException unless it is whole and in the range
     */
    int at(int index, int least, int most) {
      double value = matrix.getDouble(index);
      if (!(value >= least && value <= most) || value != Math.rint(value)) {
        String shown = value == Math.rint(value) ? String.valueOf((long) value) : "" + value;
        throw new InvalidInputException(
            String.format(
                Locale.ROOT,
                "%s[%d]: %s must be a whole number from %d to %d",
                name,
                index,
                shown,
                least,
                most));
      }
      return (int) value;
    }

    @Override
    public String toString() {
      return name + " of " + Arrays.toString(dimensions);
    }
  }

  /**
   * One of the arrays.
   *
   * @throws InvalidInputException if it is not there or does not hold real numbers
   */
  Numbers numbers(String array) {
    us.hebi.matlab.mat.types.Array found = null;
    for (us.hebi.matlab.mat.types.MatFile.Entry entry : content.getEntries()) {
      if (entry.getName().equals(array)) {
        found = entry.getValue();
      }
    }
    if (!(found instanceof Matrix matrix)) {
      throw new InvalidInputException(name + ": has no array of numbers that is called " + array);
    }
    return new Numbers(name + ": " + array, matrix.getDimensions(), matrix);
  }

  /** Takes memory for what may be there, not for what a length in the file claims. */
  private static final class Limited implements BufferAllocator {
    private final String name;
    private final long most;

    Limited(String name, long most) {
      this.name = name;
      this.most = most;
    }

    @Override
    public ByteBuffer allocate(int bytes) {
      if (bytes < 0 || bytes > most) {
        throw new IllegalArgumentException(
            "an array of " + Integer.toUnsignedString(bytes) + " bytes, at most " + most);
      }
      return ByteBuffer.wrap(MemoryLimit.allocate(name, bytes));
    }

    @Override
    public void release(ByteBuffer buffer) {}
  }
}
