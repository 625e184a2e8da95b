package dev.mlit.train.probe;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.within;

import org.junit.jupiter.api.Test;

/** If this fails, a linear probe takes ten times as long, or ends before it is done. */
class CholeskyTest {
  @Test
  void solvesAPartOfAVector() {
    // (4, 2, 1; 2, 5, 3; 1, 3, 6) * (1, -2, 3) = (3, 1, 13)
    Cholesky matrix = Cholesky.of(new double[][] {{4, 0, 0}, {2, 5, 0}, {1, 3, 6}});
    double[] vector = {7, 3, 1, 13, 8};
    matrix.solve(vector, 1);
    assertThat(vector).containsExactly(new double[] {7, 1, -2, 3, 8}, within(1e-12));
  }

  @Test
  void refusesWhatIsNotPositiveDefinite() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> Cholesky.of(new double[][] {{1, 0}, {2, 4}}))
        .withMessage("not positive definite in row 1");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> Cholesky.of(new double[][] {{Double.NaN}}));
  }
}
