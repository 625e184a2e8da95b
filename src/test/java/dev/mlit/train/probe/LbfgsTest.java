package dev.mlit.train.probe;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.Arrays;
import org.junit.jupiter.api.Test;

/**
 * If this fails, a linear probe stops before it is done, and says that features are worse than they
 * are.
 */
class LbfgsTest {
  /** Rosenbrock's function in four variables, whose only minimum is 0 at (1, 1, 1, 1). */
  private static double rosenbrock(double[] x, double[] gradient) {
    double sum = 0;
    Arrays.fill(gradient, 0);
    for (int i = 0; i < x.length; i += 2) {
      double a = 1 - x[i];
      double b = x[i + 1] - x[i] * x[i];
      sum += a * a + 100 * b * b;
      gradient[i] += -2 * a - 400 * b * x[i];
      gradient[i + 1] += 200 * b;
    }
    return sum;
  }

  @Test
  void findsTheMinimumOfACurvedValley() {
    Lbfgs.Minimum found =
        Lbfgs.minimize(LbfgsTest::rosenbrock, new double[] {-1.2, 1, 2, -3}, 1e-9, 500);
    assertThat(found.gradient()).isLessThanOrEqualTo(1e-9);
    assertThat(found.x()).containsExactly(new double[] {1, 1, 1, 1}, within(1e-8));
    // SciPy 1.17 takes 59 iterations for it.
    assertThat(found.iterations()).isBetween(10, 100);
  }

  @Test
  void findsTheMinimumOfAQuadraticFunctionOfVeryDifferentScales() {
    double[] scales = {1e-3, 1, 1e3, 1e5};
    Lbfgs.Minimum found =
        Lbfgs.minimize(
            (x, gradient) -> {
              double sum = 0;
              for (int i = 0; i < x.length; i++) {
                gradient[i] = scales[i] * (x[i] - i);
                sum += gradient[i] * (x[i] - i) / 2;
              }
              return sum;
            },
            new double[] {5, 5, 5, 5},
            1e-10,
            500);
    assertThat(found.x()).containsExactly(new double[] {0, 1, 2, 3}, within(1e-6));
  }

  /** The Hessian is diagonal: what knows it needs one step, what does not needs many. */
  @Test
  void aGoodPreconditionerSavesSteps() {
    double[] scales = {1e-3, 1, 1e3, 1e5};
    double[] start = {5, 5, 5, 5};
    Lbfgs.Objective plain =
        (x, gradient) -> {
          double sum = 0;
          for (int i = 0; i < x.length; i++) {
            gradient[i] = scales[i] * (x[i] - i);
            sum += gradient[i] * (x[i] - i) / 2;
          }
          return sum;
        };
    Lbfgs.Objective preconditioned =
        new Lbfgs.Objective() {
          @Override
          public double at(double[] x, double[] gradient) {
            return plain.at(x, gradient);
          }

          @Override
          public void precondition(double[] vector) {
            for (int i = 0; i < vector.length; i++) {
              vector[i] /= scales[i];
            }
          }
        };
    int steps = Lbfgs.minimize(plain, start, 1e-10, 500).iterations();
    Lbfgs.Minimum found = Lbfgs.minimize(preconditioned, start, 1e-10, 500);
    assertThat(found.x()).containsExactly(new double[] {0, 1, 2, 3}, within(1e-9));
    assertThat(found.iterations()).isLessThan(5).isLessThan(steps);
  }

  @Test
  void takesNoStepFromAMinimum() {
    Lbfgs.Minimum found =
        Lbfgs.minimize(LbfgsTest::rosenbrock, new double[] {1, 1, 1, 1}, 1e-9, 500);
    assertThat(found.iterations()).isZero();
    assertThat(found.value()).isZero();
  }

  @Test
  void endsAfterTheMostIterations() {
    Lbfgs.Minimum found =
        Lbfgs.minimize(LbfgsTest::rosenbrock, new double[] {-1.2, 1, 2, -3}, 0, 7);
    assertThat(found.iterations()).isEqualTo(7);
  }

  @Test
  void endsWhereNothingIsAnyLowerOrNoNumber() {
    assertThat(Lbfgs.minimize(LbfgsTest::rosenbrock, new double[] {-1.2, 1}, 0, 100_000))
        .satisfies(
            found -> assertThat(found.x()).containsExactly(new double[] {1, 1}, within(1e-7)))
        .satisfies(found -> assertThat(found.iterations()).isLessThan(1000));
    Lbfgs.Minimum nowhere =
        Lbfgs.minimize(
            (x, gradient) -> {
              gradient[0] = 1;
              return Double.NaN;
            },
            new double[] {0},
            1e-9,
            100);
    assertThat(nowhere.iterations()).isZero();
  }
}
