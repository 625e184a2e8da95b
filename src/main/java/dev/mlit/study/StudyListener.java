package dev.mlit.study;

import dev.mlit.train.Trainer;
import java.nio.file.Path;
import java.util.List;

/**
 * Watches a study. All methods are called on the thread that trains.
 *
 * @since 0.1.0
 */
public interface StudyListener {
  /**
   * A run of the study.
   *
   * @param number counted from 1
   * @param runs all runs of the study, those of pre-training too
   * @param name of the run
   * @param directory of the run
   */
  record Run(int number, int runs, String name, Path directory) {}

  /** The study is about to start, or to go on. */
  default void started(Path directory, int runs, int done) {}

  /** A run is about to start, or to go on; its trainer may be given listeners, and stopped. */
  default void training(Run run, Trainer trainer) {}

  /** Other processes run the rest of the study; called again when there is less of it. */
  default void waiting(List<String> runs) {}

  /**
   * A run is through.
   *
   * @param secondsLeft a guess by the runs so far; NaN if there is none
   */
  default void done(Run run, Outcome outcome, double secondsLeft) {}
}
