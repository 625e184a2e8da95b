package dev.mlit.cluster;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.stream.Stream;
import java.util.zip.CRC32C;

/** A checksum of the code that runs: two builds of one version may differ. */
final class CodeChecksum {
  private CodeChecksum() {}

  /** The checksum of the jar, or of the folder of class files, that a class was loaded from. */
  static String of(Class<?> type) {
    try {
      Path source = Path.of(type.getProtectionDomain().getCodeSource().getLocation().toURI());
      CRC32C sum = new CRC32C();
      for (Path file : files(source)) {
        sum.update(Files.readAllBytes(file));
      }
      return String.format(Locale.ROOT, "%08x", sum.getValue());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } catch (URISyntaxException e) {
      throw new AssertionError("a code source is a file", e);
    }
  }

  private static List<Path> files(Path source) throws IOException {
    if (Files.isRegularFile(source)) {
      return List.of(source);
    }
    try (Stream<Path> paths = Files.walk(source)) {
      return paths.filter(file -> file.toString().endsWith(".class")).sorted().toList();
    }
  }
}
