package dev.mlit.train;

import dev.mlit.train.step.TrainingGraph;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Saves a run in checkpoints. A worker that writes no files keeps account of them all the same, as
 * all workers go through the same steps.
 */
final class CheckpointWriter {
  private final TrainingGraph graph;
  private final Position position;
  private final @Nullable RunFiles files;
  private final Cadence cadence;

  private long savedStep;
  private String savedName;

  /**
   * Saves a run from where it is now.
   *
   * @param files that are written; null for a worker that writes none
   * @param checkpoint the name of the one that the run goes on from; empty if there is none
   */
  CheckpointWriter(Setup setup, Position position, @Nullable RunFiles files, String checkpoint) {
    this.graph = setup.graph();
    this.position = position;
    this.files = files;
    this.cadence = new Cadence(setup.run().checkpoints());
    this.savedStep = position.step();
    this.savedName = checkpoint;
  }

  /** Whether this worker writes files. */
  boolean writes() {
    return files != null;
  }

  /** Whether the run should be saved within an epoch. */
  boolean isDue() {
    return cadence.isDue(position.step() - savedStep);
  }

  /** Saves the run within an epoch, unless nothing was trained since. */
  void saveStep() {
    if (position.step() > savedStep) {
      save(Checkpoints.ofStep(position.step()));
    }
  }

  /** Saves the run after an epoch. */
  void saveEpoch() {
    save(Checkpoints.ofEpoch(position.epoch()));
  }

  /**
   * Checks that the run directory is where it was: the next file would make half of a run there.
   *
   * @throws WriteFailedException if it has been moved or deleted
   */
  void requireDirectory() {
    if (files != null) {
      files.directory().requireThere();
    }
  }

  /** Does nothing if this very checkpoint is the one that the run has gone on from. */
  private void save(String name) {
    if (position.step() == savedStep && name.equals(savedName)) {
      return;
    }
    if (files != null) {
      write(files, name);
    }
    savedStep = position.step();
    savedName = name;
    cadence.restart();
  }

  private void write(RunFiles files, String name) {
    requireDirectory();
    double rate = position.lastRate();
    RunState state = position.state(files.metrics().sync());
    Set<String> best = new HashSet<>();
    for (EpochChoice choice : List.of(EpochChoice.BEST, EpochChoice.BEST_ON_TEST)) {
      BestEpoch.of(position.history(), choice)
          .ifPresent(e -> best.add(Checkpoints.ofEpoch(e.epoch())));
    }
    files
        .directory()
        .checkpoints()
        .write(name, state, best, prefix -> graph.save(prefix, position.step(), rate));
  }
}
