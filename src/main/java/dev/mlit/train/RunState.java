package dev.mlit.train;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.PropertyNamingStrategies;
import com.fasterxml.jackson.databind.json.JsonMapper;
import dev.mlit.data.DataFingerprint;
import dev.mlit.train.step.LearningRate;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * Where a run is: all that a checkpoint holds beside the variables, in {@code state.json}. Order,
 * augmentation, noise and learning rate are functions of the run, the epoch and the step.
 *
 * @param step steps so far
 * @param epoch the epoch of the last step, counted from 1
 * @param sums of that epoch
 * @param seconds since the start of the run
 * @param metricsBytes the length of metrics.jsonl; what stands after it has been done in vain
 * @param data what was trained on
 * @param lastStepLearns whether the learning rate comes down to its final factor after the last
 *     step; false for a run that a version of mlit has begun which does not say it
 */
record RunState(
    long step,
    int epoch,
    EpochSums.State sums,
    double seconds,
    long metricsBytes,
    DataFingerprint data,
    boolean lastStepLearns) {
  static final String FILE = "state.json";

  private static final ObjectMapper JSON =
      JsonMapper.builder().propertyNamingStrategy(PropertyNamingStrategies.SNAKE_CASE).build();

  /** By which rule the learning rate falls. */
  LearningRate.End end() {
    return lastStepLearns ? LearningRate.End.AFTER_LAST_STEP : LearningRate.End.LAST_STEP;
  }

  void write(Path directory) throws IOException {
    Files.writeString(directory.resolve(FILE), JSON.writeValueAsString(this));
  }

  static RunState read(Path directory) throws IOException {
    return JSON.readValue(directory.resolve(FILE).toFile(), RunState.class);
  }
}
