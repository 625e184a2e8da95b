package dev.mlit.study;

import dev.mlit.data.Dataset;
import dev.mlit.data.Datasets;
import dev.mlit.savedmodel.WeightFiles;
import dev.mlit.spec.InvalidInputException;
import dev.mlit.spec.RunSpec;
import dev.mlit.spec.Specs;
import dev.mlit.spec.StudySpec;
import dev.mlit.train.RunDirectory;
import dev.mlit.train.Trainer;
import dev.mlit.train.TrainingListener;
import dev.mlit.train.TrainingResult;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Runs a transfer study: pre-training first, then every cell, each a run in a directory of its own.
 * What is through is passed over when the study is started again, and what was cut off goes on, so
 * that the table is the same whenever and however often it was stopped.
 *
 * <pre>{@code
 * StudyResult result = Study.read(Path.of("specs/studies/transfer.yaml"), List.of()).run();
 * System.out.println(result.text());
 * }</pre>
 */
public final class Study {
  private static final Path STUDIES = Path.of("runs");

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
   * table.md} and {@code report.html} anew after every cell.
   *
   * @throws InvalidInputException if a run is not valid, does not fit what it starts from, or was
   *     started with other settings; nothing is trained then
   * @throws dev.mlit.train.RunStoppedException if a listener has stopped a trainer
   */
  public StudyResult run() {
    Path place = directory();
    StudyPlan plan = new StudyPlan(spec, base, place);
    write(place.resolve("study.yaml"), Specs.yaml(spec));
    Progress progress = new Progress(plan.pretraining().size() + plan.cells().size());
    listeners.forEach(l -> l.started(place, progress.runs, done(plan)));
    plan.pretraining()
        .forEach(
            (name, run) -> {
              Path target = plan.pretrainingDirectory(name);
              progress.run(name, target, run, () -> datasets.apply(run.data()));
            });
    Map<Cell, Outcome> outcomes = new LinkedHashMap<>();
    for (StudySpec.Target target : spec.targets()) {
      Lazy data = new Lazy(() -> datasets.apply(plan.run(target).data()));
      for (Cell cell : plan.cells(target)) {
        Path run = plan.directory(cell);
        boolean before = Outcome.read(run) != null;
        outcomes.put(cell, progress.cell(plan, cell, run, data));
        if (!before && outcomes.size() < plan.cells().size()) {
          report(plan, outcomes);
        }
      }
    }
    return report(plan, outcomes);
  }

  private static int done(StudyPlan plan) {
    long done =
        plan.pretraining().keySet().stream()
            .filter(name -> Outcome.read(plan.pretrainingDirectory(name)) != null)
            .count();
    done += plan.cells().stream().filter(c -> Outcome.read(plan.directory(c)) != null).count();
    return (int) done;
  }

  private StudyResult report(StudyPlan plan, Map<Cell, Outcome> outcomes) {
    StudyResult result = StudyResult.of(spec, directory(), outcomes);
    write(directory().resolve("table.txt"), result.text());
    write(directory().resolve("table.md"), result.markdown());
    write(directory().resolve("table.json"), result.json() + "\n");
    boolean through = outcomes.size() == plan.cells().size();
    write(
        directory().resolve("report.html"),
        new StudyReport(spec, plan, result, outcomes, datasets).html(through));
    return result;
  }

  private static void write(Path file, String content) {
    try {
      Files.createDirectories(file.toAbsolutePath().getParent());
      Files.writeString(file, content);
    } catch (IOException e) {
      throw new InvalidInputException(file + ": cannot be written: " + e.getMessage(), e);
    }
  }

  /** A dataset that is opened when it is needed, once. */
  private static final class Lazy {
    private final Supplier<Dataset> opening;
    private @Nullable Dataset data;

    Lazy(Supplier<Dataset> opening) {
      this.opening = opening;
    }

    Dataset get() {
      Dataset opened = data;
      if (opened == null) {
        opened = opening.get();
        data = opened;
      }
      return opened;
    }
  }

  /** Counts the runs, and guesses how long the others take. */
  private final class Progress {
    private final int runs;
    private int number;
    private int trained;
    private double seconds;

    Progress(int runs) {
      this.runs = runs;
    }

    Outcome cell(StudyPlan plan, Cell cell, Path target, Lazy data) {
      Outcome done = Outcome.read(target);
      if (done != null) {
        int images = done.trainImages();
        return run(cell.name(), target, plan.run(cell, images), data::get);
      }
      Dataset some = data.get().withLabels(cell.fraction().labels(), cell.seed());
      return run(cell.name(), target, plan.run(cell, some.train().size()), data::get);
    }

    Outcome run(String name, Path target, RunSpec run, Supplier<Dataset> data) {
      StudyListener.Run told = new StudyListener.Run(++number, runs, name, target);
      Outcome done = Outcome.read(target);
      if (done != null) {
        requireSame(target, run);
        return done;
      }
      Trainer trainer =
          Trainer.of(run)
              .weightFiles(WeightFiles::read)
              .data(data.get())
              .directory(target)
              .resume(true);
      int[] images = new int[1];
      trainer.listener(
          new TrainingListener() {
            @Override
            public void started(Start start) {
              images[0] = start.trainImages();
            }
          });
      listeners.forEach(l -> l.training(told, trainer));
      TrainingResult result = trainer.train();
      Outcome outcome = Outcome.of(result, images[0]);
      outcome.write(target);
      trained++;
      seconds += result.seconds();
      listeners.forEach(l -> l.done(told, outcome, seconds / trained * (runs - number)));
      return outcome;
    }

    private void requireSame(Path target, RunSpec run) {
      if (!RunDirectory.open(target).run().equals(run)) {
        throw new InvalidInputException(
            target
                + ": was run with other settings than the study has now; give the study another"
                + " directory (--out DIR), or delete this one to run it anew");
      }
    }
  }
}
