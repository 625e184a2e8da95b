package dev.mlit.train;

import com.fasterxml.jackson.databind.JsonNode;
import dev.mlit.spec.InvalidInputException;
import dev.mlit.spec.RunSpec;
import dev.mlit.spec.Specs;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.Comparator;
import java.util.List;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.apache.commons.io.file.PathUtils;
import org.jspecify.annotations.Nullable;

/**
 * The directory of a run: {@code run.yaml} (fully resolved), {@code labels.txt}, {@code
 * metrics.jsonl} and {@code checkpoints/epoch-N/variables.{index,data-...}}, the last two kept.
 */
public final class RunDirectory {
  private static final int KEPT = 2;
  private static final String LABELS = "labels.txt";
  private static final String VARIABLES = "variables";

  private final Path path;

  private RunDirectory(Path path) {
    this.path = path;
  }

  /** Where runs go that are given no directory: {@code runs/NAME}, or {@code runs/NAME-2} ... */
  static Path free(RunSpec run) {
    return free(Path.of("runs"), run);
  }

  static Path free(Path parent, RunSpec run) {
    Path first = parent.resolve(run.name());
    Path path = first;
    for (int i = 2; Files.exists(path); i++) {
      path = first.resolveSibling(run.name() + "-" + i);
    }
    return path;
  }

  /**
   * Checks that a run may be written here.
   *
   * @throws InvalidInputException if there is something already
   */
  static void requireFree(Path path) {
    if (Files.isDirectory(path)) {
      try (Stream<Path> content = Files.list(path)) {
        if (content.findAny().isEmpty()) {
          return;
        }
      } catch (IOException e) {
        throw new InvalidInputException(path + ": cannot be read: " + e.getMessage(), e);
      }
    }
    if (Files.exists(path)) {
      throw new InvalidInputException(
          path + ": exists already, a run needs a new or empty directory (--out DIR)");
    }
  }

  static RunDirectory create(Path path, RunSpec run, List<String> labels) {
    try {
      Files.createDirectories(path.resolve("checkpoints"));
      Files.writeString(path.resolve("run.yaml"), Specs.yaml(run));
      Files.write(path.resolve(LABELS), labels);
    } catch (IOException e) {
      throw new InvalidInputException(path + ": cannot be written: " + e.getMessage(), e);
    }
    return new RunDirectory(path);
  }

  /**
   * Opens the directory of a run that was started before.
   *
   * @throws InvalidInputException if it is none
   */
  public static RunDirectory open(Path path) {
    if (!Files.isRegularFile(path.resolve("run.yaml"))) {
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
    return Specs.run(path.resolve("run.yaml"));
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
   * What has come out so far: the last checkpoint, and the tests after the last epoch.
   *
   * @throws InvalidInputException if there is no checkpoint yet
   */
  public TrainingResult result() {
    Path checkpoint = lastCheckpoint();
    if (checkpoint == null) {
      throw new InvalidInputException(path + ": has no checkpoint yet");
    }
    JsonNode start = MetricsFile.last(metrics(), "start");
    JsonNode epoch = MetricsFile.last(metrics(), "epoch");
    return new TrainingResult(
        run(),
        path,
        checkpoint,
        labels(),
        start.path("dataset").asText(),
        epoch.path("test_accuracy").asDouble(),
        start.path("test_images").asInt(),
        epoch.path("step").asLong(),
        epoch.path("seconds").asDouble());
  }

  Path metrics() {
    return path.resolve("metrics.jsonl");
  }

  /**
   * Saves a checkpoint beside the others and then moves it into place, so that a checkpoint that is
   * there is whole; older ones than the last two go.
   *
   * @param writer writes the files of a prefix
   */
  void checkpoint(int epoch, Consumer<Path> writer) {
    Path checkpoints = path.resolve("checkpoints");
    Path unfinished = checkpoints.resolve("unfinished");
    try {
      delete(unfinished);
      Files.createDirectories(unfinished);
      writer.accept(unfinished.resolve(VARIABLES));
      Path target = checkpoints.resolve("epoch-" + epoch);
      delete(target);
      Files.move(unfinished, target, StandardCopyOption.ATOMIC_MOVE);
      List<Path> all = checkpoints();
      for (Path old : all.subList(0, Math.max(0, all.size() - KEPT))) {
        delete(old);
      }
    } catch (IOException e) {
      throw new UncheckedIOException(path + ": checkpoint cannot be written", e);
    }
  }

  /** The prefix of the newest checkpoint's files, or null if there is none. */
  public @Nullable Path lastCheckpoint() {
    try {
      List<Path> all = checkpoints();
      return all.isEmpty() ? null : all.get(all.size() - 1).resolve(VARIABLES);
    } catch (IOException e) {
      throw new InvalidInputException(path + ": cannot be read: " + e.getMessage(), e);
    }
  }

  private List<Path> checkpoints() throws IOException {
    Path checkpoints = path.resolve("checkpoints");
    if (!Files.isDirectory(checkpoints)) {
      return List.of();
    }
    try (Stream<Path> content = Files.list(checkpoints)) {
      return content
          .filter(p -> p.getFileName().toString().matches("epoch-\\d+"))
          .sorted(Comparator.comparingInt(RunDirectory::epoch))
          .toList();
    }
  }

  private static int epoch(Path checkpoint) {
    return Integer.parseInt(checkpoint.getFileName().toString().substring("epoch-".length()));
  }

  private static void delete(Path directory) throws IOException {
    if (Files.exists(directory)) {
      PathUtils.deleteDirectory(directory);
    }
  }
}
