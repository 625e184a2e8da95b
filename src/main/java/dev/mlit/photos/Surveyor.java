package dev.mlit.photos;

import dev.mlit.data.Dataset;
import dev.mlit.data.ImageFileDataset;
import dev.mlit.data.LabelCheck;
import dev.mlit.data.LabelledFiles;
import dev.mlit.data.ReadOptions;
import dev.mlit.data.Split;
import dev.mlit.spec.ImageShape;
import dev.mlit.spec.InvalidInputException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;
import java.util.stream.Stream;

/** Looks at the images of a source and counts what is there. */
final class Surveyor {
  /** Unreadable files that may be left out; a folder with more of them is mended first. */
  private static final int MOST_UNREADABLE = 1000;

  private static final int NAMED = 3;

  private Surveyor() {}

  /**
   * Looks at all images, or at as many as there is time for.
   *
   * @param lines gets a line for each unreadable file
   * @throws InvalidInputException if there is nothing that could be learned from them
   */
  static Survey look(DataSource source, double seconds, Consumer<String> lines) {
    Dataset data = source.open(ReadOptions.DEFAULT);
    LabelCheck.requireNames(data.name(), data.labels());
    LabelCheck.require(data, "training", data.train());
    data.validation().ifPresent(part -> LabelCheck.require(data, "validation", part));
    if (!(data instanceof ImageFileDataset files)) {
      int classes = data.labels().size();
      Counts counts =
          new Counts(
              counts(data.train(), classes),
              data.validation().map(part -> counts(part, classes)).orElse(new int[0]),
              counts(data.test(), classes));
      List<ImageShape> shapes = List.of(data.shape());
      return survey(source, data.labels(), counts, shapes, List.of(), 1, 0, false);
    }
    ImageFileDataset.Files parts = files.files();
    List<LabelledFiles> lists =
        Stream.of(Optional.of(parts.train()), parts.validation(), Optional.of(parts.test()))
            .flatMap(Optional::stream)
            .toList();
    int all = lists.stream().mapToInt(LabelledFiles::size).sum();
    Look look = Look.at(lists, seconds, new Counted(lines, "looking", all));
    List<String> unreadable = look.unreadable().stream().map(Look.Unreadable::path).toList();
    look.unreadable().forEach(file -> lines.accept("left out: " + file.problem()));
    if (look.shapes().isEmpty()) {
      throw new InvalidInputException(source.text() + ": none of its images can be read");
    }
    if (unreadable.size() > MOST_UNREADABLE) {
      throw new InvalidInputException(
          String.format(
              Locale.ROOT,
              "%s: %,d image files cannot be read, such as %s",
              source.text(),
              unreadable.size(),
              unreadable.get(0)));
    }
    // Images of one folder have the same tree: there the test part was cut off by mlit.
    boolean cut = source.isFolder() && parts.train().tree() == parts.test().tree();
    int classes = data.labels().size();
    Set<String> left = Set.copyOf(unreadable);
    Counts counts =
        new Counts(
            counts(parts.train(), classes, left),
            parts.validation().map(part -> counts(part, classes, left)).orElse(new int[0]),
            counts(parts.test(), classes, left));
    double looked = look.looked() / (double) Math.max(1, look.files());
    double reading = look.seconds() / Math.max(1, look.looked());
    return survey(source, data.labels(), counts, look.shapes(), unreadable, looked, reading, cut);
  }

  /** The images of every class that can be read, as far as was looked at. */
  private record Counts(int[] train, int[] validation, int[] test) {}

  private static int[] counts(LabelledFiles files, int classes, Set<String> left) {
    int[] counts = new int[classes];
    for (int i = 0; i < files.size(); i++) {
      if (left.isEmpty() || !left.contains(files.path(i))) {
        counts[files.labels().get(i)]++;
      }
    }
    return counts;
  }

  private static Survey survey(
      DataSource source,
      List<String> labels,
      Counts counts,
      List<ImageShape> shapes,
      List<String> unreadable,
      double looked,
      double reading,
      boolean cut) {
    int[] train = counts.train.clone();
    if (cut) {
      for (int i = 0; i < train.length; i++) {
        train[i] += counts.test[i];
      }
    }
    Path directory = source.directory();
    Survey survey =
        new Survey(
            source.title(),
            source.dataset(),
            directory == null ? null : directory.toString(),
            labels,
            list(train),
            list(counts.validation),
            cut ? List.of() : list(counts.test),
            shapes.stream().mapToInt(s -> Math.min(s.height(), s.width())).min().orElseThrow(),
            typical(shapes),
            shapes.stream().mapToInt(s -> Math.max(s.height(), s.width())).max().orElseThrow(),
            shapes.stream().allMatch(s -> s.channels() == 1),
            unreadable,
            looked,
            reading);
    require(source, survey);
    return survey;
  }

  private static int typical(List<ImageShape> shapes) {
    List<Integer> sides =
        shapes.stream().map(s -> Math.min(s.height(), s.width())).sorted().toList();
    return sides.get(sides.size() / 2);
  }

  private static int[] counts(Split split, int classes) {
    int[] counts = new int[classes];
    for (int i = 0; i < split.size(); i++) {
      counts[split.label(i)]++;
    }
    return counts;
  }

  private static List<Integer> list(int[] counts) {
    return Arrays.stream(counts).boxed().toList();
  }

  /** Every class must be learned and, where the test part is cut off, tested. */
  private static void require(DataSource source, Survey survey) {
    int least = survey.cutsTest() ? 2 : 1;
    List<String> poor = new ArrayList<>();
    for (int i = 0; i < survey.labels().size(); i++) {
      if (survey.train().get(i) < least) {
        poor.add(survey.labels().get(i) + " has " + survey.train().get(i));
      }
    }
    if (!poor.isEmpty()) {
      throw new InvalidInputException(
          String.format(
              Locale.ROOT,
              "%s: every class must have at least %s that can be read: %s",
              source.text(),
              survey.cutsTest()
                  ? "2 images, one to train on and one to test on,"
                  : "1 image to train on",
              String.join(", ", poor.subList(0, Math.min(NAMED, poor.size())))
                  + (poor.size() > NAMED ? " and " + (poor.size() - NAMED) + " more" : "")));
    }
    if (!survey.cutsTest() && Survey.sum(survey.test()) == 0) {
      throw new InvalidInputException(source.text() + ": has no image to test on");
    }
  }
}
