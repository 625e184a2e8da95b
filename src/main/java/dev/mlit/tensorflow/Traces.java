package dev.mlit.tensorflow;

import org.tensorflow.Session;
import org.tensorflow.proto.RunOptions;
import org.tensorflow.proto.RunOptions.TraceLevel;
import org.tensorflow.proto.StepStats;

/**
 * Runs with TensorFlow's own step statistics switched on.
 *
 * @since 0.1.0
 */
public final class Traces {
  private Traces() {}

  /** Runs once, with the times at which each operation began and ended. */
  public static StepStats run(Session.Runner runner) {
    return run(runner, RunOptions.getDefaultInstance());
  }

  /** As {@link #run(Session.Runner)}, otherwise with these options. */
  public static StepStats run(Session.Runner runner, RunOptions options) {
    runner.setOptions(options.toBuilder().setTraceLevel(TraceLevel.FULL_TRACE).build());
    try (org.tensorflow.Result result = runner.runAndFetchMetadata()) {
      return result.getMetadata().orElseThrow().getStepStats();
    }
  }
}
