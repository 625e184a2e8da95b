package dev.mlit.study;

import dev.mlit.data.Dataset;
import dev.mlit.data.Datasets;
import dev.mlit.files.NotWrittenException;
import dev.mlit.files.WholeFile;
import dev.mlit.spec.InvalidInputException;
import dev.mlit.spec.RunSpec;
import dev.mlit.spec.Specs;
import dev.mlit.spec.StudySpec;
import dev.mlit.train.RunDirectory;
import dev.mlit.train.RunLock;
import dev.mlit.train.RunStoppedException;
import dev.mlit.train.Trainer;
import dev.mlit.train.TrainingListener;
import dev.mlit.train.step.DivergedException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Runs a transfer study: pre-training first, then every cell, each a run in a directory of its own.
 * What is through is passed over when the study is started again, and what was cut off goes on, so
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
 */
public final class Study {
  private static final Logger LOG = LoggerFactory.getLogger(Study.class);
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
   * once: each takes what nobody is at, and all of them return when everything is through.
   *
   * @throws InvalidInputException if a run is not valid, does not fit what it starts from, has a
   *     sweep without validation images, or was started with other settings; nothing is trained
   *     then
   * @throws RunStoppedException if a listener has stopped a trainer, or the thread is interrupted
   */
  public StudyResult run() {
    Path place = directory();
    StudyPlan plan = new StudyPlan(spec, base, place);
    requireValidation(plan);
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
   * Pre-training first, then the cells of a row of the table together, after the settings of their
   * sweeps.
   */
  private List<Task> tasks(StudyPlan plan) {
    List<Task> tasks = new ArrayList<>();
    for (StudySpec.Pretraining each : spec.pretraining()) {
      RunSpec run = plan.pretraining().get(each.name());
      if (run != null) {
        Task.Work work =
            new Task.Work(plan.pretrainingDirectory(each.name()), images -> 1, known -> run);
        Path first = each.from() == null ? null : plan.trained(each.from());
        tasks.add(
            new Task(
                each.name(),
                Task.Kind.TRAIN_AND_TEST,
                first,
                () -> datasets.apply(run.data()),
                () -> work));
      }
    }
    for (StudySpec.Target target : spec.targets()) {
      Supplier<Dataset> data = () -> datasets.apply(plan.run(target).data());
      for (StudySpec.Fraction fraction : target.fractions()) {
        List<Cell> cells =
            plan.cells(target).stream().filter(c -> c.fraction().equals(fraction)).toList();
        for (Cell cell : cells) {
          if (isCompared(plan, cell)) {
            for (Setting setting : Setting.of(cell.arm())) {
              String name = cell.name() + "," + setting.directory();
              Task.Work work = work(plan, cell, setting);
              tasks.add(new Task(name, Task.Kind.TRAIN, first(plan, cell), data, () -> work));
            }
          }
        }
        for (Cell cell : cells) {
          tasks.add(
              new Task(
                  cell.name(),
                  isCompared(plan, cell) ? Task.Kind.TEST : Task.Kind.TRAIN_AND_TEST,
                  first(plan, cell),
                  data,
                  () -> {
                    Setting setting = plan.setting(cell);
                    return setting == null ? null : work(plan, cell, setting);
                  }));
        }
      }
    }
    return tasks;
  }

  /** Whether the settings of a sweep are compared by this cell. */
  private static boolean isCompared(StudyPlan plan, Cell cell) {
    return !cell.arm().sweep().isEmpty() && plan.sweepSeeds().contains(cell.seed());
  }

  private static @Nullable Path first(StudyPlan plan, Cell cell) {
    StudySpec.Pretraining from = cell.pretraining();
    return from == null ? null : plan.trained(from.name());
  }

  private static Task.Work work(StudyPlan plan, Cell cell, Setting setting) {
    return new Task.Work(
        plan.directory(cell, setting),
        all -> Datasets.parts(plan.run(cell, setting, 1), all).train().size(),
        images -> plan.run(cell, setting, images));
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
    StudyResult result = StudyResult.of(spec, plan, directory(), outcomes);
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
      Task.Work work = task.work();
      if (work == null) {
        return State.NOT_YET;
      }
      Outcome done = task.outcome();
      if (done != null) {
        requireSame(work.directory(), work.run().apply(done.trainImages()));
        return State.FOUND;
      }
      try (RunLock claim = RunLock.tryAcquire(claimed(task))) {
        if (claim == null) {
          return State.NOT_YET;
        }
        if (task.isDone()) {
          // Between the two looks.
          return State.FOUND;
        }
        train(task, work);
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

    private void train(Task task, Task.Work work) {
      StudyListener.Run told =
          new StudyListener.Run(
              tasks.indexOf(task) + 1, tasks.size(), task.name(), work.directory());
      Dataset data = open(task.data());
      Trainer trainer =
          Trainer.of(work.run(data)).data(data).directory(work.directory()).resume(true);
      if (task.kind() == Task.Kind.TRAIN) {
        trainer.withoutTest();
      }
      Started started = new Started();
      trainer.listener(started);
      listeners.forEach(l -> l.training(told, trainer));
      Outcome outcome = train(task, trainer, started);
      outcome.write(work.directory());
      if (task.kind() != Task.Kind.TEST) {
        trained++;
        seconds += outcome.seconds();
      }
      long left =
          tasks.stream().filter(other -> other.kind() != Task.Kind.TEST && !other.isDone()).count();
      double perRun = trained == 0 ? Double.NaN : seconds / trained;
      listeners.forEach(l -> l.done(told, outcome, left == 0 ? 0 : perRun * left));
    }

    /** A setting of a sweep that training diverges with is not chosen, and no reason to stop. */
    private Outcome train(Task task, Trainer trainer, Started started) {
      if (task.kind() != Task.Kind.TRAIN) {
        return Outcome.tested(trainer.train(), started.trainImages);
      }
      try {
        return Outcome.validated(trainer.train(), started.trainImages);
      } catch (DivergedException e) {
        LOG.warn("{}: {}", task.name(), e.getMessage());
        return Outcome.diverged(started.trainImages, started.validationImages);
      }
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
      RunSpec begun = RunDirectory.open(target).run();
      // A study's file need not name an optimizer, a run directory always does.
      if (!begun.equals(run.withOptimizer(Objects.requireNonNull(begun.optimizer().name())))) {
        throw new InvalidInputException(
            advice ->
                target
                    + ": was run with other settings than the study has now; give the study another"
                    + " directory ("
                    + advice.directory(Study.class)
                    + "), or delete this one to run it anew");
      }
    }
  }

  /** What a run says of its images. */
  private static final class Started implements TrainingListener {
    private int trainImages;
    private int validationImages;

    @Override
    public void started(Start start) {
      trainImages = start.trainImages();
      validationImages = start.validationImages();
    }
  }
}
