package dev.mlit.cli;

import dev.mlit.insight.Progress;
import dev.mlit.spec.text.Printable;
import dev.mlit.spec.text.Shortened;
import dev.mlit.study.Outcome;
import dev.mlit.study.Study;
import dev.mlit.study.StudyListener;
import dev.mlit.study.StudyResult;
import dev.mlit.train.RunStoppedException;
import dev.mlit.train.Trainer;
import java.io.PrintStream;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code ./mlit study}. */
@Command(
    name = "study",
    description =
        "Runs a transfer study: pre-training, then every target, share of labels, arm and seed."
            + " Started again, it goes on where it was stopped; started twice, on one machine or"
            + " on several that share its directory, both share out the runs.",
    mixinStandardHelpOptions = true,
    sortOptions = false)
final class StudyCommand implements Callable<Integer> {
  @Spec private CommandSpec command;

  @Parameters(paramLabel = "STUDY.yaml", description = "The study.")
  private Path file;

  @Option(
      names = "--out",
      paramLabel = "DIR",
      description = "The directory of the study; runs/NAME if left out.")
  private @Nullable Path out;

  @Option(
      names = "--set",
      paramLabel = CompletionScript.SETTING,
      completionCandidates = Candidates.StudyKeys.class,
      description = "Changes a field of the study, such as seeds=[1]; may be given many times.")
  private List<String> settings = new ArrayList<>();

  @Option(names = "--json", description = "Prints the table as JSON.")
  private boolean json;

  @Override
  public Integer call() {
    Console console = Console.of(command);
    try (SaveOnSignal signals = new SaveOnSignal()) {
      Study study = Study.read(file, settings).listener(new Shown(System.err, signals));
      if (out != null) {
        study.directory(out);
      }
      StudyResult result = study.run();
      if (json) {
        console.line("%s", result.json());
      } else {
        console.line("test accuracy in %%, mean and standard deviation over the seeds");
        console.line("%s", result.text().stripTrailing());
        console.line("report      %s", study.directory().resolve("report.html"));
        console.line("table       %s", study.directory().resolve("table.md"));
        console.line("            %s, for a program", study.directory().resolve("results.csv"));
        console.line("            %s, for a paper", study.directory().resolve("results.tex"));
      }
      return 0;
    } catch (RunStoppedException e) {
      command.commandLine().getErr().println(CommandAdvice.message(e));
      command.commandLine().getErr().println("the same command goes on with the study");
      return SaveOnSignal.EXIT;
    }
  }

  /** A line for every run, and what the run itself shows. */
  private static final class Shown implements StudyListener {
    private final PrintStream stream;
    private final SaveOnSignal signals;

    Shown(PrintStream stream, SaveOnSignal signals) {
      this.stream = stream;
      this.signals = signals;
    }

    @Override
    public void started(Path directory, int runs, int done) {
      say("%s: %d runs%s", directory, runs, done == 0 ? "" : ", " + done + " of them done before");
    }

    @Override
    public void training(Run run, Trainer trainer) {
      signals.stop(trainer);
      trainer.listener(Progress.on(stream, Console.isTerminal()));
      say("run %d of %d: %s", run.number(), run.runs(), run.name());
    }

    @Override
    public void waiting(List<String> runs) {
      say("waiting for %s, which other processes are at", Shortened.list(runs, 1));
    }

    @Override
    public void done(Run run, Outcome outcome, double secondsLeft) {
      say(
          "run %d of %d: %s: %s in %.0f s%s",
          run.number(),
          run.runs(),
          run.name(),
          found(outcome),
          outcome.seconds(),
          run.number() == run.runs() ? "" : "; about " + minutes(secondsLeft) + " left");
    }

    private void say(String format, Object... values) {
      stream.println(Printable.line(String.format(Locale.ROOT, format, values)));
    }

    private static String found(Outcome outcome) {
      Double accuracy = outcome.testAccuracy();
      Double validation = outcome.validationAccuracy();
      if (outcome.isTested()) {
        return accuracy == null
            ? String.format(Locale.ROOT, "test error %.4f", outcome.testLoss())
            : String.format(Locale.ROOT, "test accuracy %.4f", accuracy);
      }
      return validation == null
          ? "diverged"
          : String.format(Locale.ROOT, "validation accuracy %.4f", validation);
    }

    private static String minutes(double seconds) {
      Duration left = Duration.ofSeconds(Math.round(seconds));
      return left.toHours() > 0
          ? String.format(Locale.ROOT, "%d h %02d min", left.toHours(), left.toMinutesPart())
          : String.format(Locale.ROOT, "%d min", left.toMinutes() + 1);
    }
  }
}
