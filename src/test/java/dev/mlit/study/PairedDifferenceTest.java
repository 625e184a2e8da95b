package dev.mlit.study;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.mlit.testing.Python;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** If this fails, a researcher claims a gain that is chance, or drops one that is none. */
class PairedDifferenceTest {
  private static final double NEAR = 1e-12;

  /** Of two samples, scipy's own interval of the paired test. */
  private static final String SCIPY =
      """
      import sys
      import numpy as np
      from scipy import stats
      for line in sys.argv[1].split(';'):
          d = np.array([float(x) for x in line.split(',')])
          i = stats.ttest_rel(d, np.zeros_like(d)).confidence_interval(0.95)
          print(repr(float(d.mean())), repr(float(i.low)), repr(float(i.high)))
      """;

  @Tag("slow")
  @Test
  void theIntervalIsThatOfScipy() {
    Python python = Python.with("scipy.stats", "numpy");
    Random random = new Random(1);
    List<List<Double>> samples = new ArrayList<>();
    for (int count : new int[] {2, 3, 4, 5, 10, 31, 200}) {
      samples.add(random.doubles(count, -0.1, 0.2).boxed().toList());
    }
    String sent =
        String.join(
            ";",
            samples.stream()
                .map(s -> String.join(",", s.stream().map(String::valueOf).toList()))
                .toList());
    List<String> lines =
        python.run(Duration.ofMinutes(2), Map.of(), "-c", SCIPY, sent).lines().toList();
    assertThat(lines).hasSameSizeAs(samples);
    for (int i = 0; i < samples.size(); i++) {
      String[] scipy = lines.get(i).split(" ", -1);
      PairedDifference ours = PairedDifference.of(samples.get(i));
      double margin = Objects.requireNonNull(ours.margin());
      assertThat(ours.mean()).isCloseTo(Double.parseDouble(scipy[0]), within(NEAR));
      assertThat(ours.mean() - margin).isCloseTo(Double.parseDouble(scipy[1]), within(NEAR));
      assertThat(ours.mean() + margin).isCloseTo(Double.parseDouble(scipy[2]), within(NEAR));
    }
  }

  /** By a table of Student's t: 12.706 with one degree of freedom, 4.303 with two. */
  @Test
  void fewPairsMakeWideIntervals() {
    assertThat(PairedDifference.of(List.of(0.0, 2.0)).margin()).isCloseTo(12.706, within(1e-3));
    assertThat(PairedDifference.of(List.of(-1.0, 0.0, 1.0)).margin())
        .isCloseTo(4.303 / Math.sqrt(3), within(1e-3));
  }

  @Test
  void aSinglePairHasNoInterval() {
    assertThat(PairedDifference.of(List.of(0.25))).isEqualTo(new PairedDifference(0.25, null));
  }

  @Test
  void equalDifferencesHaveAnIntervalOfNoWidth() {
    assertThat(PairedDifference.of(List.of(0.5, 0.5, 0.5)))
        .isEqualTo(new PairedDifference(0.5, 0.0));
  }
}
