package dev.mlit.train;

import dev.mlit.spec.advice.AdvisedException;
import dev.mlit.spec.advice.Message;
import java.nio.file.Path;
import java.util.Locale;

/**
 * A run was asked to stop, by {@link Trainer#stop} or an interrupt of its thread, and did; what it
 * has done is saved, and {@link Trainer#resume} goes on from there.
 *
 * @since 0.1.0
 */
public final class RunStoppedException extends AdvisedException {
  private static final long serialVersionUID = 1;

  private RunStoppedException(Message message) {
    super(message, null);
  }

  static RunStoppedException saved(Path directory, long step, long steps) {
    return new RunStoppedException(
        advice ->
            String.format(
                Locale.ROOT,
                "stopped after step %,d of %,d; all of it is saved, go on with: %s",
                step,
                steps,
                advice.resume(directory)));
  }

  /**
   * While nothing was trained, as others were waited for.
   *
   * @param others such as {@code the other workers}
   */
  public static RunStoppedException whileWaiting(String others) {
    return new RunStoppedException(Message.of("stopped while it waited for " + others));
  }

  static RunStoppedException whileReading() {
    return new RunStoppedException(
        Message.of("stopped while the images were read; nothing was written"));
  }
}
