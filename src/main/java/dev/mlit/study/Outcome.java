package dev.mlit.study;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.PropertyNamingStrategies;
import com.fasterxml.jackson.databind.json.JsonMapper;
import dev.mlit.spec.InvalidInputException;
import dev.mlit.train.TrainingResult;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/**
 * What came out of a run of a study: {@code result.json} in its directory, which is there when the
 * run is through and not before.
 *
 * @param testAccuracy share of the test images that are classified rightly; null for an autoencoder
 * @param testLoss of the test images
 * @param trainImages images that it was trained on
 * @param testImages images that it was tested on
 * @param steps steps that were trained
 * @param seconds of training and tests
 */
public record Outcome(
    @Nullable Double testAccuracy,
    double testLoss,
    int trainImages,
    int testImages,
    long steps,
    double seconds) {
  private static final String FILE = "result.json";
  private static final ObjectMapper JSON =
      JsonMapper.builder().propertyNamingStrategy(PropertyNamingStrategies.SNAKE_CASE).build();

  static Outcome of(TrainingResult result, int trainImages) {
    return new Outcome(
        Double.isNaN(result.testAccuracy()) ? null : result.testAccuracy(),
        result.testLoss(),
        trainImages,
        result.testImages(),
        result.steps(),
        result.seconds());
  }

  /** The outcome in a run directory; null if the run is not through. */
  static @Nullable Outcome read(Path run) {
    Path file = run.resolve(FILE);
    if (!Files.isRegularFile(file)) {
      return null;
    }
    try {
      return JSON.readValue(file.toFile(), Outcome.class);
    } catch (IOException e) {
      throw new InvalidInputException(
          file + ": cannot be read; delete it, and the run is tested again", e);
    }
  }

  void write(Path run) {
    try {
      Study.write(run.resolve(FILE), JSON.writeValueAsString(this) + "\n");
    } catch (JsonProcessingException e) {
      throw new AssertionError("an outcome is always JSON", e);
    }
  }
}
