package dev.mlit.train;

import dev.mlit.files.WholeFile;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/**
 * The file {@code checkpoint} beside the checkpoints of a run, by which Python's {@code
 * tf.train.latest_checkpoint} finds the newest one. mlit itself reads the directories.
 */
final class CheckpointState {
  /** The name that TensorFlow looks for. */
  static final String FILE = "checkpoint";

  private CheckpointState() {}

  /**
   * Names the checkpoints that there are.
   *
   * @param place the directory of the checkpoints
   * @param checkpoints their directories, the newest first; none if there is none, and then the
   *     file goes too
   */
  static void write(Path place, List<Path> checkpoints) throws IOException {
    Path file = place.resolve(FILE);
    if (checkpoints.isEmpty()) {
      Files.deleteIfExists(file);
      return;
    }
    // A text of the message CheckpointState; the oldest first, as TensorFlow has them, and relative
    // paths, so that a run can be moved. No name of a checkpoint has what had to be escaped.
    StringBuilder state =
        new StringBuilder(line("model_checkpoint_path", place, checkpoints.get(0)));
    for (int i = checkpoints.size() - 1; i >= 0; i--) {
      state.append(line("all_model_checkpoint_paths", place, checkpoints.get(i)));
    }
    WholeFile.write(file, state.toString());
  }

  private static String line(String field, Path place, Path checkpoint) {
    String prefix = place.relativize(Checkpoint.prefix(checkpoint)).toString().replace('\\', '/');
    return field + ": \"" + prefix + "\"\n";
  }
}
