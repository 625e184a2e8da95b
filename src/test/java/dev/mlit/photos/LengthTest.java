package dev.mlit.photos;

import static org.assertj.core.api.Assertions.assertThat;

import dev.mlit.photos.Length.Work;
import org.junit.jupiter.api.Test;

/** How long a run is. If this fails, a run does not end when its user has been told it would. */
class LengthTest {
  private static final Speed SPEED = new Speed(5, 0.1, 0.001);

  @Test
  void aRunEndsInTimeWithItsTestAndItsModel() {
    Work work = new Work(100, 400, 1000, 1000);
    Length length = Length.of(work, SPEED, 600);
    assertThat(length.seconds()).isBetween(500.0, 600 * 0.92);
    assertThat(length.steps() % 100).isZero();
    assertThat(length.epochs()).isEqualTo(length.steps() / 100);
    assertThat(length.warmupEpochs()).isBetween(0.04 * length.epochs(), 0.06 * length.epochs());
    assertThat(length.epochs() / (double) length.testEvery()).isLessThanOrEqualTo(20);
  }

  @Test
  void aSmallSetIsNotTrainedForTheSakeOfTheTime() {
    Length length = Length.of(new Work(2, 2, 4, 200), SPEED, 600);
    assertThat(length.epochs()).isEqualTo(200);
    assertThat(length.seconds()).isLessThan(100);
  }

  @Test
  void ofALargeSetAPartOfAnEpochIsTrained() {
    Length length = Length.of(new Work(50_000, 2000, 5000, 60), SPEED, 600);
    assertThat(length.epochs()).isEqualTo(1);
    assertThat(length.steps()).isBetween(4000, 5500);
    assertThat(length.warmupEpochs()).isLessThan(1);
  }

  @Test
  void withoutAnyTimeThereIsOneStep() {
    Work work = new Work(10, 0, 10, 100);
    Length length = Length.of(work, SPEED, -5);
    assertThat(length.steps()).isEqualTo(1);
    assertThat(length.epochs()).isEqualTo(1);
    assertThat(length.text(work, SPEED, 0.1, true)).endsWith("more minutes would teach it more");
  }

  @Test
  void aSlowerMachineTrainsFewerSteps() {
    Work work = new Work(100, 400, 1000, 1000);
    Length slower = Length.of(work, new Speed(10, 0.2, 0.002), 600);
    assertThat(slower.steps()).isLessThan(Length.of(work, SPEED, 600).steps() / 2 + 100);
    assertThat(slower.seconds()).isLessThan(600 * 0.92);
  }
}
