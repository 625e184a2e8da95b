package dev.mlit.cli;

import dev.mlit.Mlit;
import dev.mlit.savedmodel.Classifier;
import dev.mlit.savedmodel.Prediction;
import dev.mlit.spec.text.NumberRule;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code ./mlit predict}. */
@Command(
    name = "predict",
    description = "Names the classes of images, PNG or JPEG of any size.",
    mixinStandardHelpOptions = true,
    sortOptions = false)
final class PredictCommand implements Callable<Integer> {
  @Spec private CommandSpec command;

  @Parameters(index = "0", paramLabel = "MODEL_DIR", description = "The SavedModel's directory.")
  private Path model;

  @Parameters(index = "1..*", arity = "1..*", paramLabel = "IMAGE", description = "Image files.")
  private List<Path> images;

  @Option(
      names = "--top",
      paramLabel = "K",
      defaultValue = "1",
      description = "How many classes to name; 1 if left out.")
  private int top;

  @Option(names = "--json", description = "Prints the result as JSON, on the last line.")
  private boolean json;

  /** What {@code --json} prints. */
  record Result(List<Image> images) {}

  /** The best classes of an image. */
  record Image(String file, List<Prediction> predictions) {}

  @Override
  public Integer call() {
    OptionRange.require("--top", top, NumberRule.atLeast(1));
    Console console = Console.of(command);
    // Nothing is printed before every image could be read.
    List<Image> results = new ArrayList<>();
    try (Classifier classifier = Mlit.load(model)) {
      for (Path image : images) {
        List<Prediction> all = classifier.classify(image);
        results.add(new Image(image.toString(), all.subList(0, Math.min(top, all.size()))));
      }
    }
    if (json) {
      console.json(new Result(results));
      return 0;
    }
    for (Image image : results) {
      for (Prediction best : image.predictions()) {
        console.line("%s: %s %.4f", image.file(), best.label(), best.probability());
      }
    }
    return 0;
  }
}
