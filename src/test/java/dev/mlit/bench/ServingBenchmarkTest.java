package dev.mlit.bench;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.mlit.savedmodel.Classifier;
import dev.mlit.savedmodel.RandomModel;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Random;
import java.util.stream.DoubleStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * The numbers of {@code ./mlit bench --mode serve}. If it fails, somebody sizes a service by a
 * wrong figure.
 */
class ServingBenchmarkTest {
  @TempDir private Path directory;

  @ParameterizedTest
  @CsvSource({"1, 5, 1", "3, 1, 1", "3, 2, 4"})
  void ratesFollowFromTheCallsOfAllClients(int clients, int batch, int maxBatch) {
    RandomModel.write(directory);
    Duration duration = Duration.ofMillis(200);

    ServingBenchmark.Served served =
        ServingBenchmark.run(
            new ServingBenchmark.Settings(directory, clients, batch, maxBatch, 1, duration));

    ServingBenchmark.Result result = served.result();
    assertThat(result.calls()).isGreaterThanOrEqualTo(clients);
    assertThat(result.seconds()).isGreaterThanOrEqualTo(0.2);
    assertThat(result.medianMs()).isPositive().isLessThanOrEqualTo(result.p99Ms());
    assertThat(result.p99Ms()).isLessThanOrEqualTo(result.maxMs());
    // Clients end at times of their own, each by at most its last call.
    double all = (double) batch * result.calls();
    assertThat(result.imagesPerSecond())
        .isBetween(0.99 * all / result.seconds(), all / duration.toMillis() * 1000);
    assertThat(result.mode()).isEqualTo("serve");
    assertThat(result.clients()).isEqualTo(clients);
    assertThat(result.batch()).isEqualTo(batch);
    assertThat(result.maxBatch()).isEqualTo(maxBatch);
  }

  @Test
  void logitsAreThoseOfRandomImagesThatAnotherProgramCanDraw() {
    RandomModel.write(directory);
    Random random = new Random(1);
    float[] images = new float[6 * RandomModel.SPEC.image().values()];
    for (int i = 0; i < images.length; i++) {
      images[i] = random.nextFloat();
    }

    float[] logits =
        ServingBenchmark.run(
                new ServingBenchmark.Settings(directory, 3, 2, 1, 1, Duration.ofMillis(1)))
            .logits();

    try (Classifier classifier = Classifier.load(directory)) {
      float[] expected = classifier.logits(images, 6);
      assertThat(logits).hasSameSizeAs(expected);
      for (int i = 0; i < logits.length; i++) {
        assertThat(logits[i]).isCloseTo(expected[i], within(1e-4f));
      }
    }
  }

  @Test
  void percentileIsTheSmallestValueThatEnoughOthersDoNotExceed() {
    double[] hundred = DoubleStream.iterate(1, x -> x + 1).limit(100).toArray();

    assertThat(ServingBenchmark.percentile(hundred, 0.99)).isEqualTo(99);
    assertThat(ServingBenchmark.percentile(hundred, 1)).isEqualTo(100);
    assertThat(ServingBenchmark.percentile(new double[] {1, 2, 3}, 0.99)).isEqualTo(3);
    assertThat(ServingBenchmark.percentile(new double[] {7}, 0.99)).isEqualTo(7);
  }
}
