package dev.mlit.photos;

import dev.mlit.spec.ImageShape;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * What images there are: all that is decided follows from it.
 *
 * @param title a name for a run
 * @param dataset the name of the dataset
 * @param directory its files; null for the usual places
 * @param labels the names of the classes
 * @param train how many images of each class there are to train on; of all its images where the
 *     test part is to be cut off
 * @param validation how many to validate on; empty if there is no such part
 * @param test how many to test on; empty if that part is to be cut off
 * @param smallest the smallest height or width of an image
 * @param typical the median of the shorter sides
 * @param largest the largest height or width
 * @param gray whether no image has colours
 * @param unreadable paths of the files that cannot be read
 * @param looked the share of the files that were looked at, in (0, 1]
 * @param reading seconds that this machine needs to read an image; 0 where they are in memory
 */
record Survey(
    String title,
    String dataset,
    @Nullable String directory,
    List<String> labels,
    List<Integer> train,
    List<Integer> validation,
    List<Integer> test,
    int smallest,
    int typical,
    int largest,
    boolean gray,
    List<String> unreadable,
    double looked,
    double reading) {
  private static final int FEWEST_CHARACTERS = 10;

  Survey {
    labels = List.copyOf(labels);
    train = List.copyOf(train);
    validation = List.copyOf(validation);
    test = List.copyOf(test);
    unreadable = List.copyOf(unreadable);
  }

  static int sum(List<Integer> counts) {
    return counts.stream().mapToInt(Integer::intValue).sum();
  }

  /** Images to train on, those included that are to be cut off. */
  int trainImages() {
    return sum(train);
  }

  int images() {
    return sum(train) + sum(validation) + sum(test);
  }

  /** Whether the test part is to be cut off. */
  boolean cutsTest() {
    return test.isEmpty();
  }

  /** How many times as many images the largest class has as the smallest, to train on. */
  double imbalance() {
    int most = train.stream().mapToInt(Integer::intValue).max().orElse(1);
    int least = train.stream().mapToInt(Integer::intValue).min().orElse(1);
    return most / (double) Math.max(1, least);
  }

  /**
   * Whether the classes are characters, such as digits: mirrored, they are others or none. Ten
   * classes or more have one letter or digit each for a name.
   */
  boolean characters() {
    return labels.size() >= FEWEST_CHARACTERS
        && labels.stream()
            .allMatch(
                label ->
                    label.codePointCount(0, label.length()) == 1
                        && Character.isLetterOrDigit(label.codePointAt(0)));
  }

  /** The images to train on of the class in the middle. */
  int typicalClass() {
    List<Integer> sorted = train.stream().sorted().toList();
    return sorted.get(sorted.size() / 2);
  }

  /** One line for a person. */
  String text() {
    int least = train.stream().mapToInt(Integer::intValue).min().orElse(0);
    int most = train.stream().mapToInt(Integer::intValue).max().orElse(0);
    return String.format(
        Locale.ROOT,
        "%,d in %,d classes (%s a class%s), %s, %s%s%s",
        images(),
        labels.size(),
        least == most ? String.format(Locale.ROOT, "%,d", least) : range(least, most),
        cutsTest() ? "" : " to train on",
        smallest == largest
            ? new ImageShape(smallest, largest, 1).toString().replaceFirst("x1$", "")
            : range(smallest, largest) + " pixels, most sides about " + typical,
        gray ? "gray" : "colour",
        unreadable.isEmpty()
            ? ""
            : String.format(Locale.ROOT, ", %,d more unreadable", unreadable.size()),
        looked < 1
            ? String.format(Locale.ROOT, " (%.0f %% of the files looked at)", 100 * looked)
            : "");
  }

  private static String range(int least, int most) {
    return String.format(Locale.ROOT, "%,d to %,d", least, most);
  }
}
