package dev.mlit.study;

import dev.mlit.data.Dataset;
import dev.mlit.data.Datasets;
import dev.mlit.files.NotWrittenException;
import dev.mlit.files.WholeFile;
import dev.mlit.spec.InvalidInputException;
import dev.mlit.spec.RunSpec;
import dev.mlit.spec.Specs;
import dev.mlit.spec.StudySpec;
import dev.mlit.spec.text.OptionalLibrary;
import dev.mlit.train.RunStoppedException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * Runs a transfer study: pre-training first, then every cell, each a run in its run directory. Runs
 * that are done are skipped when the study is started again, and those that were cut off go on, so
 * that the table is the same whenever and however often it was stopped.
 *
 * <p>Where an arm has a sweep, all of its settings are trained first, and compared by the
 * validation images; the test images are then read for the setting that is chosen, and for no
 * other.
 *
 * <pre>{@code
 * StudyResult result = Study.read(Path.of("specs/studies/transfer.yaml"), List.of()).run();
 * System.out.println(result.text());
 * }</pre>
 *
 * @since 0.1.0
 */
public final class Study {
  private static final Path STUDIES = Path.of("runs");
  private static final int BETWEEN_LOOKS_MILLIS = 500;

  private final StudySpec spec;
  private final Path base;
  private final List<StudyListener> listeners = new ArrayList<>();
  private @Nullable Path directory;
  private Function<RunSpec.Data, Dataset> datasets = Datasets::open;

  private Study(StudySpec spec, Path base) {
    this.spec = spec;
    this.base = base;
  }

  /**
   * Reads a study.
   *
   * @param settings changes of single fields, such as {@code seeds=[1]}
   * @throws InvalidInputException with every problem of the file
   */
  public static Study read(Path file, Collection<String> settings) {
    Path parent = file.getParent();
    return new Study(Specs.study(file, settings), parent == null ? Path.of("") : parent);
  }

  /**
   * A study that was described in code.
   *
   * @param base the directory that the paths of its runs are relative to
   */
  public static Study of(StudySpec spec, Path base) {
    return new Study(spec, base);
  }

  /** The directory of the study; {@code runs/NAME} unless set. */
  public Study directory(Path directory) {
    this.directory = directory;
    return this;
  }

  /** Where the study is written. */
  public Path directory() {
    return directory == null ? STUDIES.resolve(spec.name()) : directory;
  }

  /** Adds a listener. */
  public Study listener(StudyListener listener) {
    listeners.add(listener);
    return this;
  }

  /** Images of your own, by what the runs say of their data. */
  public Study datasets(Function<RunSpec.Data, Dataset> datasets) {
    this.datasets = datasets;
    return this;
  }

  /**
   * Runs what is left of the study and writes {@code table.txt}, {@code table.json}, {@code
   * table.md}, {@code results.csv}, {@code results.tex}, {@code gains.csv}, {@code gains.tex} and
   * {@code report.html} again after every cell.
   *
   * <p>Several processes, of several machines that share its directory too, may run a study at
   * once: each takes runs that no other process has, and all of them return when all runs are done.
   *
   * @throws InvalidInputException if a run is not valid, does not fit what it starts from, has a
   *     sweep without validation images, or was started with other settings; nothing is trained
   *     then
   * @throws IllegalStateException if Commons Statistics is not on the class path
   * @throws RunStoppedException if a listener has stopped a trainer, or the thread is interrupted
   */
  public StudyResult run() {
    // Now, not after hours of training.
    OptionalLibrary.STATISTICS.require("to compare the runs of a study");
    Path place = directory();
    StudyPlan plan = new StudyPlan(spec, base, place);
    requireValidation(plan);
    write(place.resolve("study.yaml"), Specs.yaml(spec));
    List<Task> tasks = new StudyTasks(spec, plan, datasets).all();
    listeners.forEach(
        l -> l.started(place, tasks.size(), (int) tasks.stream().filter(Task::isDone).count()));
    TaskRunner runner = new TaskRunner(place, tasks, listeners);
    List<Task> left = new ArrayList<>(tasks);
    List<String> awaited = List.of();
    while (!left.isEmpty()) {
      boolean waits = true;
      for (Task task : List.copyOf(left)) {
        TaskRunner.Result result = runner.attempt(task);
        if (result != TaskRunner.Result.NOT_YET) {
          left.remove(task);
          waits = false;
        }
        if (result == TaskRunner.Result.TRAINED && !left.isEmpty()) {
          report(plan);
        }
      }
      if (waits) {
        awaited = waitFor(left, awaited);
      }
    }
    return report(plan);
  }

  /** Settings are chosen on validation images, which must be there before anything is trained. */
  private void requireValidation(StudyPlan plan) {
    Set<RunSpec.Data> found = new HashSet<>();
    for (Cell cell : plan.cells()) {
      if (cell.arm().sweep().isEmpty()) {
        continue;
      }
      RunSpec.Data data = plan.run(cell, Setting.NONE, 1).data();
      if (data.validationFraction() == 0
          && found.add(data)
          && datasets.apply(plan.run(cell.target()).data()).validation().isEmpty()) {
        throw new InvalidInputException(
            "target "
                + cell.target().name()
                + ": arm "
                + cell.arm().name()
                + " has a sweep, whose settings are compared on validation images, and there are"
                + " none: set data.validation-fraction, such as data.validation-fraction=0.1");
      }
    }
  }

  /**
   * Waits a moment for other processes.
   *
   * @param awaited the names that the listeners were last called with
   * @return the names of what is left
   */
  private List<String> waitFor(List<Task> left, List<String> awaited) {
    List<String> names = left.stream().map(Task::name).toList();
    if (!names.equals(awaited)) {
      listeners.forEach(l -> l.waiting(names));
    }
    try {
      TimeUnit.MILLISECONDS.sleep(BETWEEN_LOOKS_MILLIS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw RunStoppedException.whileWaiting("the other processes that run the study");
    }
    return names;
  }

  private StudyResult report(StudyPlan plan) {
    Map<Cell, Outcome> outcomes = new LinkedHashMap<>();
    for (Cell cell : plan.cells()) {
      Path run = plan.directory(cell);
      Outcome outcome = run == null ? null : Outcome.tested(run);
      if (outcome != null) {
        outcomes.put(cell, outcome);
      }
    }
    StudyResult result = StudyStatistics.of(spec, plan, directory(), outcomes);
    write(directory().resolve("table.txt"), result.text());
    write(directory().resolve("table.md"), result.markdown());
    write(directory().resolve("table.json"), result.json() + "\n");
    write(directory().resolve("results.csv"), result.csv());
    write(directory().resolve("results.tex"), result.latex());
    write(directory().resolve("gains.csv"), result.gainsCsv());
    write(directory().resolve("gains.tex"), result.gainsLatex());
    boolean through = outcomes.size() == plan.cells().size();
    write(
        directory().resolve("report.html"),
        new StudyReport(spec, plan, result, outcomes, datasets).html(through));
    return result;
  }

  /** As a whole: another process may write the same at the same time. */
  static void write(Path file, String content) {
    try {
      Files.createDirectories(file.toAbsolutePath().getParent());
      WholeFile.write(file, content);
    } catch (IOException e) {
      throw NotWrittenException.orInvalid(file, e);
    }
  }
}
