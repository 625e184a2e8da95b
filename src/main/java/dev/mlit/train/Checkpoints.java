package dev.mlit.train;

import static java.util.stream.Collectors.joining;

import dev.mlit.files.Disk;
import dev.mlit.spec.InvalidInputException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;
import java.util.function.Predicate;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.tensorflow.exceptions.TensorFlowException;

/**
 * The directory {@code checkpoints} of a run. A checkpoint is written to {@code unfinished},
 * checksummed, brought to the disk and then moved to its place, so that one that is there is whole;
 * if the disk has damaged it since, the checksums tell.
 */
final class Checkpoints {
  static final String EPOCH = "epoch-";
  static final String STEP = "step-";

  private static final Logger LOG = LoggerFactory.getLogger(Checkpoints.class);
  private static final int KEPT = 2;
  private static final String UNFINISHED = "unfinished";
  private static final String DISCARDED = "discarded";
  private static final String DAMAGED = ".damaged";

  private final Path place;

  Checkpoints(Path place) {
    this.place = place;
  }

  /** The name of the checkpoint of an epoch that is done. */
  static String ofEpoch(int epoch) {
    return EPOCH + epoch;
  }

  /** The name of a checkpoint within an epoch. */
  static String ofStep(long step) {
    return STEP + step;
  }

  /**
   * Writes a checkpoint. Of the others, the last two are kept, the last one of an epoch's end, and
   * the best ones.
   *
   * @param name see {@link #ofEpoch} and {@link #ofStep}
   * @param best the names of the best ones, which may be this one; none if there is none yet
   * @param variables writes the files of a prefix
   * @throws WriteFailedException if it cannot be written; the others are still there then, as they
   *     are if {@code variables} throws
   */
  void write(String name, RunState state, Set<String> best, Consumer<Path> variables) {
    Path unfinished = place.resolve(UNFINISHED);
    try {
      Disk.delete(unfinished);
      Disk.delete(place.resolve(DISCARDED));
      // Not the run directory too: where it is no longer there, it has been moved.
      Files.createDirectory(unfinished);
      variables.accept(Checkpoint.prefix(unfinished));
      state.write(unfinished);
      Manifest.seal(unfinished);
      Disk.sync(unfinished);
      moveIntoPlace(unfinished, place.resolve(name));
      prune(best);
    } catch (IOException | TensorFlowException e) {
      deleteQuietly(unfinished);
      throw WriteFailedException.of(place.resolve(name), e);
    } catch (RuntimeException e) {
      deleteQuietly(unfinished);
      throw e;
    }
  }

  private void moveIntoPlace(Path unfinished, Path target) throws IOException {
    if (Files.exists(target)) {
      discard(target);
    }
    Disk.move(unfinished, target);
  }

  /** Takes the name away first: half of a checkpoint must not look like one. */
  private void discard(Path checkpoint) throws IOException {
    Path discarded = place.resolve(DISCARDED);
    Disk.delete(discarded);
    Disk.move(checkpoint, discarded);
    Disk.delete(discarded);
  }

  private void prune(Set<String> best) throws IOException {
    List<Listed> all = list();
    Set<Path> kept = new HashSet<>();
    all.stream().limit(KEPT).forEach(c -> kept.add(c.directory));
    all.stream().filter(Listed::endsEpoch).findFirst().ifPresent(c -> kept.add(c.directory));
    all.stream()
        .map(Listed::directory)
        .filter(directory -> best.contains(directory.getFileName().toString()))
        .forEach(kept::add);
    List<Path> directories = all.stream().map(Listed::directory).toList();
    // Before any goes: killed in between, the file names none that is no longer there.
    CheckpointState.write(place, directories.stream().filter(kept::contains).toList());
    for (Path checkpoint : directories) {
      if (!kept.contains(checkpoint)) {
        discard(checkpoint);
      }
    }
  }

  /** The newest one that is whole, or null if there is none; warns of those that are damaged. */
  @Nullable Checkpoint newest() {
    return newest(c -> true);
  }

  /** As {@link #newest}, of those that were written when an epoch was done. */
  @Nullable Checkpoint newestOfEpoch() {
    return newest(Listed::endsEpoch);
  }

  /** The one of this name if it is there and whole, or null; warns of damage. */
  @Nullable Checkpoint named(String name) {
    return newest(c -> c.directory.getFileName().toString().equals(name));
  }

