package dev.mlit.train;

import java.nio.file.Path;

/**
 * A checkpoint that was found whole.
 *
 * @param directory {@code checkpoints/epoch-N} or, within an epoch, {@code checkpoints/step-N}
 * @param state where the run was
 */
record Checkpoint(Path directory, RunState state) {
  private static final String VARIABLES = "variables";

  /** The prefix of the files in TensorFlow's format. */
  Path prefix() {
    return prefix(directory);
  }

  static Path prefix(Path directory) {
    return directory.resolve(VARIABLES);
  }

  /** Whether the epoch was done and tested. */
  boolean endsEpoch() {
    return endsEpoch(directory);
  }

  static boolean endsEpoch(Path directory) {
    return directory.getFileName().toString().startsWith(Checkpoints.EPOCH);
  }
}
