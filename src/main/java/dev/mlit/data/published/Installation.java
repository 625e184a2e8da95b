package dev.mlit.data.published;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Where a dataset is looked for on this machine, and what is there.
 *
 * @param dataset the dataset
 * @param places the directories, in the order in which they are tried; the first one is where it is
 *     downloaded to. Empty if the dataset comes with mlit.
 * @param found the first of them that exists, which is where it is read from; null if none does
 * @since 0.1.0
 */
public record Installation(PublishedDataset dataset, List<Path> places, @Nullable Path found) {
  public Installation {
    places = List.copyOf(places);
  }

  /** The places of this machine: {@code $MLIT_DATA}, {@code data}, the operating system's. */
  public static Installation of(PublishedDataset dataset) {
    return of(dataset, System.getenv("MLIT_DATA"));
  }

  static Installation of(PublishedDataset dataset, @Nullable String data) {
    if (dataset.name().equals("fashion-small")) {
      return new Installation(dataset, List.of(), null);
    }
    List<Path> places = new ArrayList<>(DataDirectory.usual(dataset.directory(), data));
    if (dataset.name().equals("fashion-mnist")) {
      places.add(PublishedDatasets.DEBIAN);
    }
    Path found = places.stream().filter(Files::isDirectory).findFirst().orElse(null);
    return new Installation(dataset, places, found);
  }

  /** True if the dataset can be read without a download: it comes with mlit, or has a directory. */
  public boolean present() {
    return places.isEmpty() || found != null;
  }

  /** The names of the published files that are not in the directory, packed or plain. */
  public List<String> missing() {
    Path directory = found;
    return dataset.files().stream()
        .filter(
            file ->
                directory == null
                    || !(Files.isRegularFile(directory.resolve(file.name()))
                        || Files.isRegularFile(directory.resolve(file.plainName()))))
        .map(PublishedFile::name)
        .toList();
  }
}
