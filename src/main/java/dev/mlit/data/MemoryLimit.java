package dev.mlit.data;

import dev.mlit.spec.InvalidInputException;

/** Says that there is too little memory before it has run out. */
final class MemoryLimit {
  private MemoryLimit() {}

  /**
   * Refuses what takes more than nine tenths of the memory that Java may take.
   *
   * @param place names what is to be read
   * @throws InvalidInputException if there is too little
   */
  static void require(String place, long bytes) {
    long most = Runtime.getRuntime().maxMemory() / 10 * 9;
    if (bytes > most) {
      throw new InvalidInputException(
          String.format(
              "%s: takes %d MB of memory, Java may take %d MB; start it with -Xmx%dm or more",
              place, bytes >> 20, most >> 20, (bytes >> 20) / 9 * 10 + 10));
    }
  }
}
