package dev.mlit.train.step;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.mlit.spec.ScheduleSpec.Decay;
import dev.mlit.testing.TinyData;
import dev.mlit.train.step.LearningRate.End;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;

/**
 * The schedule at the steps where it turns. If it fails, runs end early with a high rate or waste
 * their last epochs on none, and nobody sees more of it than a lower accuracy.
 */
class LearningRateTest {
  private static final LearningRate RATE = new LearningRate(0.8, 4, 14, Decay.COSINE, 0.25);

  @Test
  void firstStepOfTheWarmUpIsOnePartOfTheHighestRate() {
    assertThat(RATE.at(0)).isEqualTo(0.2, within(1e-15));
  }

  @Test
  void warmUpIsLinear() {
    assertThat(RATE.at(1)).isEqualTo(0.4, within(1e-15));
    assertThat(RATE.at(2)).isEqualTo(0.6, within(1e-15));
  }

  @Test
  void lastStepOfTheWarmUpHasTheHighestRate() {
    assertThat(RATE.at(3)).isEqualTo(0.8);
  }

  @Test
  void cosineStartsAtTheHighestRate() {
    assertThat(RATE.at(4)).isEqualTo(0.8);
  }

  @Test
  void middleOfTheCosineIsTheMeanOfHighestAndLastRate() {
    assertThat(RATE.at(9)).isEqualTo((0.8 + 0.2) / 2, within(1e-15));
  }

  @Test
  void quarterOfTheCosineIsThatOfTheFormula() {
    LearningRate rate = new LearningRate(1, 0, 4, Decay.COSINE, 0);

    assertThat(rate.at(1)).isEqualTo((1 + Math.sqrt(0.5)) / 2, within(1e-15));
  }

  /**
   * What torch 2.13 has for
   *
   * <pre>{@code
   * optimizer = torch.optim.SGD([parameter], lr=0.8)
   * schedule = torch.optim.lr_scheduler.CosineAnnealingLR(optimizer, T_max=10, eta_min=0.2)
   * for _ in range(10):
   *     print(round(optimizer.param_groups[0]["lr"], 9))
   *     optimizer.step()
   *     schedule.step()
   * }</pre>
   */
  @Test
  void cosineIsThatOfPyTorch() {
    double[] rates = LongStream.range(4, 14).mapToDouble(RATE::at).toArray();

    double[] torch = {
      0.8,
      0.785316955,
      0.742705098,
      0.676335576,
      0.592705098,
      0.5,
      0.407294902,
      0.323664424,
      0.257294902,
      0.214683045
    };
    assertThat(rates).containsExactly(torch, within(1e-9));
  }

  @Test
  void stepAfterTheLastWouldHaveTheFinalFactorOfTheHighestRate() {
    assertThat(RATE.at(14)).isEqualTo(0.25 * 0.8, within(1e-15));
  }

  @Test
  void lastStepLearnsWithoutAFinalFactorToo() {
    for (Decay decay : new Decay[] {Decay.COSINE, Decay.LINEAR}) {
      LearningRate rate = new LearningRate(0.8, 4, 14, decay, 0);

      assertThat(rate.at(13)).isPositive().isLessThan(0.1);
      assertThat(rate.at(14)).isZero();
    }
  }

  /** A run that an earlier version has begun goes on by the rule that it began with. */
  @Test
  void rateOfAnEarlierVersionIsDownAtTheLastStepAndAsItWasBefore() {
    LearningRate earlier = new LearningRate(0.8, 4, 15, Decay.COSINE, 0.25, End.LAST_STEP);

    for (int step = 0; step < 15; step++) {
      assertThat(earlier.at(step)).isEqualTo(RATE.at(step));
    }
    LearningRate toZero = new LearningRate(0.8, 4, 15, Decay.LINEAR, 0, End.LAST_STEP);
    assertThat(toZero.at(9)).isEqualTo(0.4, within(1e-15));
    assertThat(toZero.at(14)).isZero();
  }

  @Test
  void finalFactorOfOneKeepsTheHighestRate() {
    LearningRate rate = new LearningRate(0.8, 0, 10, Decay.COSINE, 1);

    assertThat(rate.at(0)).isEqualTo(0.8);
    assertThat(rate.at(5)).isEqualTo(0.8);
    assertThat(rate.at(9)).isEqualTo(0.8);
  }

  @Test
  void firstStepHasTheHighestRateWithoutWarmUp() {
    assertThat(new LearningRate(0.8, 0, 15, Decay.COSINE, 0).at(0)).isEqualTo(0.8);
  }

  @Test
  void onlyStepOfARunWithoutWarmUpHasTheHighestRate() {
    assertThat(new LearningRate(0.8, 0, 1, Decay.COSINE, 0).at(0)).isEqualTo(0.8);
    assertThat(new LearningRate(0.8, 0, 1, Decay.COSINE, 0, End.LAST_STEP).at(0)).isEqualTo(0.8);
  }

  @Test
  void runShorterThanItsWarmUpStopsOnTheWay() {
    LearningRate rate = new LearningRate(0.8, 8, 3, Decay.COSINE, 0);

    assertThat(rate.at(0)).isEqualTo(0.1, within(1e-15));
    assertThat(rate.at(2)).isEqualTo(0.3, within(1e-15));
  }

  @Test
  void rateNeverRisesAfterTheWarmUp() {
    for (int step = 4; step < 13; step++) {
      assertThat(RATE.at(step + 1)).isLessThan(RATE.at(step));
    }
  }

  @Test
  void warmUpOfARunIsAShareOfItsEpochs() {
    LearningRate rate =
        LearningRate.of(
            TinyData.run()
                .optimizer(o -> o.learningRate(0.8))
                .schedule(s -> s.warmupEpochs(0.4).finalFactor(0.25))
                .build(),
            10,
            14,
            End.AFTER_LAST_STEP);

    assertThat(rate).isEqualTo(RATE);
  }

  @Test
  void linearFallsByTheSameAmountWithEveryStepDownToTheFinalFactor() {
    LearningRate rate = new LearningRate(0.8, 2, 6, Decay.LINEAR, 0.5);

    double[] rates = LongStream.range(0, 7).mapToDouble(rate::at).toArray();

    assertThat(rates)
        .containsExactly(new double[] {0.4, 0.8, 0.8, 0.7, 0.6, 0.5, 0.4}, within(1e-15));
  }

  @Test
  void constantStaysAtTheHighestRateAfterTheWarmUp() {
    LearningRate rate = new LearningRate(0.8, 2, 5, Decay.CONSTANT, 0);

    double[] rates = LongStream.range(0, 5).mapToDouble(rate::at).toArray();

    assertThat(rates).containsExactly(0.4, 0.8, 0.8, 0.8, 0.8);
  }
}
