package dev.mlit.train.step;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.mlit.testing.Python;
import java.time.Duration;
import java.util.Arrays;
import java.util.Map;
import java.util.Random;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/**
 * The nearest neighbours against scikit-learn. If this fails, a user gives up a pre-training whose
 * features are good, or goes on with one whose features are not.
 */
class NearestNeighboursTest {
  private static final int WIDTH = 6;
  private static final int CLASSES = 3;

  /** Reads features and labels, prints the votes of every class of every query. */
  private static final String SCIKIT_LEARN =
      """
      import sys
      import numpy as np
      from sklearn.neighbors import KNeighborsClassifier

      numbers = np.array(sys.argv[5].split(), float)
      width, bank, queries, k = (int(a) for a in sys.argv[1:5])
      features = numbers[: (bank + queries) * width].reshape(-1, width).astype(np.float32)
      labels = numbers[(bank + queries) * width :].astype(int)
      fitted = KNeighborsClassifier(k, metric="cosine").fit(features[:bank], labels)
      print(*np.rint(k * fitted.predict_proba(features[bank:])).astype(int).ravel())
      """;

  /** Numbers that Python reads as the same floats: multiples of 1/64. */
  private static Features some(int images, long seed) {
    Random random = new Random(seed);
    float[] values = new float[images * WIDTH];
    for (int i = 0; i < values.length; i++) {
      values[i] = Math.round(64 * random.nextGaussian()) / 64f;
    }
    int[] labels = IntStream.range(0, images).map(i -> i * 7 % 11 % CLASSES).toArray();
    return new Features(values, WIDTH, labels);
  }

  @Tag("slow")
  @Test
  void everyVoteIsThatOfScikitLearn() {
    Python python = Python.with("sklearn");
    // More than a block of the bank, which is not full.
    Features bank = some(1100, 1);
    Features queries = some(40, 2);
    int k = 9;
    StringBuilder numbers = new StringBuilder();
    for (float[] values : new float[][] {bank.values(), queries.values()}) {
      for (float value : values) {
        numbers.append(value).append(' ');
      }
    }
    Arrays.stream(bank.labels()).forEach(label -> numbers.append(label).append(' '));
    String printed =
        python.run(
            Duration.ofMinutes(2),
            Map.of(),
            "-c",
            SCIKIT_LEARN,
            String.valueOf(WIDTH),
            String.valueOf(bank.size()),
            String.valueOf(queries.size()),
            String.valueOf(k),
            numbers.toString());
    NearestNeighbours neighbours = new NearestNeighbours(bank, CLASSES, k);
    int[] votes =
        IntStream.range(0, queries.size())
            .mapToObj(i -> neighbours.of(queries.values(), i).votes())
            .flatMapToInt(Arrays::stream)
            .toArray();
    assertThat(votes)
        .containsExactly(
            Arrays.stream(printed.strip().split(" ")).mapToInt(Integer::parseInt).toArray());
  }

  @Test
  void theClassWithTheMostVotesWins() {
    Features bank =
        new Features(
            new float[] {1, 0, 1, 0.1f, 1, 0.2f, 0, 1, 0.1f, 1}, 2, new int[] {1, 0, 0, 2, 2});
    NearestNeighbours three = new NearestNeighbours(bank, 3, 3);
    NearestNeighbours.Vote vote = three.of(new float[] {2, 0}, 0);
    assertThat(vote.predicted()).isZero();
    assertThat(vote.votes()).containsExactly(2, 1, 0);
    assertThat(new NearestNeighbours(bank, 3, 1).of(new float[] {2, 0}, 0).predicted())
        .isEqualTo(1);
  }

  @Test
  void ofSeveralClassesTheFirstOneWinsAsInScikitLearn() {
    Features bank = new Features(new float[] {1, 0.3f, 1, -0.1f}, 2, new int[] {1, 2});
    assertThat(new NearestNeighbours(bank, 3, 2).of(new float[] {1, 0}, 0).predicted())
        .isEqualTo(1);
  }

  @Test
  void moreNeighboursThanThereAreAreAll() {
    Features bank = new Features(new float[] {1, 0, 0, 1, 1, 1}, 2, new int[] {0, 1, 1});
    NearestNeighbours.Vote vote = new NearestNeighbours(bank, 2, 20).of(new float[] {1, 0}, 0);
    assertThat(vote.votes()).containsExactly(1, 2);
  }

  @Test
  void featuresWithoutALengthAreSimilarToNothing() {
    Features bank = new Features(new float[] {0, 0, 1, 1, -1, 0}, 2, new int[] {0, 1, 2});
    NearestNeighbours one = new NearestNeighbours(bank, 3, 1);
    assertThat(one.of(new float[] {1, 0}, 0).predicted()).isEqualTo(1);
    assertThat(one.of(new float[] {-1, -1}, 0).predicted()).isEqualTo(2);
    assertThat(one.of(new float[] {0, 0}, 0).votes()).containsExactly(1, 0, 0);
  }

  @Test
  void accuracyIsTheShareOfRightOnes() {
    Features bank = new Features(new float[] {1, 0, 0, 1}, 2, new int[] {0, 1});
    Features images = new Features(new float[] {2, 1, 1, 2, 3, 1}, 2, new int[] {0, 1, 1});
    assertThat(new NearestNeighbours(bank, 2, 1).accuracy(images))
        .isCloseTo(2 / 3.0, within(1e-12));
  }
}
