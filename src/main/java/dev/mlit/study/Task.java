package dev.mlit.study;

import dev.mlit.data.Dataset;
import dev.mlit.spec.RunSpec;
import java.nio.file.Path;
import java.util.function.IntFunction;
import java.util.function.Supplier;
import java.util.function.ToIntFunction;
import org.jspecify.annotations.Nullable;

/** A run of a study that is to be done: pre-training, or a cell. */
final class Task {
  private final String name;
  private final Path directory;
  private final @Nullable Path first;
  private final Supplier<Dataset> data;
  private final ToIntFunction<Dataset> images;
  private final IntFunction<RunSpec> run;

  /**
   * A run.
   *
   * @param first the run that must be through before; null if there is none
   * @param data the dataset; the same supplier for runs of the same
   * @param images how many images of the dataset it is trained on
   * @param run by that number
   */
  Task(
      String name,
      Path directory,
      @Nullable Path first,
      Supplier<Dataset> data,
      ToIntFunction<Dataset> images,
      IntFunction<RunSpec> run) {
    this.name = name;
    this.directory = directory;
    this.first = first;
    this.data = data;
    this.images = images;
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

  /** The run, with the images that it is trained on. */
  RunSpec run(Dataset dataset) {
    return run(images.applyAsInt(dataset));
  }

  /** The run, if it is trained on so many images. */
  RunSpec run(int trainImages) {
    return run.apply(trainImages);
  }

  /** Whether it is through, whoever did it. */
  boolean isDone() {
    return Outcome.read(directory) != null;
  }

  /** Whether what it starts from is there. */
  boolean isReady() {
    return first == null || Outcome.read(first) != null;
  }
}
