package dev.mlit.data.published;

import static java.util.stream.Collectors.joining;

import dev.mlit.data.ArchiveEntries;
import dev.mlit.data.FolderFiles;
import dev.mlit.spec.InvalidInputException;
import dev.mlit.spec.advice.Message;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** Finds the files of a dataset. */
final class DataDirectory {
  private DataDirectory() {}

  /**
   * The directory that the user named, or else the first of the usual ones that exists.
   *
   * @param dataset its name, which is the name of its directory in the first two places
   * @param given what the user named; nothing else is searched then
   * @param data the value of MLIT_DATA
   * @param system where the operating system's package puts the files
   * @param howToGet ends the message
   */
  static Path find(
      String dataset, @Nullable Path given, @Nullable String data, Path system, Message howToGet) {
    if (given != null) {
      if (!Files.isDirectory(given)) {
        throw new InvalidInputException(
            "data.directory: "
                + given
                + " must be a directory with the files of "
                + dataset
                + FolderFiles.seenFrom(given));
      }
      return given;
    }
    List<Path> places = new ArrayList<>(usual(dataset, data));
    places.add(system);
    return first(dataset, places, howToGet);
  }

  private static Path first(String dataset, List<Path> places, Message howToGet) {
    return places.stream()
        .filter(Files::isDirectory)
        .findFirst()
        .orElseThrow(
            () ->
                new InvalidInputException(
                    advice ->
                        String.format(
                            Locale.ROOT,
                            "%s: found in none of %s; %s",
                            dataset,
                            places.stream().map(Path::toString).collect(joining(", ")),
                            howToGet.text(advice))));
  }

  /**
   * The folder or archive that the user named, or else the first of the usual folders that exists.
   *
   * @param dataset its name
   * @param folder the name of its folder
   * @param given what the user named; nothing else is searched then
   * @param data the value of MLIT_DATA
   * @throws InvalidInputException if it is not there or has none of the dataset's files
   */
  static Path findAny(String dataset, String folder, @Nullable Path given, @Nullable String data) {
    if (given != null && !Files.exists(given)) {
      throw new InvalidInputException(
          advice ->
              String.format(
                  Locale.ROOT,
                  "data.directory: %s is not there%s; it must have the files of %s; %s",
                  given,
                  FolderFiles.seenFrom(given),
                  dataset,
                  howToGet(dataset, given).text(advice)));
    }
    Path found = given;
    if (found == null) {
      String orName = ", or name the folder or archive of its files in data.directory";
      found =
          first(dataset, usual(folder, data), advice -> howToGet(dataset).text(advice) + orName);
    }
    if (Files.isDirectory(found)) {
      requireFiles(dataset, found);
    }
    return found;
  }

  private static void requireFiles(String dataset, Path directory) {
    try (Stream<Path> files = Files.list(directory)) {
      List<String> names = files.map(file -> file.getFileName().toString()).toList();
      if (names.stream().allMatch(DataDirectory::isPartOfDownload)) {
        throw new InvalidInputException(
            advice ->
                String.format(
                    Locale.ROOT,
                    "%s: %s; %s",
                    directory,
                    names.isEmpty() ? "is empty" : "a download has not come to its end",
                    howToGet(dataset, directory).text(advice)));
      }
    } catch (IOException e) {
      throw InvalidInputException.unreadable(directory, e);
    }
  }

  private static boolean isPartOfDownload(String file) {
    return file.endsWith(PartFile.ENDING) || file.endsWith(PartFile.VERSION_ENDING);
  }

  /** What to do where a dataset is in none of its places. */
  static Message howToGet(String dataset) {
    return advice -> advice.fetch(dataset, null) + " downloads it";
  }

  /** What to do where a directory lacks files of a dataset. */
  static Message howToGet(String dataset, Path directory) {
    return ArchiveEntries.isArchive(directory.toString())
        ? howToGet(dataset)
        : advice -> advice.fetch(dataset, directory) + " downloads it";
  }

  /** Where a dataset is looked for first, and downloaded to: the first of these. */
  static List<Path> usual(String dataset, @Nullable String data) {
    List<Path> places = new ArrayList<>();
    if (data != null && !data.isEmpty()) {
      places.add(Path.of(data, dataset));
    }
    places.add(Path.of("data", dataset));
    return places;
  }

  /** The file {@code name.gz}, or else {@code name}. */
  static Path file(Path directory, String name, Message howToGet) {
    Path packed = directory.resolve(name + ".gz");
    // Not a folder: some archives have one of the same name around the file.
    if (Files.isRegularFile(packed)) {
      return packed;
    }
    // Some mirrors unpack and rename the files: train-images.idx3-ubyte.
    for (String other :
        List.of(name, name.replace("-idx", ".idx"), name.replace("-idx", ".idx") + ".gz")) {
      if (Files.isRegularFile(directory.resolve(other))) {
        return directory.resolve(other);
      }
    }
    throw new InvalidInputException(
        advice ->
            String.format(
                Locale.ROOT,
                "%s: has neither %s.gz nor %s; %s",
                directory,
                name,
                name,
                howToGet.text(advice)));
  }
}
