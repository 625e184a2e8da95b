package dev.mlit.train;

import dev.mlit.files.PrivateNames;
import dev.mlit.files.WholeFile;
import dev.mlit.spec.InvalidInputException;
import dev.mlit.spec.OptimizerSpec;
import dev.mlit.spec.RunSpec;
import dev.mlit.spec.Specs;
import dev.mlit.spec.text.FileProblem;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.time.Instant;
import java.util.Collection;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * The directory of a run: {@code run.yaml} (fully resolved), {@code labels.txt}, {@code
 * metrics.jsonl}, {@code checkpoints}, TensorBoard's event files and {@code report.html}.
 *
 * @since 0.1.0
 */
public final class RunDirectory {
  private static final String RUN = "run.yaml";
  private static final String LABELS = "labels.txt";
  private static final String CHECKPOINTS = "checkpoints";

  /** What may be there before {@link #RUN} is, which is written last. */
  private static final Set<String> BEFORE_RUN =
      Set.of(RunLock.FILE, LABELS, CHECKPOINTS, RUN + ".unfinished", LABELS + ".unfinished");

  private final Path path;

  /** What the system knows the directory by, wherever it is moved. */
  private final @Nullable Object identity;

  private RunDirectory(Path path) {
    this.path = path;
    this.identity = identity(path);
  }

  /** Where runs go that are given no directory: {@code NAME}, or {@code NAME-2} ... */
  static Path free(Path parent, RunSpec run) {
    Path first = parent.resolve(run.name());
    Path path = first;
    for (int i = 2; Files.exists(path); i++) {
      path = first.resolveSibling(run.name() + "-" + i);
    }
    return path;
  }

  /**
   * The directory that a run was last written to, of those that {@link #free} gives; the first of
   * them if there is none.
   */
  static Path latest(Path parent, RunSpec run) {
    Path first = parent.resolve(run.name());
    Path latest = first;
    try {
      Path path = first;
      for (int i = 2; Files.exists(path); i++) {
        if (isStarted(path) && (!isStarted(latest) || !lastUse(path).isBefore(lastUse(latest)))) {
          latest = path;
        }
        path = first.resolveSibling(run.name() + "-" + i);
      }
    } catch (IOException e) {
      throw InvalidInputException.unreadable(parent, e);
    }
    return latest;
  }

  private static Instant lastUse(Path path) throws IOException {
    Path metrics = path.resolve("metrics.jsonl");
    return Files.getLastModifiedTime(Files.exists(metrics) ? metrics : path.resolve(RUN))
        .toInstant();
  }

  /** Whether a run was started here. */
  static boolean isStarted(Path path) {
    return Files.isRegularFile(path.resolve(RUN));
  }

  /**
   * Checks that a run may be started here.
   *
   * @throws InvalidInputException if there is something already
   */
  static void requireFree(Path path) {
    if (Files.isDirectory(path)) {
      try (Stream<Path> content = Files.list(path)) {
        if (content.allMatch(RunDirectory::mayBeBeforeRun)) {
          return;
        }
      } catch (IOException e) {
        throw InvalidInputException.unreadable(path, e);
      }
    }
    if (Files.exists(path)) {
      boolean started = isStarted(path);
      throw new InvalidInputException(
          advice ->
              path
                  + ": exists already, a run needs a new or empty directory ("
                  + advice.directory(Trainer.class)
                  + ")"
                  + (started ? ", or goes on with " + advice.resuming() : ""));
    }
  }

  private static boolean mayBeBeforeRun(Path file) {
    return BEFORE_RUN.contains(file.getFileName().toString()) || PrivateNames.isPrivate(file);
  }

  private static @Nullable Object identity(Path path) {
    try {
      return Files.readAttributes(path, BasicFileAttributes.class).fileKey();
    } catch (IOException e) {
      return null;
    }
  }

  /**
   * Checks that the directory is where it was opened. Files that are written when it is not would
   * make half of a run there.
   *
   * @throws WriteFailedException if it has been moved or deleted
   */
  void requireThere() {
    if (!isStarted(path) || !Objects.equals(identity, identity(path))) {
      throw WriteFailedException.moved(path);
    }
  }

