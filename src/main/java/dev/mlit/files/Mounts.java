package dev.mlit.files;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;

/** Where file systems are mounted, on Linux; a folder of the same disk may be mounted too. */
final class Mounts {
  private static final Path LIST = Path.of("/proc/self/mountinfo");
  private static final int PLACE_COLUMN = 4;

  private Mounts() {}

  /** Whether something is mounted at a place; false where that cannot be known. */
  static boolean contains(Path place) {
    if (!Files.isReadable(LIST)) {
      return false;
    }
    // The kernel writes blanks, and other characters that would separate columns, as octal numbers.
    String name =
        place
            .toString()
            .replace("\\", "\\134")
            .replace(" ", "\\040")
            .replace("\t", "\\011")
            .replace("\n", "\\012");
    try {
      // Names may be in any encoding; one that is not that of the file names cannot be compared.
      for (String line : Files.readAllLines(LIST, StandardCharsets.ISO_8859_1)) {
        String[] columns = line.split(" ", PLACE_COLUMN + 2);
        if (columns.length > PLACE_COLUMN && inUtf8(columns[PLACE_COLUMN]).equals(name)) {
          return true;
        }
      }
      return false;
    } catch (IOException e) {
      return false;
    }
  }

  /** Decodes as UTF-8 a text whose bytes were read as one letter each. */
  private static String inUtf8(String bytes) {
    return new String(bytes.getBytes(StandardCharsets.ISO_8859_1), StandardCharsets.UTF_8);
  }
}
