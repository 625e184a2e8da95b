package dev.mlit.data;

import static org.assertj.core.api.Assertions.assertThat;

import dev.mlit.data.Confusion.Pair;
import org.junit.jupiter.api.Test;

/** If this fails, a user mends the classes that are well told apart, and leaves the others. */
class ConfusionTest {
  /** The third class has no images, the fourth was never predicted, the fifth neither. */
  private static final Confusion CONFUSION =
      new Confusion(
          new int[][] {
            {8, 1, 1, 0, 0},
            {3, 7, 0, 0, 0},
            {0, 0, 0, 0, 0},
            {1, 0, 4, 0, 0},
            {0, 0, 0, 0, 0}
          });

  @Test
  void rowsAreTheTrueClasses() {
    assertThat(CONFUSION.images(0)).isEqualTo(10);
    assertThat(CONFUSION.predicted(0)).isEqualTo(12);
    assertThat(CONFUSION.images()).isEqualTo(25);
    assertThat(CONFUSION.hits()).isEqualTo(15);
    assertThat(CONFUSION.precision(0)).isEqualTo(8 / 12.0);
    assertThat(CONFUSION.recall(0)).isEqualTo(0.8);
    assertThat(CONFUSION.f1(0)).isEqualTo(16 / 22.0);
  }

  @Test
  void aQuotientOfNothingIsZero() {
    assertThat(CONFUSION.recall(2)).isZero();
    assertThat(CONFUSION.precision(3)).isZero();
    assertThat(CONFUSION.f1(4)).isZero();
  }

  @Test
  void aClassWithoutImagesIsNotAmongTheWorst() {
    assertThat(CONFUSION.worstFirst()).containsExactly(3, 0, 1);
    assertThat(CONFUSION.measured()).containsExactly(0, 1, 3);
    assertThat(CONFUSION.seen()).containsExactly(0, 1, 2, 3);
    assertThat(CONFUSION.strays()).isEqualTo(5);
  }

  @Test
  void pairsAreTheMostFrequentFirstAndOfEqualOnesTheFirstClass() {
    assertThat(CONFUSION.pairs(3))
        .containsExactly(new Pair(3, 2, 4), new Pair(1, 0, 3), new Pair(0, 1, 1));
    assertThat(CONFUSION.pairs(9)).hasSize(5);
  }

  @Test
  void ofSomeClassesOnlyThoseNumbersAreLeft() {
    assertThat(CONFUSION.of(CONFUSION.measured()))
        .isDeepEqualTo(new int[][] {{8, 1, 0}, {3, 7, 0}, {1, 0, 0}});
  }
}
