package dev.mlit.report;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.List;
import java.util.stream.DoubleStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** If this fails, a reader takes a number of a chart for another one. */
class ScaleTest {
  @Test
  void lowIsAtTheBeginningAndHighAtTheEnd() {
    Scale scale = new Scale(-2, 6, false);
    assertThat(scale.at(-2)).isZero();
    assertThat(scale.at(6)).isEqualTo(1);
    assertThat(scale.at(0)).isEqualTo(0.25);
  }

  @Test
  void equalRatiosAreEqualDistancesOnALogarithmicScale() {
    Scale scale = new Scale(1, 100, true);
    assertThat(scale.at(10)).isCloseTo(0.5, within(1e-12));
    assertThat(scale.at(100) - scale.at(50)).isCloseTo(scale.at(2) - scale.at(1), within(1e-12));
  }

  @Test
  void whatIsNeverNegativeHasNoNegativeAxis() {
    assertThat(Scale.of(DoubleStream.of(0, 1), false).low()).isZero();
    assertThat(Scale.of(DoubleStream.of(-1, 1), false).low()).isLessThan(-1);
  }

  @Test
  void numbersThatAreNotFiniteDoNotStretchIt() {
    Scale scale = Scale.of(DoubleStream.of(Double.NaN, 2, Double.POSITIVE_INFINITY, 3), false);
    assertThat(scale.low()).isBetween(1.5, 2.0);
    assertThat(scale.high()).isBetween(3.0, 3.5);
  }

  @Test
  void oneNumberHasAnAxisAroundIt() {
    Scale scale = Scale.of(DoubleStream.of(5), false);
    assertThat(scale.low()).isLessThan(5);
    assertThat(scale.high()).isGreaterThan(5);
    assertThat(scale.at(5)).isCloseTo(0.5, within(1e-9));
  }

  @Test
  void ticksAreRoundNumbersWithinTheScale() {
    assertThat(new Scale(0, 1, false).ticks(6))
        .containsExactly(0.0, 0.2, 0.4, 0.6000000000000001, 0.8, 1.0);
    assertThat(new Scale(0.07, 0.93, false).ticks(5))
        .isEqualTo(List.of(0.2, 0.4, 0.6000000000000001, 0.8));
    assertThat(new Scale(1, 1000, true).ticks(4)).containsExactly(1.0, 10.0, 100.0, 1000.0);
  }

  @ParameterizedTest
  @CsvSource({
    "0, 0",
    "0.25, 0.25",
    "40, 40",
    "15000, 15k",
    "2e-5, 2e-5",
    "2500000, 2.5M",
    "-0.5, -0.5"
  })
  void ticksAreWrittenShort(double tick, String text) {
    assertThat(Scale.label(tick)).isEqualTo(text);
  }
}
