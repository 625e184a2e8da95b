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
      description = "Exports the epoch with the highest test accuracy instead of the last.")
  private boolean best;

  @Option(names = "--json", description = "Prints the result as JSON, on the last line.")
  private boolean json;

  /** What {@code --json} prints. */
  record Result(String directory, String format) {}

  @Override
  public Integer call() {
    Console console = Console.of(command);
    EpochChoice choice = best ? EpochChoice.BEST : EpochChoice.LAST;
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
