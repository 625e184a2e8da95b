package dev.mlit.cli;

import com.fasterxml.jackson.annotation.JsonInclude;
import dev.mlit.Mlit;
import dev.mlit.onnx.OnnxOutput;
import dev.mlit.spec.InvalidInputException;
import dev.mlit.spec.text.KebabCase;
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
      completionCandidates = Candidates.Models.class,
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
  private Format format;

  /** The names of the formats. */
  private enum Format {
    SAVEDMODEL,
    SAFETENSORS,
    ONNX
  }

  @Option(
      names = "--outputs",
      paramLabel = "NAME",
      split = ",",
      completionCandidates = Candidates.Outputs.class,
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
    boolean onnx = format == Format.ONNX;
    if (!onnx && !outputs.isEmpty()) {
      throw new InvalidInputException(
          "--outputs: must be left out where --format is "
              + KebabCase.of(format)
              + ", it is for onnx");
    }
    switch (format) {
      case SAVEDMODEL -> Mlit.export(model, choice, target);
      case SAFETENSORS -> Mlit.exportWeights(model, choice, target);
      case ONNX -> Mlit.exportOnnx(model, choice, chosenOutputs(), target);
    }
    if (json) {
      String written = target.toString();
      console.json(new Result(onnx ? null : written, onnx ? written : null, KebabCase.of(format)));
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
