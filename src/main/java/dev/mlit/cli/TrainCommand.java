package dev.mlit.cli;

import com.fasterxml.jackson.annotation.JsonInclude;
import dev.mlit.Mlit;
import dev.mlit.insight.Progress;
import dev.mlit.photos.PhotoPlan;
import dev.mlit.spec.ClusterSpec;
import dev.mlit.spec.InvalidInputException;
import dev.mlit.spec.RunSpec;
import dev.mlit.spec.Specs;
import dev.mlit.train.RunDirectory;
import dev.mlit.train.RunStoppedException;
import dev.mlit.train.Trainer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
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
      description =
          "The run; specs/runs/quickstart.yaml if left out. With --resume, the directory of a run"
              + " will do.")
  private @Nullable Path file;

  @Option(
      names = "--out",
      paramLabel = "DIR",
      description = "The run directory, new or empty; runs/NAME if left out.")
  private @Nullable Path out;

  @Option(
      names = "--set",
      paramLabel = CompletionScript.SETTING,
      completionCandidates = Candidates.RunKeys.class,
      description = "Changes a field, such as training.epochs=3; may be given many times.")
  private List<String> settings = new ArrayList<>();

  @Option(
      names = "--resume",
      description =
          "Goes on with the run in DIR, or with the last one of its name, from where it was"
              + " stopped, killed or cut off; starts it if there is none.")
  private boolean resume;

  @Option(names = "--json", description = "Prints the result as JSON, on the last line.")
  private boolean json;

  private @Nullable ClusterSpec cluster;

  /** What {@code --json} prints. */
  record Result(
      String run,
      @JsonInclude(JsonInclude.Include.NON_NULL) @Nullable String savedModel,
      @JsonInclude(JsonInclude.Include.NON_NULL) @Nullable Double testAccuracy,
      @JsonInclude(JsonInclude.Include.NON_NULL) @Nullable Double testLoss,
      double seconds,
      @JsonInclude(JsonInclude.Include.NON_NULL) @Nullable Double validationAccuracy,
      @JsonInclude(JsonInclude.Include.NON_NULL) @Nullable Double validationLoss) {}

  @Option(
      names = "--workers",
      paramLabel = "N",
      description =
          "Trains with N processes of this machine, one for every GPU, or else with a share of the"
              + " cores each. Workers of several machines find each other by TF_CONFIG.")
  private @Nullable Integer workers;

  @Mixin private PhotoArguments photos = new PhotoArguments();

  private @Nullable PhotoPlan plan;

  private final WorstClasses worst = new WorstClasses();

  @Override
  public Integer call() {
    if (photos.isGiven(file, resume, workers)) {
      plan = photos.plan(settings, command.commandLine().getErr());
    }
    PhotoPlan planned = plan;
    if (planned != null && photos.isDryRun()) {
      SchemaCommand.headerOfRuns().ifPresent(command.commandLine().getOut()::println);
      command.commandLine().getOut().println(Specs.yaml(planned.run()));
      return 0;
    }
    Integer processes = workers;
    if (processes != null) {
      OptionRange.require("--workers", processes, 1, LocalWorkers.MOST);
      if (processes > 1) {
        return startWorkers(processes);
      }
    }
    LocalWorkers.endWithParent();
    cluster = ClusterSpec.of(System.getenv()).orElse(null);
    Console console = Console.of(command);
    Target target = target();
    try (SaveOnSignal signals = new SaveOnSignal()) {
      return train(console, target, signals);
    }
  }

  /** The same command for each of them; the cores are shared out unless the run says how many. */
  private int startWorkers(int processes) {
    List<String> arguments =
        new ArrayList<>(command.root().commandLine().getParseResult().originalArgs());
    if (target().run.training().threads() == 0) {
      int threads = Math.max(1, Runtime.getRuntime().availableProcessors() / processes);
      arguments.addAll(List.of("--set", "training.threads=" + threads));
    }
    return LocalWorkers.run(arguments, processes, command.commandLine().getErr());
  }

  private int train(Console console, Target target, SaveOnSignal signals) {
    try {
      print(console, Mlit.train(target.run, trainer -> configure(trainer, target, signals)));
      return 0;
    } catch (RunStoppedException e) {
      command.commandLine().getErr().println(CommandAdvice.message(e));
      return SaveOnSignal.EXIT;
    }
  }

  private void print(Console console, Mlit.TrainedModel trained) {
    ClusterSpec several = cluster;
    if (several != null && !several.isFirst()) {
      console.line("done; %s has the run and its model", several.name(0));
      return;
    }
    String directory = trained.training().directory().toString();
    String savedModel = trained.savedModel().toString();
    boolean exported = trained.training().run().isExportable();
    double seconds = trained.training().seconds();
    boolean autoencoder = trained.training().run().model().isAutoencoder();
    if (json) {
      console.json(
          new Result(
              directory,
              exported ? savedModel : null,
              autoencoder ? null : trained.training().testAccuracy(),
              autoencoder ? trained.training().testLoss() : null,
              seconds,
              measured(!autoencoder, trained.training().validationAccuracy()),
              measured(autoencoder, trained.training().validationLoss())));
      return;
    }
    if (trained.training().validationImages() > 0) {
      console.line(
          "%s on %,d images",
          measured(
              "validation",
              trained.training().validationAccuracy(),
              trained.training().validationLoss()),
          trained.training().validationImages());
    }
    console.line(
        "%s on %,d images, %sin %.0f s",
        measured("test", trained.training().testAccuracy(), trained.training().testLoss()),
        trained.training().testImages(),
        trained.training().run().probe() == null ? trained.training().steps() + " steps " : "",
        seconds);
    if (plan != null) {
      worst.text().ifPresent(text -> console.line("worst       %s", text));
    }
    console.line("run         %s", directory);
    if (!exported) {
      return;
    }
    console.line("SavedModel  %s", savedModel);
    NextCommands.print(
        console, NextCommands.trained(trained.training().run(), directory, savedModel));
  }

  /** What is left out of the JSON where the task has no such number, or no images to measure on. */
  private static @Nullable Double measured(boolean ofTask, double value) {
    return ofTask && !Double.isNaN(value) ? value : null;
  }

  /** An autoencoder has an error in place of an accuracy. */
  private static String measured(String part, double accuracy, double loss) {
    return Double.isNaN(accuracy)
        ? String.format(Locale.ROOT, "%s error %.4f", part, loss)
        : String.format(Locale.ROOT, "%s accuracy %.4f", part, accuracy);
  }

  /**
   * What is trained and where.
   *
   * @param directory null for the one that the run's name gives
   */
  private record Target(RunSpec run, @Nullable Path directory) {}

  private Target target() {
    if (plan != null) {
      return new Target(plan.run(), out);
    }
    if (!resume) {
      return new Target(Specs.run(file == null ? Quickstart.path() : file, settings), out);
    }
    Path directory = file != null && Files.isDirectory(file) ? file : null;
    if (directory != null && out != null && !out.equals(directory)) {
      throw new InvalidInputException(
          "--out: "
              + out
              + " must be the run directory to resume, "
              + directory
              + "; leave it out");
    }
    if (directory == null && file == null) {
      directory = out;
    }
    if (directory == null) {
      return new Target(Specs.run(file == null ? Quickstart.path() : file, settings), out);
    }
    return new Target(RunDirectory.open(directory).run(settings), directory);
  }

  private void configure(Trainer trainer, Target target, SaveOnSignal signals) {
    trainer.listener(Progress.on(System.err, Console.isTerminal())).resume(resume).cluster(cluster);
    if (target.directory != null) {
      trainer.directory(target.directory);
    }
    if (plan != null) {
      trainer.data(plan.data()).listener(plan.deadline()).listener(worst);
    }
    signals.stop(trainer);
  }
}
