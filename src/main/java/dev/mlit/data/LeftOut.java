package dev.mlit.data;

import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.NavigableSet;
import java.util.TreeMap;
import java.util.TreeSet;
import org.apiguardian.api.API;
import org.apiguardian.api.API.Status;

/**
 * Describes the files of a folder or archive that are not read, for its user.
 *
 * @since 0.1.0
 */
@API(status = Status.INTERNAL)
public final class LeftOut {
  private static final int NAMED = 3;
  private static final int LONGEST_ENDING = 8;

  private LeftOut() {}

  /**
   * What is left out of image files.
   *
   * @param tree all of its files
   * @param read the names in {@code tree} of those that are read
   * @return a line for files that are no images mlit reads, and one for images that lie in no
   *     folder of a class; empty if all files are read
   */
  public static List<String> lines(FileTree tree, Collection<String> read) {
    NavigableSet<String> left = new TreeSet<>(tree.files());
    left.removeAll(read);
    List<String> elsewhere = left.stream().filter(ImageFolder::isImage).toList();
    List<String> others = left.stream().filter(file -> !ImageFolder.isImage(file)).toList();
    List<String> lines = new ArrayList<>();
    if (!others.isEmpty()) {
      lines.add(
          others.size()
              + (others.size() == 1 ? " file is" : " files are")
              + " left out, not being "
              + ImageFolder.READ
              + ": "
              + byEnding(tree, others));
    }
    if (!elsewhere.isEmpty()) {
      lines.add(
          elsewhere.size()
              + (elsewhere.size() == 1 ? " image is" : " images are")
              + " left out, in no folder of a class that is read: "
              + some(tree, elsewhere));
    }
    return lines;
  }

  /** Such as {@code 6 .webp (dogs/4.webp, dogs/5.webp, dogs/6.webp, ...), 1 .txt (notes.txt)}. */
  private static String byEnding(FileTree tree, List<String> files) {
    Map<String, List<String>> endings = new TreeMap<>();
    for (String file : files) {
      String name = file.substring(file.lastIndexOf('/') + 1);
      int dot = name.lastIndexOf('.');
      boolean ends = dot > 0 && name.length() - dot <= LONGEST_ENDING;
      String ending = ends ? name.substring(dot).toLowerCase(Locale.ROOT) : "without an ending";
      endings.computeIfAbsent(ending, key -> new ArrayList<>()).add(file);
    }
    List<String> parts = new ArrayList<>();
    endings.forEach(
        (ending, own) -> parts.add(own.size() + " " + ending + " (" + some(tree, own) + ")"));
    return String.join(", ", parts);
  }

  private static String some(FileTree tree, List<String> files) {
    String named =
        String.join(
            ", ",
            files.subList(0, Math.min(NAMED, files.size())).stream().map(tree::name).toList());
    return files.size() > NAMED ? named + ", ..." : named;
  }
}
