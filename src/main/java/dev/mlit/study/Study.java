package dev.mlit.study;

import dev.mlit.data.Dataset;
import dev.mlit.data.Datasets;
import dev.mlit.savedmodel.WeightFiles;
import dev.mlit.spec.InvalidInputException;
import dev.mlit.spec.RunSpec;
import dev.mlit.spec.Specs;
import dev.mlit.spec.StudySpec;
import dev.mlit.train.RunDirectory;
import dev.mlit.train.RunLock;
import dev.mlit.train.Trainer;
import dev.mlit.train.TrainingListener;
import dev.mlit.train.TrainingResult;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
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
  private static final String CLAIMS = "claims";
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
   * <p>Several processes, of several machines that share its directory too, may run a study at
   * once: each takes what nobody is at, and all of them return when everything is through.
   *
   * @throws InvalidInputException if a run is not valid, does not fit what it starts from, or was
   *     started with other settings; nothing is trained then
   * @throws dev.mlit.train.RunStoppedException if a listener has stopped a trainer
   */
  public StudyResult run() {
    Path place = directory();
    StudyPlan plan = new StudyPlan(spec, base, place);
    write(place.resolve("study.yaml"), Specs.yaml(spec));
    List<Task> tasks = tasks(plan);
    listeners.forEach(
        l -> l.started(place, tasks.size(), (int) tasks.stream().filter(Task::isDone).count()));
    Progress progress = new Progress(tasks);
    List<Task> left = new ArrayList<>(tasks);
    List<String> told = List.of();
    while (!left.isEmpty()) {
      boolean waits = true;
      for (Task task : List.copyOf(left)) {
        State state = progress.look(task);
        if (state != State.NOT_YET) {
          left.remove(task);
          waits = false;
        }
        if (state == State.TRAINED && !left.isEmpty()) {
          report(plan);
        }
      }
      if (waits) {
        told = waitFor(left, told);
      }
    }
    return report(plan);
  }

  /** Pre-training first, then the cells of a row of the table together. */
  private List<Task> tasks(StudyPlan plan) {
    List<Task> tasks = new ArrayList<>();
    for (StudySpec.Pretraining each : spec.pretraining()) {
      RunSpec run = plan.pretraining().get(each.name());
      if (run != null) {
        tasks.add(
            new Task(
                each.name(),
                plan.pretrainingDirectory(each.name()),
                each.from() == null ? null : plan.trained(each.from()),
                () -> datasets.apply(run.data()),
                images -> images.train().size(),
                known -> run));
      }
    }
    for (StudySpec.Target target : spec.targets()) {
      Supplier<Dataset> data = () -> datasets.apply(plan.run(target).data());
      for (Cell cell : plan.cells(target)) {
        StudySpec.Pretraining from = cell.pretraining();
        Path first = from == null ? null : plan.trained(from.name());
        tasks.add(
            new Task(
                cell.name(),
                plan.directory(cell),
                first,
                data,
                all -> Datasets.parts(plan.run(cell, 1), all).train().size(),
                images -> plan.run(cell, images)));
      }
    }
    return tasks;
  }

  private List<String> waitFor(List<Task> left, List<String> told) {
    List<String> names = left.stream().map(Task::name).toList();
    if (!names.equals(told)) {
      listeners.forEach(l -> l.waiting(names));
    }
    try {
      TimeUnit.MILLISECONDS.sleep(BETWEEN_LOOKS_MILLIS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException("interrupted while other processes ran the study", e);
    }
    return names;
  }

  private StudyResult report(StudyPlan plan) {
    Map<Cell, Outcome> outcomes = new LinkedHashMap<>();
    for (Cell cell : plan.cells()) {
      Outcome outcome = Outcome.read(plan.directory(cell));
      if (outcome != null) {
        outcomes.put(cell, outcome);
      }
    }
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

  /** Moved into place: another process may write the same at the same time. */
  static void write(Path file, String content) {
    Path unfinished =
        file.resolveSibling(file.getFileName() + ".unfinished-" + ProcessHandle.current().pid());
    try {
      Files.createDirectories(file.toAbsolutePath().getParent());
      Files.writeString(unfinished, content);
      Files.move(unfinished, file, StandardCopyOption.REPLACE_EXISTING);
    } catch (IOException e) {
      throw new InvalidInputException(file + ": cannot be written: " + e.getMessage(), e);
    }
  }

  /** What became of a task. */
  private enum State {
    /** Another process is at it, or it has to wait for pre-training. */
    NOT_YET,
    /** It was through before. */
    FOUND,
    /** This process has trained it just now. */
    TRAINED
  }

  /** Does what is to be done, counts it, and guesses how long the rest takes. */
  private final class Progress {
    private final List<Task> tasks;
    private int trained;
    private double seconds;
    private @Nullable Supplier<Dataset> opening;
    private @Nullable Dataset opened;

    Progress(List<Task> tasks) {
      this.tasks = tasks;
    }

    /** Does a task if it is not through, nobody else is at it, and what it needs is there. */
    State look(Task task) {
      Outcome done = Outcome.read(task.directory());
      if (done != null) {
        requireSame(task.directory(), task.run(done.trainImages()));
        return State.FOUND;
      }
      if (!task.isReady()) {
        return State.NOT_YET;
      }
      try (RunLock claim = RunLock.tryAcquire(claimed(task))) {
        if (claim == null) {
          return State.NOT_YET;
        }
        if (task.isDone()) {
          // Between the two looks.
          return State.FOUND;
        }
        train(task);
        return State.TRAINED;
      }
    }

    /** What is locked while a process is at a task, before there is a run directory to lock. */
    private Path claimed(Task task) {
      Path claim = directory().resolve(CLAIMS).resolve(task.name());
      try {
        return Files.createDirectories(claim);
      } catch (IOException e) {
        throw new InvalidInputException(claim + ": cannot be written: " + e.getMessage(), e);
      }
    }

    private void train(Task task) {
      StudyListener.Run told =
          new StudyListener.Run(
              tasks.indexOf(task) + 1, tasks.size(), task.name(), task.directory());
      Dataset data = open(task.data());
      RunSpec run = task.run(data);
      Trainer trainer =
          Trainer.of(run)
              .weightFiles(WeightFiles::read)
              .data(data)
              .directory(task.directory())
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
      outcome.write(task.directory());
      trained++;
      seconds += result.seconds();
      long left = tasks.stream().filter(other -> !other.isDone()).count();
      listeners.forEach(l -> l.done(told, outcome, seconds / trained * left));
    }

    /** The images of one supplier at a time stay open. */
    private Dataset open(Supplier<Dataset> supplier) {
      Dataset data = opened;
      if (data == null || opening != supplier) {
        data = supplier.get();
        opening = supplier;
        opened = data;
      }
      return data;
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
