package dev.mlit.train;

import dev.mlit.spec.text.CommandText;
import java.nio.file.Path;
import java.util.Locale;

/**
 * A run was asked to stop, by {@link Trainer#stop} or an interrupt of its thread, and did; what it
 * has done is saved, and {@link Trainer#resume} goes on from there.
 */
public final class RunStoppedException extends RuntimeException {
  private static final long serialVersionUID = 1;

  private RunStoppedException(String message) {
    super(message);
  }

  static RunStoppedException saved(Path directory, long step, long steps) {
    return new RunStoppedException(
        String.format(
            Locale.ROOT,
            "stopped after step %,d of %,d; all of it is saved, go on with: ./mlit train --resume"
                + " %s",
            step,
            steps,
            CommandText.word(directory)));
  }

  /**
   * While nothing was trained, as others were waited for.
   *
   * @param others such as {@code the other workers}
   */
  public static RunStoppedException whileWaiting(String others) {
    return new RunStoppedException("stopped while it waited for " + others);
  }

  static RunStoppedException whileReading() {
    return new RunStoppedException("stopped while the images were read; nothing was written");
  }
}
