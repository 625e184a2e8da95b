package dev.mlit.study;

import dev.mlit.data.Dataset;
import dev.mlit.spec.InvalidInputException;
import dev.mlit.spec.RunSpec;
import dev.mlit.spec.text.FileProblem;
import dev.mlit.train.RunDirectory;
import dev.mlit.train.RunLock;
import dev.mlit.train.Trainer;
import dev.mlit.train.TrainingListener;
import dev.mlit.train.step.DivergedException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Objects;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Runs the tasks of a study that are not done and that no other process has, and estimates how long
 * the rest takes.
 */
final class TaskRunner {
  // The log speaks of the study, which is what a user knows.
  private static final Logger LOG = LoggerFactory.getLogger(Study.class);
  private static final String CLAIMS = "claims";

  private final Path directory;
  private final List<Task> tasks;
  private final List<StudyListener> listeners;
  private int trained;
  private double seconds;
  private @Nullable Supplier<Dataset> opening;
  private @Nullable Dataset opened;

  /** What became of a task. */
  enum Result {
    /** Another process has it, or it waits for pre-training. */
    NOT_YET,
    /** It was done before. */
    FOUND,
    /** This process has trained it just now. */
    TRAINED
  }

  /**
   * Runs tasks of a study.
   *
   * @param directory of the study
   */
  TaskRunner(Path directory, List<Task> tasks, List<StudyListener> listeners) {
    this.directory = directory;
    this.tasks = tasks;
    this.listeners = listeners;
  }

  /** Runs a task if it is not done, no other process has it, and what it needs is there. */
  Result attempt(Task task) {
    Task.Work work = task.work();
    if (work == null) {
      return Result.NOT_YET;
    }
    Outcome done = task.outcome();
    if (done != null) {
      requireSame(work.directory(), work.run().apply(done.trainImages()));
      return Result.FOUND;
    }
    try (RunLock claim = RunLock.tryAcquire(claimed(task))) {
      if (claim == null) {
        return Result.NOT_YET;
      }
      if (task.isDone()) {
        // Another process has done it since the first look.
        return Result.FOUND;
      }
      train(task, work);
      return Result.TRAINED;
    }
  }

  /** What is locked while a process runs a task, before there is a run directory to lock. */
  private Path claimed(Task task) {
    Path claim = directory.resolve(CLAIMS).resolve(task.name());
    try {
      return Files.createDirectories(claim);
    } catch (IOException e) {
      throw new InvalidInputException(FileProblem.unwritable(claim, e), e);
    }
  }

  private void train(Task task, Task.Work work) {
    StudyListener.Run run =
        new StudyListener.Run(tasks.indexOf(task) + 1, tasks.size(), task.name(), work.directory());
    Dataset data = open(task.data());
    Trainer trainer =
        Trainer.of(work.run(data)).data(data).directory(work.directory()).resume(true);
    if (task.kind() == Task.Kind.TRAIN) {
      trainer.withoutTest();
    }
    Started started = new Started();
    trainer.listener(started);
    listeners.forEach(l -> l.training(run, trainer));
    Outcome outcome = train(task, trainer, started);
    outcome.write(work.directory());
    if (task.kind() != Task.Kind.TEST) {
      trained++;
      seconds += outcome.seconds();
    }
    long left =
        tasks.stream().filter(other -> other.kind() != Task.Kind.TEST && !other.isDone()).count();
    double perRun = trained == 0 ? Double.NaN : seconds / trained;
    listeners.forEach(l -> l.done(run, outcome, left == 0 ? 0 : perRun * left));
  }

  /** A setting of a sweep with which training diverges is not chosen; the study goes on. */
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
                  + "), or delete this one to run it again");
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
