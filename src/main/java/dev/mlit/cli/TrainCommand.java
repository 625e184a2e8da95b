package dev.mlit.cli;

import dev.mlit.Mlit;
import dev.mlit.spec.RunSpec;
import dev.mlit.spec.Specs;
import dev.mlit.train.Progress;
import dev.mlit.train.Trainer;
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

/** {@code ./mlit train}. */
@Command(
    name = "train",
    description = "Trains a run and exports its model.",
    mixinStandardHelpOptions = true,
    sortOptions = false)
final class TrainCommand implements Callable<Integer> {
  @Spec private CommandSpec command;

  @Parameters(
      arity = "0..1",
      paramLabel = "RUN.yaml",
      description = "The run; specs/runs/quickstart.yaml if left out.")
  private @Nullable Path file;

  @Option(
      names = "--out",
      paramLabel = "DIR",
      description = "The run directory, new or empty; runs/NAME if left out.")
  private @Nullable Path out;

  @Option(
      names = "--set",
      paramLabel = "KEY=VALUE",
      description = "Changes a field, such as training.epochs=3; may be given many times.")
  private List<String> settings = new ArrayList<>();

  @Option(names = "--json", description = "Prints the result as JSON, on the last line.")
  private boolean json;

  /** What {@code --json} prints. */
  record Result(String run, String savedModel, double testAccuracy, double seconds) {}

  @Override
  public Integer call() {
    Console console = Console.of(command);
    RunSpec run = Specs.run(file == null ? Quickstart.path() : file, settings);
    Mlit.TrainedModel trained = Mlit.train(run, this::configure);
    String directory = trained.training().directory().toString();
    String savedModel = trained.savedModel().toString();
    double accuracy = trained.training().testAccuracy();
    double seconds = trained.training().seconds();
    if (json) {
      console.json(new Result(directory, savedModel, accuracy, seconds));
      return 0;
    }
    console.line(
        "test accuracy %.4f on %,d images, %d steps in %.0f s",
        accuracy, trained.training().testImages(), trained.training().steps(), seconds);
    console.line("run         %s", directory);
    console.line("SavedModel  %s", savedModel);
    console.line("next        ./mlit predict %s IMAGE.png", savedModel);
    console.line(
        "            ./mlit evaluate %s --data %s", savedModel, trained.training().dataset());
    return 0;
  }

  private void configure(Trainer trainer) {
    trainer.listener(Progress.on(System.err, Console.isTerminal()));
    if (out != null) {
      trainer.directory(out);
    }
  }
}
