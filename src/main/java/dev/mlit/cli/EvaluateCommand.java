package dev.mlit.cli;

import dev.mlit.Mlit;
import dev.mlit.cli.EvaluatedImages.Measured;
import dev.mlit.data.Dataset;
import dev.mlit.insight.EvaluationReport;
import dev.mlit.savedmodel.Classifier;
import dev.mlit.savedmodel.Evaluation;
import dev.mlit.savedmodel.OtherClassesException;
import dev.mlit.savedmodel.Reconstructor;
import dev.mlit.spec.InvalidInputException;
import dev.mlit.tensorflow.Versions;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code ./mlit evaluate}. */
@Command(
    name = "evaluate",
    description = {
      "Measures a SavedModel on the test or validation images of a dataset:",
      "of a classifier accuracy, loss, precision and recall by class, what it confuses, and whether"
          + " its probabilities can be believed; or how far off an autoencoder is where it paints."
    },
    mixinStandardHelpOptions = true,
    sortOptions = false)
final class EvaluateCommand implements Callable<Integer> {
  @Spec private CommandSpec command;

  @Parameters(
      paramLabel = "MODEL",
      converter = ModelPlace.class,
      completionCandidates = Candidates.Models.class,
      description = ModelPlace.DESCRIPTION)
  private Path model;

  @Mixin private EvaluatedImages images = new EvaluatedImages();

  @Option(
      names = "--by-position",
      description =
          "Takes the classes of the dataset for those of the model in their order; if left out,"
              + " classes are those of the same name.")
  private boolean byPosition;

  @Option(
      names = "--report",
      paramLabel = "FILE.html",
      description =
          "Writes a page: confusion matrix, scores by class, calibration, and the worst mistakes as"
              + " pictures.")
  private @Nullable Path report;

  @Option(names = "--json", description = "Prints the result as JSON, on the last line.")
  private boolean json;

  @Override
  public Integer call() {
    return Reconstructor.isAutoencoder(model) ? paint() : classify();
  }

  private int classify() {
    requireReportCanBeWritten();
    Console console = Console.of(command);
    try (Classifier classifier = Mlit.load(model)) {
      Measured<Evaluation> measured =
          images.measure(fitting(classifier), data -> evaluate(classifier, data), err());
      Path page = report;
      if (page != null) {
        write(page, classifier, measured);
      }
      if (json) {
        console.json(EvaluationJson.of(measured.result(), measured.leftOut(), page));
      } else {
        EvaluationText.of(measured.result()).forEach(line -> console.line("%s", line));
        if (page != null) {
          console.line("");
          console.line("report      %s", page);
        }
      }
    } catch (OtherClassesException e) {
      throw new InvalidInputException(
          advice -> e.message(advice) + "; if they are the same in this order: --by-position", e);
    }
    return 0;
  }

  private PrintWriter err() {
    return command.commandLine().getErr();
  }

  private static Evaluation evaluate(Classifier classifier, Dataset dataset) {
    try (Counter counter = Counter.of("evaluate", dataset.test().size(), "images")) {
      return classifier.evaluate(dataset, counter::to);
    }
  }

  /** Before the images are classified, which may take long. */
  private void requireReportCanBeWritten() {
    Path page = report;
    if (page == null) {
      return;
    }
    if (Files.isDirectory(page)) {
      throw new InvalidInputException("--report: " + page + " is a directory, must be a file");
    }
    Path parent = page.toAbsolutePath().getParent();
    if (parent == null || !Files.isDirectory(parent)) {
      throw new InvalidInputException("--report: " + page + ": there is no directory " + parent);
    }
  }

  private void write(Path page, Classifier classifier, Measured<Evaluation> measured) {
    EvaluationReport written =
        EvaluationReport.of(
                classifier.spec().name() + " on " + images.title(),
                measured.result(),
                measured.dataset())
            .footer(model + " · " + images.place() + " · mlit " + Versions.ofMlit());
    int leftOut = measured.leftOut().size();
    if (leftOut > 0) {
      written.note(EvaluationText.leftOut(measured.leftOut()));
    }
    if (byPosition) {
      written.note("The classes of the images were taken for those of the model in their order.");
    }
    EvaluationText.strays(measured.result()).ifPresent(written::note);
    written.write(page);
  }

  /** The dataset with the names that the model has for its classes, if that is asked for. */
  private UnaryOperator<Dataset> fitting(Classifier classifier) {
    return dataset -> byPosition ? named(dataset, classifier) : dataset;
  }

  private static Dataset named(Dataset dataset, Classifier classifier) {
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

  private int paint() {
    if (report != null) {
      throw new InvalidInputException(
          "--report: needs a classifier, but " + model + " is an autoencoder");
    }
    Console console = Console.of(command);
    try (Reconstructor autoencoder = Mlit.loadAutoencoder(model)) {
      Reconstructor.Evaluation result =
          images
              .measure(UnaryOperator.identity(), data -> evaluate(autoencoder, data), err())
              .result();
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

  private static Reconstructor.Evaluation evaluate(Reconstructor autoencoder, Dataset dataset) {
    try (Counter counter = Counter.of("evaluate", dataset.test().size(), "images")) {
      return autoencoder.evaluate(dataset, counter::to);
    }
  }
}
