package dev.mlit.study;

import dev.mlit.data.Dataset;
import dev.mlit.spec.RunSpec;
import java.nio.file.Path;
import java.util.function.IntFunction;
import java.util.function.Supplier;
import java.util.function.ToIntFunction;
import org.jspecify.annotations.Nullable;

/** A run of a study that is to be done: pre-training, a setting of a sweep, or a cell. */
final class Task {
  private final String name;
  private final Kind kind;
  private final @Nullable Path first;
  private final Supplier<Dataset> data;
  private final Supplier<@Nullable Work> work;

  /** How much of a run a task is. */
  enum Kind {
    /** All of it. */
    TRAIN_AND_TEST,
    /** Without the test: a setting of a sweep is tried. */
    TRAIN,
    /** The test only, of a setting that was tried and is chosen. */
    TEST
  }

  /**
   * What is to be done.
   *
   * @param directory of the run
   * @param images how many images of the dataset it is trained on
   * @param run by that number
   */
  record Work(Path directory, ToIntFunction<Dataset> images, IntFunction<RunSpec> run) {
    /** The run, with the images that it is trained on. */
    RunSpec run(Dataset dataset) {
      return run.apply(images.applyAsInt(dataset));
    }
  }

  /**
   * A run.
   *
   * @param first the run that must be through before; null if there is none
   * @param data the dataset; the same supplier for runs of the same
   * @param work what is to be done; null as long as it is not known, as the sweep is not through
   */
  Task(
      String name,
      Kind kind,
      @Nullable Path first,
      Supplier<Dataset> data,
      Supplier<@Nullable Work> work) {
    this.name = name;
    this.kind = kind;
    this.first = first;
    this.data = data;
    this.work = work;
  }

  String name() {
    return name;
  }

  Kind kind() {
    return kind;
  }

  Supplier<Dataset> data() {
    return data;
  }

  /** What is to be done; null if what it depends on is not there yet. */
  @Nullable Work work() {
    return first == null || Outcome.tested(first) != null ? work.get() : null;
  }

  /** What came out of it, whoever did it; null if it is not through. */
  @Nullable Outcome outcome() {
    Work known = work.get();
    if (known == null) {
      return null;
    }
    return kind == Kind.TRAIN
        ? Outcome.validated(known.directory())
        : Outcome.tested(known.directory());
  }

  /** Whether it is through, whoever did it. */
  boolean isDone() {
    return outcome() != null;
  }
}
