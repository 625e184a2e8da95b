package dev.mlit.examples;

import dev.mlit.Mlit;
import dev.mlit.data.Dataset;
import dev.mlit.data.Datasets;
import dev.mlit.data.Split;
import dev.mlit.spec.InvalidInputException;
import dev.mlit.spec.RunSpec;
import dev.mlit.spec.RunSpecBuilder;
import dev.mlit.train.Trainer;
import dev.mlit.train.step.DivergedException;
import java.nio.file.Path;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.Option;

/**
 * The options of the examples. What is wrong with one, or with the data, is said in one line, and
 * the exit status is 2.
 */
@Command(sortOptions = false)
final class Example implements Runnable {
  /** Whether standard error is a terminal; Java cannot tell, so the launcher says it. */
  static final boolean TERMINAL = Boolean.getBoolean("mlit.terminal");

  @Option(
      names = "--data",
      paramLabel = "DIR",
      description =
          "The folder or archive of the images; $$MLIT_DATA/NAME or data/NAME if left out.")
  private @Nullable Path data;

  @Option(
      names = "--out",
      paramLabel = "DIR",
      description =
          "Where the run and its SavedModel go; runs/NAME and savedmodels/NAME if left out.")
  private @Nullable Path out;

  @Option(
      names = "--epochs",
      paramLabel = "N",
      description = "Passes over the training images, instead of those of the example.")
  private @Nullable Integer epochs;

  @Option(
      names = "--steps",
      paramLabel = "N",
      description = "Ends after N steps, and tests on no more than N batches: a first look.")
  private @Nullable Integer steps;

  private final Consumer<Example> program;

  private Example(Consumer<Example> program) {
    this.program = program;
  }

  /** Runs an example and, if it fails, ends the process. */
  static void main(String name, String[] args, Consumer<Example> program) {
    Mlit.tuneProcess();
    int status = run(name, args, program);
    if (status != CommandLine.ExitCode.OK) {
      System.exit(status);
    }
  }

  /** Runs an example; returns the exit status. */
  static int run(String name, String[] args, Consumer<Example> program) {
    CommandLine command = new CommandLine(new Example(program));
    command
        .getCommandSpec()
        .addOption(
            OptionSpec.builder("-h", "--help").usageHelp(true).description("Shows this.").build());
    return command
        .setCommandName("examples/run " + name)
        .setParameterExceptionHandler(
            (e, arguments) -> {
              e.getCommandLine().getErr().println(e.getMessage() + " (try: --help)");
              return CommandLine.ExitCode.USAGE;
            })
        .setExecutionExceptionHandler(Example::failed)
        .execute(args);
  }

  private static int failed(Exception e, CommandLine command, CommandLine.ParseResult arguments) {
    if (e instanceof InvalidInputException) {
      command.getErr().println(e.getMessage());
      return CommandLine.ExitCode.USAGE;
    }
    if (e instanceof DivergedException) {
      command.getErr().println(e.getMessage());
    } else {
      e.printStackTrace(command.getErr());
    }
    return CommandLine.ExitCode.SOFTWARE;
  }

  @Override
  public void run() {
    program.accept(this);
  }

  /** The run, with what the options change. */
  RunSpec change(RunSpec run) {
    RunSpecBuilder changed = run.toBuilder();
    if (data != null) {
      changed
          .data(run.data().dataset(), data.toString(), run.data().testFraction())
          .labelFraction(run.data().labelFraction())
          .validationFraction(run.data().validationFraction());
    }
    Integer passes = epochs;
    if (passes != null) {
      changed.training(t -> t.epochs(passes));
    }
    Integer limit = steps;
    if (limit != null) {
      changed.training(t -> t.steps(limit));
    }
    if (out != null) {
      changed.export(out.resolve("savedmodel").toString());
    } else if (limit != null) {
      // Not in the place of a model that was trained to the end.
      changed.export(run.export() + "-" + limit + "-steps");
    }
    return changed.build();
  }

  /** The run's images; with a limit of steps, all to train on and some to test on. */
  Dataset open(RunSpec run) {
    Dataset all = Datasets.open(run.data());
    Integer limit = run.training().steps();
    if (limit == null) {
      return all;
    }
    long most = (long) limit * run.training().batch();
    if (most >= all.test().size()) {
      return all;
    }
    Split some = new Some(all.test(), (int) most);
    return all.validation()
        .map(part -> Dataset.of(all.name(), all.labels(), all.shape(), all.train(), part, some))
        .orElseGet(() -> Dataset.of(all.name(), all.labels(), all.shape(), all.train(), some));
  }

  /** Tells the trainer where the run directory goes, if an option says it. */
  void place(Trainer trainer) {
    if (out != null) {
      trainer.directory(out.resolve("run"));
    }
  }

  /** Some images of a split, evenly spread: of every class, where they come class by class. */
  private record Some(Split all, int size) implements Split {
    private int at(int index) {
      return (int) ((long) index * all.size() / size);
    }

    @Override
    public int label(int index) {
      return all.label(at(index));
    }

    @Override
    public void pixels(int index, byte[] target, int offset) {
      all.pixels(at(index), target, offset);
    }

    @Override
    public boolean slow() {
      return all.slow();
    }
  }
}
