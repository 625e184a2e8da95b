package dev.mlit.train.probe;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.mlit.testing.FloatFiles;
import dev.mlit.testing.Python;
import dev.mlit.train.step.Features;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.Map;
import java.util.Random;
import org.assertj.core.data.Offset;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * The linear probe against scikit-learn. If this fails, a researcher who compares features by
 * mlit's probe and a colleague who uses scikit-learn come to different conclusions.
 */
class LogisticRegressionTest {
  private static final int WIDTH = 7;
  private static final int CLASSES = 4;

  /** Reads features and labels, prints the kernel and bias for features that are not scaled. */
  private static final String SCIKIT_LEARN =
      """
      import sys
      import numpy as np
      from sklearn.linear_model import LogisticRegression
      from sklearn.preprocessing import StandardScaler

      folder, width, classes, l2 = sys.argv[1], int(sys.argv[2]), int(sys.argv[3]), float(sys.argv[4])
      features = np.fromfile(folder + "/features", "<f4").reshape(-1, width).astype(np.float64)
      labels = np.fromfile(folder + "/labels", "<i4")
      scaler = StandardScaler().fit(features)
      fitted = LogisticRegression(C=1 / l2, tol=1e-10, max_iter=10000).fit(scaler.transform(features), labels)
      assert list(fitted.classes_) == list(range(classes))
      kernel = (fitted.coef_ / scaler.scale_).T
      bias = fitted.intercept_ - scaler.mean_ @ kernel
      print(*kernel.ravel(), *(bias - bias.mean()))
      """;

  /** Clouds that overlap, of very different scales; the last feature is always 3. */
  private static Features clouds(int images, long seed) {
    Random random = new Random(seed);
    float[] values = new float[images * WIDTH];
    int[] labels = new int[images];
    for (int i = 0; i < images; i++) {
      labels[i] = i % CLASSES;
      for (int j = 0; j < WIDTH; j++) {
        double scale = Math.pow(10, j - 3);
        double centre = j % CLASSES == labels[i] ? 1.5 : 0;
        values[i * WIDTH + j] = (float) (scale * (5 + centre + random.nextGaussian()));
      }
      values[i * WIDTH + WIDTH - 1] = 3;
    }
    return new Features(values, WIDTH, labels);
  }

  @Tag("slow")
  @Test
  void agreesWithScikitLearn(@TempDir Path folder) throws IOException {
    Python python = Python.with("sklearn");
    Features features = clouds(200, 1);
    write(folder, features);
    for (double l2 : new double[] {1, 0.05}) {
      LogisticRegression.Head head = LogisticRegression.fit(features, CLASSES, l2);
      double[] expected =
          Arrays.stream(
                  python
                      .run(
                          Duration.ofMinutes(2),
                          Map.of(),
                          "-c",
                          SCIKIT_LEARN,
                          folder.toString(),
                          String.valueOf(WIDTH),
                          String.valueOf(CLASSES),
                          String.valueOf(l2))
                      .strip()
                      .split(" "))
              .mapToDouble(Double::parseDouble)
              .toArray();
      // A shift of all biases changes nothing; scikit-learn's is arbitrary.
      double mean = mean(head.bias());
      for (int i = 0; i < expected.length; i++) {
        boolean kernel = i < head.kernel().length;
        double found = kernel ? head.kernel()[i] : head.bias()[i - head.kernel().length] - mean;
        assertThat(found).as("l2 %s, number %d", l2, i).isCloseTo(expected[i], close(expected[i]));
      }
      assertThat(head.gradient()).isLessThanOrEqualTo(1e-6);
    }
  }

  private static Offset<Double> close(double expected) {
    return within(1e-3 * Math.abs(expected) + 1e-4);
  }

  private static double mean(float[] values) {
    double sum = 0;
    for (float value : values) {
      sum += value;
    }
    return sum / values.length;
  }

  private static void write(Path folder, Features features) throws IOException {
    FloatFiles.write(folder.resolve("features"), features.values());
    ByteBuffer labels = ByteBuffer.allocate(4 * features.size()).order(ByteOrder.LITTLE_ENDIAN);
    labels.asIntBuffer().put(features.labels());
    Files.write(folder.resolve("labels"), labels.array());
  }

  @Test
  void saysItsOwnLossAndHits() {
    Features features = clouds(100, 2);
    LogisticRegression.Head head = LogisticRegression.fit(features, CLASSES, 1);
    double loss = 0;
    int hits = 0;
    for (int i = 0; i < features.size(); i++) {
      double[] logits = logits(head, features, i);
      double sum = Arrays.stream(logits).map(Math::exp).sum();
      int label = features.labels()[i];
      loss += Math.log(sum) - logits[label];
      hits += Arrays.stream(logits).max().orElseThrow() == logits[label] ? 1 : 0;
    }
    assertThat(head.loss()).isCloseTo(loss / features.size(), within(1e-4));
    assertThat(head.hits()).isEqualTo(hits).isBetween(60, 99);
  }

  private static double[] logits(LogisticRegression.Head head, Features features, int image) {
    double[] logits = new double[CLASSES];
    for (int c = 0; c < CLASSES; c++) {
      logits[c] = head.bias()[c];
      for (int j = 0; j < WIDTH; j++) {
        logits[c] += (double) features.values()[image * WIDTH + j] * head.kernel()[j * CLASSES + c];
      }
    }
    return logits;
  }

  @Test
  void aClassWithoutImagesIsUnlikely() {
    Features features = clouds(40, 3);
    LogisticRegression.Head head = LogisticRegression.fit(features, CLASSES + 1, 1);
    assertThat(head.bias()[CLASSES]).isFinite();
    assertThat(head.hits()).isGreaterThan(20);
  }

  @Test
  void featuresThatTellTheClassesApartEndEvenWithoutAPenalty() {
    Features features = new Features(new float[] {0, 1, 2, 3}, 1, new int[] {0, 0, 1, 1});
    LogisticRegression.Head head = LogisticRegression.fit(features, 2, 0);
    assertThat(head.hits()).isEqualTo(4);
    assertThat(head.loss()).isLessThan(1e-4);
    assertThat(head.iterations()).isLessThan(1000);
  }

  @Test
  void featuresThatSayNothingGiveTheSharesOfTheClasses() {
    Features features = new Features(new float[] {7, 7, 7, 7}, 1, new int[] {0, 1, 1, 1});
    LogisticRegression.Head head = LogisticRegression.fit(features, 2, 1);
    assertThat(head.loss()).isCloseTo(-0.25 * Math.log(0.25) - 0.75 * Math.log(0.75), within(1e-6));
  }
}
