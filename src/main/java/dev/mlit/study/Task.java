package dev.mlit.study;

import dev.mlit.data.Dataset;
import dev.mlit.spec.RunSpec;
import java.nio.file.Path;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** A run of a study that is to be done: pre-training, or a cell. */
final class Task {
  private final String name;
  private final Path directory;
  private final @Nullable Path first;
  private final Supplier<Dataset> data;
  private final RunOfImages run;
  private boolean trained;

  /** The run of a task, from its images, or from their number if that is known: else 0. */
  @FunctionalInterface
  interface RunOfImages {
    RunSpec run(Supplier<Dataset> images, int known);
  }

  /**
   * A run.
   *
   * @param first the run that must be through before; null if there is none
   * @param data its images; the same supplier for runs of the same images
   */
  Task(String name, Path directory, @Nullable Path first, Supplier<Dataset> data, RunOfImages run) {
    this.name = name;
    this.directory = directory;
    this.first = first;
    this.data = data;
    this.run = run;
  }

  String name() {
    return name;
  }

  /** Of the run. */
  Path directory() {
    return directory;
  }

  Supplier<Dataset> data() {
    return data;
  }

  /** See {@link RunOfImages}. */
  RunSpec run(Supplier<Dataset> images, int known) {
    return run.run(images, known);
  }

  /** Whether it is through, whoever did it. */
  boolean isDone() {
    return Outcome.read(directory) != null;
  }

  /** Whether what it starts from is there. */
  boolean isReady() {
    return first == null || Outcome.read(first) != null;
  }

  /** To be called when this process has trained it. */
  void setTrained() {
    trained = true;
  }

  /** Whether this process has trained it. */
  boolean trained() {
    return trained;
  }
}