  /**
   * The one to go on from: as {@link #newest}, but damaged ones are renamed, so that they are not
   * counted among the last two.
   *
   * @throws InvalidInputException if there are some and all are damaged; they stay as they are
   */
  @Nullable Checkpoint toResume() {
    Found found = find(c -> true);
    if (found.whole == null && !found.damaged.isEmpty()) {
      throw new InvalidInputException(
          place
              + ": every checkpoint is damaged: "
              + found.damaged.stream().map(Damaged::toString).collect(joining("; "))
              + "; put a whole one back, or delete this directory to train from the beginning");
    }
    for (Damaged damaged : found.damaged) {
      try {
        Path aside = place.resolve(damaged.name() + DAMAGED);
        Disk.delete(aside);
        Disk.move(damaged.directory, aside);
      } catch (IOException e) {
        throw WriteFailedException.of(damaged.directory, e);
      }
    }
    nameWhole(found);
    return warned(found);
  }

  /** Damaged ones have other names now, and a run of an earlier version has no file of names. */
  private void nameWhole(Found found) {
    if (found.whole == null) {
      return;
    }
    try {
      CheckpointState.write(place, list().stream().map(Listed::directory).toList());
    } catch (IOException e) {
      throw WriteFailedException.of(place.resolve(CheckpointState.FILE), e);
    }
  }

  private @Nullable Checkpoint newest(Predicate<Listed> wanted) {
    return warned(find(wanted));
  }

  private static @Nullable Checkpoint warned(Found found) {
    for (Damaged damaged : found.damaged) {
      LOG.warn(
          "{}: this checkpoint is damaged: {}{}",
          damaged.directory,
          damaged.damage,
          found.whole == null ? "" : "; used instead: " + found.whole.directory().getFileName());
    }
    return found.whole;
  }

  /**
   * What a search has found.
   *
   * @param whole the newest whole one; null if there is none
   * @param damaged the newer ones
   */
  private record Found(@Nullable Checkpoint whole, List<Damaged> damaged) {}

  private record Damaged(Path directory, String damage) {
    String name() {
      return directory.getFileName().toString();
    }

    @Override
    public String toString() {
      return name() + ": " + damage;
    }
  }

  private Found find(Predicate<Listed> wanted) {
    try {
      List<Damaged> passedOver = new ArrayList<>();
      for (Listed listed : list()) {
        if (!wanted.test(listed)) {
          continue;
        }
        Optional<String> damage = Manifest.damage(listed.directory);
        RunState state = listed.state;
        if (damage.isEmpty() && state != null) {
          return new Found(new Checkpoint(listed.directory, state), passedOver);
        }
        passedOver.add(
            new Damaged(listed.directory, damage.orElse(RunState.FILE + " cannot be read")));
      }
      return new Found(null, passedOver);
    } catch (IOException e) {
      throw InvalidInputException.unreadable(place, e);
    }
  }

  /** A directory with the name of a checkpoint; state is null if it cannot be read. */
  private record Listed(Path directory, @Nullable RunState state) {
    static Listed of(Path directory) {
      try {
        return new Listed(directory, RunState.read(directory));
      } catch (IOException e) {
        return new Listed(directory, null);
      }
    }

    boolean endsEpoch() {
      return Checkpoint.endsEpoch(directory);
    }

    /** Those without a state come first: nobody knows how new they are. */
    long step() {
      return state == null ? Long.MAX_VALUE : state.step();
    }
  }

  /** The newest first; of one step, that of the epoch's end. */
  private List<Listed> list() throws IOException {
    if (!Files.isDirectory(place)) {
      return List.of();
    }
    try (Stream<Path> content = Files.list(place)) {
      return content
          .filter(p -> p.getFileName().toString().matches("(" + EPOCH + "|" + STEP + ")\\d+"))
          .map(Listed::of)
          .sorted(
              Comparator.comparingLong(Listed::step)
                  .thenComparing(Listed::endsEpoch)
                  .thenComparing(Listed::directory)
                  .reversed())
          .toList();
    }
  }

  /** What is left costs space, and the next checkpoint deletes it. */
  private static void deleteQuietly(Path directory) {
    try {
      Disk.delete(directory);
    } catch (IOException e) {
      LOG.warn("{}: cannot be deleted: {}", directory, e.getMessage());
    }
  }
}
