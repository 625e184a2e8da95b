package dev.mlit.data;

import dev.mlit.spec.InvalidInputException;
import dev.mlit.spec.text.Printable;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.regex.Pattern;
import java.util.zip.ZipEntry;
import org.apache.commons.compress.archivers.tar.TarArchiveEntry;
import org.apache.commons.compress.archivers.tar.TarConstants;
import org.apache.commons.compress.archivers.zip.ZipArchiveEntry;
import org.apache.commons.compress.archivers.zip.ZipMethod;
import org.apiguardian.api.API;
import org.apiguardian.api.API.Status;

/**
 * Rules for the entries of archives, which somebody else may have made.
 *
 * @since 0.1.0
 */
@API(status = Status.INTERNAL)
public final class ArchiveEntries {
  /** What the name of an archive ends with, in lower case. */
  public static final Pattern ENDING = Pattern.compile("\\.(zip|tgz|tar\\.gz)$");

  private ArchiveEntries() {}

  /** True if the name is that of an archive that mlit reads. */
  public static boolean isArchive(String name) {
    return ENDING.matcher(name.toLowerCase(Locale.ROOT)).find();
  }

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

  /** Why an entry of a zip is not read, its name aside; empty if it is. */
  public static Optional<String> problem(ZipArchiveEntry entry) {
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
  public static boolean isPlainFile(TarArchiveEntry entry) {
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
              Printable.excerpt(name),
              problem));
    }
  }
}
