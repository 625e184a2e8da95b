package dev.mlit.files;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.UUID;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * Names of temporary files beside a file or directory: {@code .NAME.mlit-KIND-} and a random part.
 * A file with such a name may be deleted, as only mlit gives such names.
 *
 * @since 0.1.0
 */
public final class PrivateNames {
  /** File systems take 255 bytes. */
  private static final int LONGEST = 150;

  private static final int KEPT = 30;

  private static final Pattern PRIVATE =
      Pattern.compile("\\..*\\.mlit-(new|old|lock)(-[0-9a-f]{16})?");

  private PrivateNames() {}

  /** What lies beside a file or directory while it is replaced. */
  enum Kind {
    /** What will take its place. */
    NEW,
    /** What was in its place. */
    OLD;

    private String mark() {
      return this == NEW ? ".mlit-new-" : ".mlit-old-";
    }
  }

  /** A random name that no file has. */
  static Path drawn(Path place, Kind kind) {
    String random = UUID.randomUUID().toString().replace("-", "").substring(0, 16);
    return place.resolveSibling(stem(place) + kind.mark() + random);
  }

  /** The file that is locked while something is replaced. */
  static Path lock(Path place) {
    return place.resolveSibling(stem(place) + ".mlit-lock");
  }

  /** Files that earlier replacements of the same place have left. */
  static List<Path> left(Path place, Kind kind) throws IOException {
    String start = stem(place) + kind.mark();
    Path parent = Disk.parent(place);
    if (!Files.isDirectory(parent)) {
      return List.of();
    }
    try (Stream<Path> content = Files.list(parent)) {
      return content
          .filter(
              path -> {
                String name = path.getFileName().toString();
                return name.startsWith(start) && PRIVATE.matcher(name).matches();
              })
          .sorted()
          .toList();
    }
  }

  /** Whether a file of this name is one that a replacement which was cut off has left. */
  public static boolean isPrivate(Path file) {
    return PRIVATE.matcher(String.valueOf(file.getFileName())).matches();
  }

  /** Whether a file of this name is one that was not finished. */
  public static boolean isUnfinished(Path file) {
    return isPrivate(file) && String.valueOf(file.getFileName()).contains(Kind.NEW.mark());
  }

  /** The name with a dot in front; of a long one the beginning, and a number for the rest. */
  private static String stem(Path place) {
    String name = String.valueOf(place.getFileName());
    return name.getBytes(StandardCharsets.UTF_8).length <= LONGEST
        ? "." + name
        : "." + name.substring(0, KEPT) + "~" + Integer.toHexString(name.hashCode());
  }
}
