package dev.mlit.study;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.Random;
import org.junit.jupiter.api.Test;

/** If this fails, the map of the features shows something else than where they differ most. */
class PrincipalComponentsTest {
  /** Deviations of 5, 2 and 0.1 along known orthogonal directions, somewhere in space. */
  @Test
  void findsTheTwoDirectionsInWhichPointsDifferMost() {
    double[][] axes = {{0.6, 0.8, 0, 0}, {0, 0, 1, 0}, {-0.8, 0.6, 0, 0}};
    double[] spread = {5, 2, 0.1};
    Random random = new Random(1);
    float[][] points = new float[2000][4];
    double[][] along = new double[points.length][3];
    for (int p = 0; p < points.length; p++) {
      for (int axis = 0; axis < 3; axis++) {
        along[p][axis] = spread[axis] * random.nextGaussian();
        for (int i = 0; i < 4; i++) {
          points[p][i] += (float) (along[p][axis] * axes[axis][i] + (axis == 0 ? 7 : 0));
        }
      }
    }
    double[][] found = PrincipalComponents.project(points);
    assertThat(Math.abs(correlation(found, along, 0))).isCloseTo(1, within(1e-3));
    assertThat(Math.abs(correlation(found, along, 1))).isCloseTo(1, within(1e-3));
  }

  private static double correlation(double[][] a, double[][] b, int axis) {
    double meanA = 0;
    double meanB = 0;
    for (int i = 0; i < a.length; i++) {
      meanA += a[i][axis] / a.length;
      meanB += b[i][axis] / b.length;
    }
    double ab = 0;
    double aa = 0;
    double bb = 0;
    for (int i = 0; i < a.length; i++) {
      ab += (a[i][axis] - meanA) * (b[i][axis] - meanB);
      aa += Math.pow(a[i][axis] - meanA, 2);
      bb += Math.pow(b[i][axis] - meanB, 2);
    }
    return ab / Math.sqrt(aa * bb);
  }

  @Test
  void equalPointsAreAllInTheMiddle() {
    float[][] points = {{1, 2}, {1, 2}, {1, 2}};
    for (double[] place : PrincipalComponents.project(points)) {
      assertThat(place).containsExactly(0, 0);
    }
  }
}
