package dev.mlit.photos;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;

/**
 * What a step takes, from some that were timed. If this fails, another program that was busy for a
 * moment halves the training that a user gets for the minutes.
 */
class SpeedProbeTest {
  @Test
  void theQuartersAtBothEndsAreLeftOut() {
    assertThat(SpeedProbe.middle(List.of(9.0, 1.0, 3.0, 2.0))).isEqualTo(2.5);
    assertThat(SpeedProbe.middle(List.of(1.0, 1.0, 50.0, 1.0, 1.0, 1.0, 50.0, 1.0))).isEqualTo(1);
  }

  @Test
  void ofFewerThanFourAllCount() {
    assertThat(SpeedProbe.middle(List.of(1.0, 2.0, 6.0))).isEqualTo(3);
    assertThat(SpeedProbe.middle(List.of(2.0))).isEqualTo(2);
  }
}