  /** Deletes what a process left that was killed while it replaced a file; lock it first. */
  static void tidy(Path path) {
    try (Stream<Path> content = Files.list(path)) {
      for (Path file : content.filter(PrivateNames::isUnfinished).toList()) {
        if (Files.isRegularFile(file)) {
          Files.delete(file);
        }
      }
    } catch (IOException e) {
      throw WriteFailedException.of(path, e);
    }
  }

  /** Writes what a run begins with into a directory that exists and is locked. */
  static RunDirectory create(Path path, RunSpec run, List<String> labels) {
    try {
      Files.createDirectories(path.resolve(CHECKPOINTS));
      WholeFile.write(path.resolve(LABELS), String.join("\n", labels) + "\n");
      WholeFile.write(path.resolve(RUN), Specs.yaml(run));
    } catch (IOException e) {
      throw WriteFailedException.of(path, e);
    }
    return new RunDirectory(path);
  }

  /** Makes the directory itself. */
  static void make(Path path) {
    try {
      Files.createDirectories(path);
    } catch (IOException e) {
      throw new InvalidInputException(FileProblem.unwritable(path, e), e);
    }
  }

  /**
   * Opens the directory of a run that was started before.
   *
   * @throws InvalidInputException if it is none
   */
  public static RunDirectory open(Path path) {
    if (!isStarted(path)) {
      throw new InvalidInputException(path + ": not a run directory, it has no run.yaml");
    }
    return new RunDirectory(path);
  }

  /** The directory itself. */
  public Path path() {
    return path;
  }

  /** The run, as it was resolved. */
  public RunSpec run() {
    return run(List.of());
  }

  /**
   * The run, as it was resolved, with changes. One of an earlier version, which knew AdamW only,
   * does not name its optimizer.
   *
   * @param settings changes of single fields, such as {@code training.epochs=3}
   * @throws dev.mlit.spec.InvalidSpecException with every problem
   */
  public RunSpec run(Collection<String> settings) {
    return Specs.run(path.resolve(RUN), settings).withOptimizer(OptimizerSpec.Name.ADAMW);
  }

  /** Replaces {@code run.yaml} by that of the changed run. */
  void update(RunSpec run) {
    try {
      WholeFile.write(path.resolve(RUN), Specs.yaml(run));
    } catch (IOException e) {
      throw WriteFailedException.of(path.resolve(RUN), e);
    }
  }

  /** The names of the classes. */
  public List<String> labels() {
    try {
      return Files.readAllLines(path.resolve(LABELS));
    } catch (IOException e) {
      throw new InvalidInputException(path + ": its labels cannot be read", e);
    }
  }

  /**
   * What has come out so far: the checkpoint of the last epoch that is done, and what was measured
   * then.
   *
   * @throws InvalidInputException if no epoch is done yet
   */
  public TrainingResult result() {
    return result(EpochChoice.LAST);
  }

  /**
   * What has come out so far: the checkpoint of an epoch that is done, and what was measured then.
   *
   * @throws InvalidInputException if no epoch is done yet, or all such checkpoints are damaged, or
   *     the best epoch is asked for on images that were not looked at after every epoch
   */
  public TrainingResult result(EpochChoice choice) {
    return TrainingResult.of(this, choice);
  }

  /**
   * The epochs that were measured so far; the last one of a run with validation images has what its
   * test at the end has found.
   */
  public List<TrainingListener.Epoch> epochs() {
    return MetricsFile.epochs(metrics());
  }

  public Path metrics() {
    return path.resolve("metrics.jsonl");
  }

  /** The prefix of a checkpoint's files. */
  static Path checkpoint(Path directory, String name) {
    return Checkpoint.prefix(directory.resolve(CHECKPOINTS).resolve(name));
  }

  Checkpoints checkpoints() {
    return new Checkpoints(path.resolve(CHECKPOINTS));
  }

  /**
   * The prefix of the newest checkpoint's files, of the middle of an epoch too, or null if there is
   * none. One that is damaged is passed over, with a warning in the log.
   */
  public @Nullable Path lastCheckpoint() {
    Checkpoint checkpoint = checkpoints().newest();
    return checkpoint == null ? null : checkpoint.prefix();
  }
}
