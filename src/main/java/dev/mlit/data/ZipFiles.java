package dev.mlit.data;

import dev.mlit.spec.InvalidInputException;
import dev.mlit.spec.text.Printable;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.zip.ZipEntry;
import java.util.zip.ZipFile;
import org.apache.commons.compress.archivers.zip.ZipArchiveEntry;

/**
 * Lists the files of a zip, which stays open for as long as they can be read. Nothing is unpacked
 * to disk.
 */
final class ZipFiles {
  private ZipFiles() {}

  /**
   * All files in a zip.
   *
   * @throws InvalidInputException if it is damaged, or holds a link, one name twice, or a name that
   *     leads out of it
   */
  static FileTree list(Path zip) {
    List<String> files = new ArrayList<>();
    List<String> folders = new ArrayList<>();
    try {
      check(zip, files, folders);
      // The JDK's class is safe for many threads, and closes itself when it is no longer used.
      ZipFile file = new ZipFile(zip.toFile());
      Map<String, String> entries = entries(zip, file);
      return FileTree.of(zip + "!/", files, folders, name -> open(file, name, entries));
    } catch (InvalidInputException e) {
      throw e;
    } catch (IOException | RuntimeException e) {
      throw new InvalidInputException(
          zip + ": damaged or truncated zip (" + Printable.excerpt(e) + "); fetch it again", e);
    }
  }

  /**
   * The names in the zip, such as {@code .\\a\\b.png}, by the names that files are listed under.
   */
  private static Map<String, String> entries(Path zip, ZipFile file) {
    Map<String, String> entries = new HashMap<>();
    file.stream()
        .map(ZipEntry::getName)
        .forEach(
            name -> {
              String listed = ArchiveEntries.checkedName(zip, name);
              if (!listed.equals(name)) {
                entries.put(listed, name);
              }
            });
    return entries;
  }

  /** Checks the entries with the library that recognises links. */
  private static void check(Path zip, List<String> files, List<String> folders) throws IOException {
    Set<String> names = new HashSet<>();
    try (var archive =
        org.apache.commons.compress.archivers.zip.ZipFile.builder()
            .setPath(zip)
            .setIgnoreLocalFileHeader(true)
            .get()) {
      for (ZipArchiveEntry entry : Collections.list(archive.getEntries())) {
        String name = ArchiveEntries.checkedName(zip, entry.getName());
        ArchiveEntries.problem(entry)
            .ifPresent(problem -> ArchiveEntries.require(false, zip, entry.getName(), problem));
        ArchiveEntries.require(names.add(name), zip, entry.getName(), "is there twice");
        if (entry.isDirectory() || entry.getName().endsWith("\\")) {
          folders.add(name);
          continue;
        }
        files.add(name);
      }
    }
  }

  private static InputStream open(ZipFile file, String name, Map<String, String> entries)
      throws IOException {
    ZipEntry entry = file.getEntry(entries.getOrDefault(name, name));
    if (entry == null) {
      throw new FileNotFoundException(name + " is not in the zip");
    }
    return file.getInputStream(entry);
  }
}
