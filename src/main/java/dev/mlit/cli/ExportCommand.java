package dev.mlit.cli;

import com.fasterxml.jackson.annotation.JsonInclude;
import dev.mlit.Mlit;
import dev.mlit.onnx.OnnxOutput;
import dev.mlit.spec.InvalidInputException;
import dev.mlit.train.EpochChoice;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code ./mlit export}. */
@Command(
    name = "export",
    description =
        "Exports what a run was after its last epoch, or what a SavedModel holds, in another"
            + " format.",
    mixinStandardHelpOptions = true,
    sortOptions = false)
final class ExportCommand implements Callable<Integer> {
  @Spec private CommandSpec command;

  @Parameters(
      paramLabel = "RUN_DIR",
      converter = ModelPlace.class,
      description =
          "The run directory, or a SavedModel: its directory, or a name of ./mlit models.")
  private Path model;

  @Option(
      names = "--to",
      required = true,
      paramLabel = "DIR",
      description = "The directory to write; for onnx a file, such as model.onnx.")
  private Path target;

  @Option(
      names = "--format",
      paramLabel = "FORMAT",
      defaultValue = "savedmodel",
      description =
          "savedmodel (if left out), safetensors with spec.yaml and labels.txt, or onnx: one file"
              + " for ONNX Runtime.")
  private String format;

  @Option(
      names = "--outputs",
      paramLabel = "NAME",
      split = ",",
      description =
          "What an ONNX file computes: logits, probabilities, features, tokens (all of a"
              + " classifier's if left out), and of an autoencoder patches and mask (both if left"
              + " out), features, tokens. Without tokens a classifier is somewhat faster.")
  private List<String> outputs = new ArrayList<>();

  @Option(
      names = "--best",
      description =
          "Exports the best epoch, on the validation images, instead of the last. A run has such"
              + " images by data.validation-fraction, or if its dataset has a part of them.")
  private boolean best;

  @Option(
      names = "--best-on-test",
      description =
          "Exports the epoch with the highest test accuracy, of a run without validation images."
              + " That accuracy is then chosen, and says too much good of other images.")
  private boolean bestOnTest;

  @Option(names = "--json", description = "Prints the result as JSON, on the last line.")
  private boolean json;

  /**
   * What {@code --json} prints.
   *
   * @param directory that was written; null if it is one file
   * @param file that was written; null if it is a directory
   */
  @JsonInclude(JsonInclude.Include.NON_NULL)
  record Result(@Nullable String directory, @Nullable String file, String format) {}

  @Override
  public Integer call() {
    Console console = Console.of(command);
    if (best && bestOnTest) {
      throw new InvalidInputException("--best-on-test: must be left out where there is --best");
    }
    EpochChoice choice =
        best ? EpochChoice.BEST : bestOnTest ? EpochChoice.BEST_ON_TEST : EpochChoice.LAST;
    boolean onnx = format.equals("onnx");
    if (!onnx && !outputs.isEmpty()) {
      throw new InvalidInputException(
          "--outputs: must be left out where --format is " + format + ", it is for onnx");
    }
    switch (format) {
      case "savedmodel" -> Mlit.export(model, choice, target);
      case "safetensors" -> Mlit.exportWeights(model, choice, target);
      case "onnx" -> Mlit.exportOnnx(model, choice, chosenOutputs(), target);
      default ->
          throw new InvalidInputException(
              "--format: " + format + " must be savedmodel, safetensors or onnx");
    }
    if (json) {
      String written = target.toString();
      console.json(new Result(onnx ? null : written, onnx ? written : null, format));
    } else {
      console.line("written to %s", target);
    }
    return 0;
  }

  private Set<OnnxOutput> chosenOutputs() {
    Set<OnnxOutput> chosen = EnumSet.noneOf(OnnxOutput.class);
    for (String output : outputs) {
      try {
        chosen.add(OnnxOutput.of(output));
      } catch (InvalidInputException e) {
        throw new InvalidInputException("--outputs: " + e.getMessage(), e);
      }
    }
    return chosen;
  }
}
