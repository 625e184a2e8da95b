package dev.mlit.data.published;

import dev.mlit.data.ArchiveEntries;
import dev.mlit.data.Datasets;
import dev.mlit.spec.InvalidInputException;
import dev.mlit.spec.text.OptionalLibrary;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.apiguardian.api.API;
import org.apiguardian.api.API.Status;
import org.jspecify.annotations.Nullable;

/**
 * Downloads the published files of a dataset to where {@link Datasets#open(String)} looks for them:
 *
 * <pre>{@code
 * DatasetFetch.Result result = DatasetFetch.of("cifar10").run();
 * }</pre>
 *
 * <p>Files that are there and correct are kept. A file appears under its name only when it is whole
 * and its sum is the published one; until then it is {@code NAME.part}, from which a later run goes
 * on. A file with another sum is removed. Not safe for use by many threads.
 *
 * @since 0.1.0
 */
@API(status = Status.MAINTAINED)
public final class DatasetFetch {
  private final PublishedDataset dataset;
  private @Nullable Path directory;
  private @Nullable URI base;
  private FetchListener listener = FetchListener.NONE;
  private boolean unpack;
  private Download.Patience patience = Download.Patience.USUAL;

  private DatasetFetch(PublishedDataset dataset) {
    this.dataset = dataset;
  }

  /**
   * What was done.
   *
   * @param directory where the dataset is now; null if it comes with mlit
   * @param fetched the names of the files that were downloaded; empty if all were there
   * @param present the names of those that were there, and right
   * @param bytes the size of the files that were downloaded
   * @param unpacked the directories that archives were unpacked to; empty unless that was wanted
   *     and they were not there
   */
  public record Result(
      @Nullable Path directory,
      List<String> fetched,
      List<String> present,
      long bytes,
      List<Path> unpacked) {}

  /**
   * A fetch of a dataset.
   *
   * @param name a name of the {@link Catalogue}
   * @throws InvalidInputException if no dataset has that name, or it is the user's own
   */
  public static DatasetFetch of(String name) {
    PublishedDataset dataset = Catalogue.named(name);
    if (dataset.images() == 0) {
      throw new InvalidInputException(
          name + ": nothing to fetch, these are your own images; name them with data.directory");
    }
    return new DatasetFetch(dataset);
  }

  static DatasetFetch of(PublishedDataset dataset, Download.Patience patience) {
    DatasetFetch fetch = new DatasetFetch(dataset);
    fetch.patience = patience;
    return fetch;
  }

  /** Where to put the files; {@code $MLIT_DATA/NAME}, or else {@code data/NAME}, if left out. */
  public DatasetFetch to(Path directory) {
    this.directory = directory;
    return this;
  }

  /**
   * A mirror: the address of the directory that holds the files under their published names.
   *
   * @throws InvalidInputException unless it is an address with http or https and a host
   */
  public DatasetFetch from(String address) {
    URI parsed;
    try {
      parsed = URI.create(address.endsWith("/") ? address : address + "/");
    } catch (IllegalArgumentException e) {
      throw notAnAddress(address, e);
    }
    String scheme = String.valueOf(parsed.getScheme());
    if (!(scheme.equals("http") || scheme.equals("https")) || parsed.getHost() == null) {
      throw notAnAddress(address, null);
    }
    this.base = parsed;
    return this;
  }

  private static InvalidInputException notAnAddress(String address, @Nullable Throwable cause) {
    return new InvalidInputException(
        advice ->
            advice.mirror()
                + ": "
                + address
                + " must be an address such as https://example.org/data",
        cause);
  }

  /**
   * Whether to unpack archives too, each into a directory beside it; left out, they are not. mlit
   * reads the archives themselves: unpack them to look at the images, or for other programs.
   */
  public DatasetFetch unpack(boolean unpack) {
    this.unpack = unpack;
    return this;
  }

  /** Sets what learns of the progress. */
  public DatasetFetch listener(FetchListener listener) {
    this.listener = listener;
    return this;
  }

  /**
   * Downloads what is missing or wrong.
   *
   * @throws InvalidInputException if the directory is a file or cannot be made, or an archive is
   *     damaged or dangerous to unpack
   * @throws IllegalStateException if archives are to be unpacked and Commons Compress is not on the
   *     class path
   * @throws FetchException if the network, the server or the disk fails. Files that were complete
   *     before are in their place, and a later run goes on from there.
   */
  public Result run() {
    if (unpack) {
      OptionalLibrary.ARCHIVES.require("to unpack archives");
    }
    if (dataset.files().isEmpty()) {
      return new Result(null, List.of(), List.of(), 0, List.of());
    }
    Path target = directory == null ? usualDirectory() : directory;
    List<PublishedFile> missing = new ArrayList<>();
    List<String> present = new ArrayList<>();
    for (PublishedFile file : dataset.files()) {
      if (FileCheck.of(file, target).right()) {
        present.add(file.name());
      } else {
        missing.add(file);
      }
    }
    if (!missing.isEmpty()) {
      create(target);
    }
    try {
      download(missing, target);
    } finally {
      // An empty directory would hide the next place where a reader looks.
      removeIfEmpty(target);
    }
    return new Result(
        target,
        missing.stream().map(PublishedFile::name).toList(),
        present,
        missing.stream().mapToLong(PublishedFile::bytes).sum(),
        unpack ? unpackAll(target) : List.of());
  }

  private List<Path> unpackAll(Path target) {
    return dataset.files().stream()
        .map(file -> target.resolve(file.name()))
        .filter(file -> ArchiveEntries.isArchive(file.toString()))
        .filter(file -> !Files.exists(Unpacker.directory(file)))
        .map(file -> Unpacker.unpack(file, Unpacker.Limits.of(file)))
        .toList();
  }

  /**
   * Where a reader finds all of it already, such as in the operating system's place; or else the
   * first place, which a reader prefers to any other from then on.
   */
  private Path usualDirectory() {
    Installation installation = Installation.of(dataset);
    Path found = installation.found();
    return found != null
            && dataset.files().stream().allMatch(file -> FileCheck.of(file, found).right())
        ? found
        : installation.places().get(0);
  }

  private void download(List<PublishedFile> files, Path target) {
    Download download = new Download(patience, listener);
    for (PublishedFile file : files) {
      URI mirror = base;
      URI url = mirror == null ? file.url() : mirror.resolve(file.name());
      download.run(file, url, target.resolve(file.name()));
    }
  }

  private static void removeIfEmpty(Path directory) {
    try {
      Files.deleteIfExists(directory);
    } catch (IOException e) {
      // It has files, and stays.
      return;
    }
  }

  private static void create(Path directory) {
    if (Files.exists(directory) && !Files.isDirectory(directory)) {
      throw new InvalidInputException(directory + ": is a file, must be a directory");
    }
    try {
      Files.createDirectories(directory);
    } catch (IOException e) {
      throw new InvalidInputException(directory + ": cannot be made: " + e, e);
    }
  }
}
