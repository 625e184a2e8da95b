package dev.mlit.data;

import dev.mlit.spec.InvalidInputException;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.zip.ZipEntry;
import org.apache.commons.compress.archivers.tar.TarArchiveEntry;
import org.apache.commons.compress.archivers.tar.TarConstants;
import org.apache.commons.compress.archivers.zip.ZipArchiveEntry;
import org.apache.commons.compress.archivers.zip.ZipMethod;

/** What may be in an archive that somebody else has made. */
final class ArchiveEntries {
  private ArchiveEntries() {}

  /**
   * The name with slashes, and without "./" and a trailing slash.
   *
   * @throws InvalidInputException if it leads out of the archive
   */
  static String checkedName(Path archive, String name) {
    String slashes = name.replace('\\', '/');
    boolean absolute = slashes.startsWith("/") || slashes.matches("[A-Za-z]:.*");
    boolean up = List.of(slashes.split("/", -1)).contains("..");
    require(!absolute && !up, archive, name, "leads out of the archive");
    return slashes
        .replaceAll("/(\\.?/)+", "/")
        .replaceFirst("^(\\./)+", "")
        .replaceFirst("/+$", "");
  }

  /** Why an entry of a zip is not read, whatever it is called; empty if it can be. */
  static Optional<String> problem(ZipArchiveEntry entry) {
    if (entry.isUnixSymlink()) {
      return Optional.of("is a link");
    }
    if (entry.getGeneralPurposeBit().usesEncryption()) {
      return Optional.of("is encrypted, must not be");
    }
    int method = entry.getMethod();
    if (method == ZipEntry.STORED || method == ZipEntry.DEFLATED) {
      return Optional.empty();
    }
    ZipMethod known = ZipMethod.getMethodByCode(method);
    return Optional.of(
        "is compressed by "
            + (known == null ? "" : known.name().toLowerCase(Locale.ROOT).replace('_', ' ') + ", ")
            + "method "
            + method
            + ", must be stored or deflated");
  }

  /** Neither link nor directory nor device, and with all of its bytes in the archive. */
  static boolean isPlainFile(TarArchiveEntry entry) {
    byte flag = entry.getLinkFlag();
    boolean file =
        flag == TarConstants.LF_NORMAL
            || flag == TarConstants.LF_OLDNORM
            || flag == TarConstants.LF_CONTIG;
    return file && !entry.isSparse();
  }

  static void require(boolean rule, Path archive, String name, String problem) {
    if (!rule) {
      throw new InvalidInputException(
          String.format(
              Locale.ROOT,
              "%s: entry \"%s\" %s; a dataset has none such, so the file is not trusted",
              archive,
              line(name),
              problem));
    }
  }

  /** What is wrong, in one line. */
  static String line(Throwable problem) {
    String message = problem.getMessage();
    return message == null ? problem.getClass().getSimpleName() : line(message);
  }

  /**
   * A name or a message that somebody else has chosen, in one line of moderate length: no line
   * breaks, and nothing that a terminal obeys.
   */
  static String line(String text) {
    String line = text.replaceAll("[\\p{Cc}\\p{Cf}\\p{Zl}\\p{Zp}]+", " ");
    return line.length() > 300 ? line.substring(0, 300) + "..." : line;
  }
}
