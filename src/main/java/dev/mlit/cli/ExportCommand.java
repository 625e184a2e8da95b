package dev.mlit.cli;

import dev.mlit.Mlit;
import dev.mlit.spec.InvalidInputException;
import dev.mlit.train.EpochChoice;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code ./mlit export}. */
@Command(
    name = "export",
    description = "Exports what a run was after its last epoch.",
    mixinStandardHelpOptions = true,
    sortOptions = false)
final class ExportCommand implements Callable<Integer> {
  @Spec private CommandSpec command;

  @Parameters(paramLabel = "RUN_DIR", description = "The run directory.")
  private Path run;

  @Option(
      names = "--to",
      required = true,
      paramLabel = "DIR",
      description = "The directory to write.")
  private Path target;

  @Option(
      names = "--format",
      paramLabel = "FORMAT",
      defaultValue = "savedmodel",
      description = "savedmodel (if left out), or safetensors.")
  private String format;

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

  /** What {@code --json} prints. */
  record Result(String directory, String format) {}

  @Override
  public Integer call() {
    Console console = Console.of(command);
    if (best && bestOnTest) {
      throw new InvalidInputException("--best-on-test: must be left out where there is --best");
    }
    EpochChoice choice =
        best ? EpochChoice.BEST : bestOnTest ? EpochChoice.BEST_ON_TEST : EpochChoice.LAST;
    switch (format) {
      case "savedmodel" -> Mlit.export(run, choice, target);
      case "safetensors" -> Mlit.exportWeights(run, choice, target);
      default ->
          throw new InvalidInputException(
              "--format: " + format + " must be savedmodel or safetensors");
    }
    if (json) {
      console.json(new Result(target.toString(), format));
    } else {
      console.line("written to %s", target);
    }
    return 0;
  }
}
