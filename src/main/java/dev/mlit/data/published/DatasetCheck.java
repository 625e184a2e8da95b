package dev.mlit.data.published;

import dev.mlit.data.Dataset;
import dev.mlit.data.LabelCheck;
import dev.mlit.data.Split;
import dev.mlit.spec.ImageShape;
import dev.mlit.spec.InvalidInputException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.IntConsumer;
import org.apiguardian.api.API;
import org.apiguardian.api.API.Status;
import org.jspecify.annotations.Nullable;

/**
 * Reads every image of a dataset once, to count the images of every class and find damage.
 *
 * @since 0.1.0
 */
@API(status = Status.MAINTAINED)
public final class DatasetCheck {
  /** The most messages about damage; more of them tell a person nothing new. */
  private static final int MOST_PROBLEMS = 20;

  private final Dataset dataset;
  private final List<String> problems = new ArrayList<>();
  private int more;
  private int read;

  private DatasetCheck(Dataset dataset) {
    this.dataset = dataset;
  }

  /**
   * What was found.
   *
   * @param name the name of the dataset
   * @param shape the size of its images
   * @param train the images to train on
   * @param test the images to test on
   * @param classes every class, in the order of the labels
   * @param problems what is damaged, a line each, with the file's name; empty if all is well
   * @param validation the images to validate on; 0 if there is no such part
   */
  public record Report(
      String name,
      ImageShape shape,
      int train,
      int test,
      List<ClassCount> classes,
      List<String> problems,
      int validation) {
    public Report {
      classes = List.copyOf(classes);
      problems = List.copyOf(problems);
    }
  }

  /**
   * The images of a class.
   *
   * @param label its name
   * @param train how many there are to train on
   * @param test how many there are to test on
   * @param validation how many there are to validate on
   */
  public record ClassCount(String label, int train, int test, int validation) {}

  /**
   * Reads all images.
   *
   * @param progress gets the number of images that have been read, after each
   */
  public static Report run(Dataset dataset, IntConsumer progress) {
    return new DatasetCheck(dataset).run(progress);
  }

  /**
   * Compares the published files of a dataset with those of a directory.
   *
   * @param name a name of the {@link Catalogue}
   * @param directory where they lie, or the one archive that holds all; the place where they are
   *     usually read if null
   * @return one for every published file; empty if the dataset has none or no such place exists
   * @throws InvalidInputException if no dataset has that name
   */
  public static List<FileCheck> files(String name, @Nullable Path directory) {
    PublishedDataset published = Catalogue.named(name);
    Path place = directory == null ? Installation.of(published).found() : directory;
    if (place == null) {
      return List.of();
    }
    // Readers take an archive as well as the directory that holds it.
    boolean archive = Files.isRegularFile(place);
    Path folder = archive ? place.resolveSibling("") : place;
    return published.files().stream()
        .filter(file -> !archive || place.endsWith(file.name()))
        .map(file -> FileCheck.of(file, folder))
        .toList();
  }

  private Report run(IntConsumer progress) {
    int[] train = count("train", dataset.train(), progress);
    int[] validation =
        dataset
            .validation()
            .map(part -> count("validation", part, progress))
            .orElseGet(() -> new int[train.length]);
    int[] test = count("test", dataset.test(), progress);
    List<ClassCount> classes = new ArrayList<>();
    for (int i = 0; i < train.length; i++) {
      String label = dataset.labels().get(i);
      classes.add(new ClassCount(label, train[i], test[i], validation[i]));
      if (train[i] == 0) {
        problem("class " + label + ": no image to train on");
      }
    }
    if (more > 0) {
      problems.add(more + " more problems of this kind");
    }
    return new Report(
        dataset.name(),
        dataset.shape(),
        dataset.train().size(),
        dataset.test().size(),
        classes,
        problems,
        dataset.validation().map(Split::size).orElse(0));
  }

  private int[] count(String part, Split split, IntConsumer progress) {
    int[] counts = new int[dataset.labels().size()];
    byte[] pixels = new byte[dataset.shape().values()];
    for (int i = 0; i < split.size(); i++) {
      Optional<String> problem = LabelCheck.problem(part, split, i, counts.length);
      if (problem.isPresent()) {
        problem(problem.get());
      } else {
        counts[split.label(i)]++;
      }
      try {
        split.pixels(i, pixels, 0);
      } catch (InvalidInputException e) {
        // Names the file; one that is damaged does not hide the next.
        problem(String.valueOf(e.getMessage()));
      }
      progress.accept(++read);
    }
    return counts;
  }

  private void problem(String problem) {
    if (problems.size() < MOST_PROBLEMS) {
      problems.add(problem);
    } else {
      more++;
    }
  }
}
