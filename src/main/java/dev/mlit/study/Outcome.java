package dev.mlit.study;

import com.fasterxml.jackson.annotation.JsonIgnore;
import com.fasterxml.jackson.annotation.JsonInclude;
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
 * run is through and not before. Of a run that a setting of a sweep is tried with, it is {@code
 * validation.json}, and the test images have not been read.
 *
 * @param testAccuracy share of the test images that are classified correctly; null for an
 *     autoencoder, and for a setting that is only tried
 * @param testLoss of the test images; NaN for a setting that is only tried
 * @param trainImages images that it was trained on
 * @param testImages images that it was tested on; 0 for a setting that is only tried
 * @param steps steps that were trained
 * @param seconds of training and tests
 * @param validationAccuracy share of the validation images that are classified correctly; null if
 *     there are none, or training diverged
 * @param validationImages images that settings are compared on; 0 if there are none
 * @since 0.1.0
 */
@JsonInclude(JsonInclude.Include.NON_NULL)
public record Outcome(
    @Nullable Double testAccuracy,
    double testLoss,
    int trainImages,
    int testImages,
    long steps,
    double seconds,
    @Nullable Double validationAccuracy,
    int validationImages) {
  private static final String TESTED = "result.json";
  private static final String VALIDATED = "validation.json";
  private static final ObjectMapper JSON =
      JsonMapper.builder().propertyNamingStrategy(PropertyNamingStrategies.SNAKE_CASE).build();

  /** Of a run that is through. */
  static Outcome tested(TrainingResult result, int trainImages) {
    return new Outcome(
        number(result.testAccuracy()),
        result.testLoss(),
        trainImages,
        result.testImages(),
        result.steps(),
        result.seconds(),
        number(result.validationAccuracy()),
        result.validationImages());
  }

  /** Of a run that a setting was tried with. */
  static Outcome validated(TrainingResult result, int trainImages) {
    return new Outcome(
        null,
        Double.NaN,
        trainImages,
        0,
        result.steps(),
        result.seconds(),
        number(result.validationAccuracy()),
        result.validationImages());
  }

  /** Of a run that diverged with a setting. */
  static Outcome diverged(int trainImages, int validationImages) {
    return new Outcome(null, Double.NaN, trainImages, 0, 0, 0, null, validationImages);
  }

  private static @Nullable Double number(double value) {
    return Double.isNaN(value) ? null : value;
  }

  /** The outcome in a run directory; null if the run is not through. */
  static @Nullable Outcome tested(Path run) {
    return read(run.resolve(TESTED));
  }

  /** The outcome of a setting that was tried; null if it is not trained to the end. */
  static @Nullable Outcome validated(Path run) {
    return read(run.resolve(VALIDATED));
  }

  private static @Nullable Outcome read(Path file) {
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

  /** Whether the test images were read. */
  @JsonIgnore
  public boolean isTested() {
    return !Double.isNaN(testLoss);
  }

  void write(Path run) {
    try {
      Path file = run.resolve(isTested() ? TESTED : VALIDATED);
      Study.write(file, JSON.writeValueAsString(this) + "\n");
    } catch (JsonProcessingException e) {
      throw new AssertionError("an outcome is always JSON", e);
    }
  }
}
