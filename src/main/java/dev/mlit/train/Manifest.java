package dev.mlit.train;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.mlit.files.Disk;
import dev.mlit.files.WholeFile;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.stream.Stream;
import java.util.zip.CRC32C;

/**
 * {@code manifest.json} of a checkpoint: the length and the CRC-32C (RFC 3720) of every other file
 * in its directory, by which damage is found.
 *
 * @param files by name
 */
record Manifest(Map<String, Sum> files) {
  static final String FILE = "manifest.json";

  private static final ObjectMapper JSON = new ObjectMapper();
  private static final int BUFFER = 1 << 18;

  /**
   * A file's length and checksum.
   *
   * @param crc32c in hexadecimal
   */
  record Sum(long bytes, String crc32c) {}

  /**
   * Writes the manifest of what lies in the directory, and waits until all of it is on the disk.
   */
  static void seal(Path directory) throws IOException {
    Map<String, Sum> sums = new TreeMap<>();
    try (Stream<Path> files = Files.list(directory)) {
      for (Path file : files.toList()) {
        sums.put(file.getFileName().toString(), sum(file));
        Disk.sync(file);
      }
    }
    WholeFile.write(directory.resolve(FILE), JSON.writeValueAsString(new Manifest(sums)));
  }

  /** What is wrong with the files of a directory; empty if they are what was sealed. */
  static Optional<String> damage(Path directory) {
    Path file = directory.resolve(FILE);
    try {
      if (!Files.exists(file)) {
        return Optional.of("it has no " + FILE);
      }
      for (Map.Entry<String, Sum> entry : read(file).files().entrySet()) {
        Optional<String> damage = damage(directory.resolve(entry.getKey()), entry.getValue());
        if (damage.isPresent()) {
          return damage;
        }
      }
      return Optional.empty();
    } catch (IOException e) {
      return Optional.of("it cannot be read: " + e.getMessage());
    }
  }

  private static Manifest read(Path file) throws IOException {
    try {
      Manifest manifest = JSON.readValue(file.toFile(), Manifest.class);
      if (manifest.files() == null || manifest.files().isEmpty()) {
        throw new IOException(FILE + " names no files");
      }
      return manifest;
    } catch (JsonProcessingException e) {
      throw new IOException(FILE + " is no JSON", e);
    }
  }

  private static Optional<String> damage(Path file, Sum expected) throws IOException {
    if (!Files.isRegularFile(file)) {
      return Optional.of(file.getFileName() + " is missing");
    }
    Sum actual = sum(file);
    if (actual.bytes() != expected.bytes()) {
      return Optional.of(
          String.format(
              Locale.ROOT,
              "%s has %d bytes, must have %d",
              file.getFileName(),
              actual.bytes(),
              expected.bytes()));
    }
    return actual.equals(expected)
        ? Optional.empty()
        : Optional.of(
            String.format(
                Locale.ROOT,
                "%s has the checksum %s, must have %s",
                file.getFileName(),
                actual.crc32c(),
                expected.crc32c()));
  }

  private static Sum sum(Path file) throws IOException {
    CRC32C sum = new CRC32C();
    long bytes = 0;
    byte[] buffer = new byte[BUFFER];
    // No channel, which an interrupt would close: a whole file would look damaged.
    try (InputStream in = Files.newInputStream(file)) {
      for (int n = in.read(buffer); n >= 0; n = in.read(buffer)) {
        bytes += n;
        sum.update(buffer, 0, n);
      }
    }
    return new Sum(bytes, String.format(Locale.ROOT, "%08x", sum.getValue()));
  }
}
