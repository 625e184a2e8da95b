package dev.mlit.cli;

import dev.mlit.Mlit;
import dev.mlit.data.Dataset;
import dev.mlit.data.Datasets;
import dev.mlit.data.ImageFileDataset;
import dev.mlit.data.ReadOptions;
import dev.mlit.photos.DataSource;
import dev.mlit.photos.Look;
import dev.mlit.savedmodel.Classifier;
import dev.mlit.savedmodel.OtherClassesException;
import dev.mlit.savedmodel.Reconstructor;
import dev.mlit.spec.InvalidInputException;
import dev.mlit.spec.ModelSpec;
import dev.mlit.spec.text.NumberRule;
import dev.mlit.spec.text.Printable;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code ./mlit evaluate}. */
@Command(
    name = "evaluate",
    description = {
      "Measures a SavedModel on the test or validation images of a dataset:",
      "the accuracy of a classifier, or how far off an autoencoder is where it paints."
    },
    mixinStandardHelpOptions = true,
    sortOptions = false)
final class EvaluateCommand implements Callable<Integer> {
  @Spec private CommandSpec command;

  @Parameters(paramLabel = "MODEL_DIR", description = "The directory of the SavedModel.")
  private Path model;

  @Option(
      names = "--data",
      required = true,
      paramLabel = "NAME",
      description = "The dataset, such as fashion-small, or the path of a folder or archive.")
  private String data;

  @Option(
      names = "--data-dir",
      paramLabel = "DIR",
      description = "Where its files lie; $$MLIT_DATA/NAME or data/NAME if left out.")
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
  private String part;

  @Option(
      names = "--by-position",
      description =
          "Takes the classes of the dataset for those of the model in their order; if left out,"
              + " classes are those of the same name.")
  private boolean byPosition;

  @Option(names = "--json", description = "Prints the result as JSON, on the last line.")
  private boolean json;

  @Override
  public Integer call() {
    return Reconstructor.isAutoencoder(model) ? paint() : classify();
  }

  private int classify() {
    Console console = Console.of(command);
    try (Classifier classifier = Mlit.load(model)) {
      Dataset dataset = named(part(open(), classifier.spec()), classifier);
      Classifier.Evaluation result;
      try (Counter counter = Counter.of("evaluate", dataset.test().size(), "images")) {
        result = classifier.evaluate(dataset, counter::to);
      }
      if (json) {
        console.json(result);
      } else {
        int classes = dataset.labels().size();
        int all = classifier.labels().size();
        console.line(
            "accuracy %.4f on %,d images%s",
            result.accuracy(),
            result.examples(),
            classes < all ? " of " + classes + " of its " + all + " classes" : "");
      }
    } catch (OtherClassesException e) {
      throw new InvalidInputException(
          advice -> e.message(advice) + "; if they are the same in this order: --by-position", e);
    }
    return 0;
  }

  private Dataset open() {
    if (directory != null || DataSource.isDataset(data)) {
      return Datasets.open(data, directory, options());
    }
    DataSource source = DataSource.of(data);
    Dataset dataset = source.open(options());
    if (!(dataset instanceof ImageFileDataset images)) {
      return dataset;
    }
    List<String> unreadable = new ArrayList<>();
    for (Look.Unreadable file : Look.at(List.of(images.files().test())).unreadable()) {
      command.commandLine().getErr().println("left out: " + Printable.line(file.problem()));
      unreadable.add(file.path());
    }
    return unreadable.isEmpty() ? dataset : source.open(options().exclude(unreadable));
  }

  /** The dataset with the names that the model has for its classes, if that is asked for. */
  private Dataset named(Dataset dataset, Classifier classifier) {
    if (!byPosition) {
      return dataset;
    }
    int classes = classifier.labels().size();
    if (dataset.labels().size() != classes) {
      throw new InvalidInputException(
          "--by-position: dataset "
              + dataset.name()
              + " has "
              + dataset.labels().size()
              + " classes, must have those of the model, "
              + classes);
    }
    return dataset.withClassNames(classifier.labels());
  }

  /** The dataset with the part that is asked for as its test part. */
  private Dataset part(Dataset dataset, ModelSpec model) {
    switch (part) {
      case "test" -> {
        return dataset;
      }
      case "validation" -> {
        Dataset fitted = dataset.resizedTo(model.image());
        return fitted
            .validation()
            .map(
                images ->
                    Dataset.of(
                        fitted.name(), fitted.labels(), fitted.shape(), fitted.train(), images))
            .orElseThrow(
                () ->
                    new InvalidInputException(
                        "--part: validation, but dataset "
                            + dataset.name()
                            + " has no such part of its own"));
      }
      default -> throw new InvalidInputException("--part: " + part + " must be test or validation");
    }
  }

  private int paint() {
    Console console = Console.of(command);
    try (Reconstructor autoencoder = Mlit.loadAutoencoder(model)) {
      Dataset dataset = part(open(), autoencoder.spec());
      Reconstructor.Evaluation result;
      try (Counter counter = Counter.of("evaluate", dataset.test().size(), "images")) {
        result = autoencoder.evaluate(dataset, counter::to);
      }
      if (json) {
        console.json(result);
      } else {
        console.line(
            "mean squared error %.4f of hidden patches, %.4f of visible ones, on %,d images%s",
            result.hiddenError(),
            result.visibleError(),
            result.examples(),
            autoencoder.spec().normPixels() ? ", every patch normalised by itself" : "");
      }
    }
    return 0;
  }

  private ReadOptions options() {
    OptionRange.require("--test-fraction", testFraction, NumberRule.PART);
    return ReadOptions.DEFAULT.testFraction(testFraction);
  }
}
