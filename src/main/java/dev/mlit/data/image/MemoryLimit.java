package dev.mlit.data.image;

import dev.mlit.spec.InvalidInputException;
import java.util.Locale;

/**
 * Refuses data that does not fit into memory, where a program would otherwise end with an error of
 * Java's.
 *
 * @since 0.1.0
 */
public final class MemoryLimit {
  private static final int MEGABYTE = 20;

  private MemoryLimit() {}

  /**
   * Refuses what takes more than nine tenths of the memory that Java may take.
   *
   * @param place names what is to be read
   * @throws InvalidInputException if there is too little
   */
  public static void require(String place, long bytes) {
    long most = Runtime.getRuntime().maxMemory() / 10 * 9;
    if (bytes > most) {
      throw tooMuch(place, bytes, most, bytes / 9 * 10);
    }
  }

  /**
   * An array for the content of a file.
   *
   * @param place names what is to be read
   * @param bytes at most 2 GB
   * @throws InvalidInputException if there is too little memory, also because other data is in it
   */
  public static byte[] allocate(String place, long bytes) {
    require(place, bytes);
    try {
      return new byte[Math.toIntExact(bytes)];
    } catch (OutOfMemoryError e) {
      // One large array fails as a whole; everything else still has room.
      throw full(place, bytes);
    }
  }

  /** What to throw where no memory is left for so many bytes more. */
  static InvalidInputException full(String place, long bytes) {
    long most = Runtime.getRuntime().maxMemory();
    return tooMuch(place, bytes, most, most + 2 * bytes);
  }

  private static InvalidInputException tooMuch(String place, long bytes, long most, long enough) {
    return new InvalidInputException(
        String.format(
            Locale.ROOT,
            "%s: takes %d MB of memory, Java may take %d MB in all; start it with -Xmx%dm or more",
            place,
            bytes >> MEGABYTE,
            most >> MEGABYTE,
            (enough >> MEGABYTE) + 10));
  }
}
