package dev.mlit.cli;

import dev.mlit.data.Dataset;
import dev.mlit.data.ImageFileDataset;
import dev.mlit.data.LabelledFiles;
import dev.mlit.data.ReadOptions;
import dev.mlit.photos.DataSource;
import dev.mlit.photos.Look;
import dev.mlit.savedmodel.OtherClassesException;
import dev.mlit.spec.InvalidInputException;
import dev.mlit.spec.text.KebabCase;
import dev.mlit.spec.text.NumberRule;
import dev.mlit.spec.text.Printable;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** The images that {@code ./mlit evaluate} measures on: its options, and how they are opened. */
final class EvaluatedImages {
  @Option(
      names = "--data",
      required = true,
      paramLabel = PhotoArguments.LABEL,
      completionCandidates = Candidates.DatasetNames.class,
      description = "The images: " + PhotoArguments.PLACES)
  private String data;

  @Option(
      names = "--data-dir",
      paramLabel = "DIR",
      description =
          "Where the files of a dataset lie that --data names; $$MLIT_DATA/NAME or data/NAME if"
              + " left out.")
  private @Nullable Path directory;

  @Option(
      names = "--test-fraction",
      paramLabel = "SHARE",
      defaultValue = "0.2",
      description =
          "Share of the images that training kept for the test, if the dataset has no test part"
              + " of its own; ${DEFAULT-VALUE} if left out.")
  private double testFraction;

  @Option(
      names = "--part",
      paramLabel = "PART",
      defaultValue = "test",
      description =
          "test (if left out), or validation, where the dataset has a validation part of its own.")
  private Part part;

  /** The parts of a dataset that can be measured on. */
  private enum Part {
    TEST,
    VALIDATION
  }

  /**
   * What was measured.
   *
   * @param dataset whose test part was measured on
   * @param leftOut paths of its image files that cannot be read
   */
  record Measured<R>(R result, Dataset dataset, List<String> leftOut) {}

  /** What a person would call them, in short. */
  String title() {
    return "the " + KebabCase.of(part) + " images of " + DataSource.of(data, directory).title();
  }

  /** Where they come from, as the user wrote it. */
  String place() {
    return directory == null ? data : data + " in " + directory;
  }

  /**
   * Measures something on the images. Image files are looked at one by one only once one of them
   * could not be read: then those are named and left out.
   *
   * @param fitting makes the dataset fit a model
   * @param work reads the test part of a dataset
   * @param err gets a line for every file that is left out
   */
  <R> Measured<R> measure(
      UnaryOperator<Dataset> fitting, Function<Dataset, R> work, PrintWriter err) {
    OptionRange.require("--test-fraction", testFraction, NumberRule.PART);
    DataSource source = DataSource.of(data, directory);
    ReadOptions options = ReadOptions.DEFAULT.testFraction(testFraction);
    Dataset all = source.open(options);
    Dataset dataset = fitting.apply(part(all));
    try {
      return new Measured<>(work.apply(dataset), dataset, List.of());
    } catch (OtherClassesException e) {
      // Nothing was read yet.
      throw e;
    } catch (InvalidInputException e) {
      List<Look.Unreadable> unreadable = unreadable(all);
      if (unreadable.isEmpty()) {
        throw e;
      }
      unreadable.forEach(file -> err.println("left out: " + Printable.line(file.problem())));
      List<String> leftOut = unreadable.stream().map(Look.Unreadable::path).toList();
      Dataset rest = fitting.apply(part(source.open(options.exclude(leftOut))));
      return new Measured<>(work.apply(rest), rest, leftOut);
    }
  }

  /** Those of the part that is measured on. */
  private List<Look.Unreadable> unreadable(Dataset dataset) {
    if (!(dataset instanceof ImageFileDataset images)) {
      return List.of();
    }
    ImageFileDataset.Files files = images.files();
    Optional<LabelledFiles> measured =
        part == Part.TEST ? Optional.of(files.test()) : files.validation();
    if (measured.isEmpty()) {
      return List.of();
    }
    try (Counter counter = Counter.of("look", measured.get().size(), "images")) {
      return Look.at(measured.get(), counter::to).unreadable();
    }
  }

  /** The dataset with the part that is asked for as its test part. */
  private Dataset part(Dataset dataset) {
    if (part == Part.TEST) {
      return dataset;
    }
    if (dataset.validation().isEmpty()) {
      throw new InvalidInputException(
          "--part: validation, but dataset " + dataset.name() + " has no such part of its own");
    }
    return new ValidationPart(dataset);
  }
}
