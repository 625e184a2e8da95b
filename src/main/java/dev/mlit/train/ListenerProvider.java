package dev.mlit.train;

import java.util.List;
import java.util.Optional;

/**
 * Listeners that every run has without being asked for, such as its report. {@link Trainer} finds
 * every provider whose class is named in a file {@code
 * META-INF/services/dev.mlit.train.ListenerProvider} of the class path ({@link
 * java.util.ServiceLoader}).
 *
 * @since 0.1.0
 */
public interface ListenerProvider {
  /**
   * New listeners for one run, in the order in which they are called; before those that the trainer
   * was given.
   *
   * @param note what a reader of the run's results should know, such as that something was chosen
   *     on test images
   */
  List<TrainingListener> listeners(Optional<String> note);
}
