package dev.mlit.study;

/**
 * The two directions in which points differ most (principal component analysis), by orthogonal
 * iteration (Golub and Van Loan 2013, section 8.2.4).
 */
final class PrincipalComponents {
  private static final int ROUNDS = 200;

  private PrincipalComponents() {}

  /**
   * The coordinates of points along the first two principal components.
   *
   * @param points [points][dimensions], at least one
   * @return [points][2]
   */
  static double[][] project(float[][] points) {
    int width = points[0].length;
    double[] mean = new double[width];
    for (float[] point : points) {
      for (int i = 0; i < width; i++) {
        mean[i] += point[i] / (double) points.length;
      }
    }
    double[] first = new double[width];
    double[] second = new double[width];
    for (int i = 0; i < width; i++) {
      // Any start will do that is not orthogonal to what is looked for.
      first[i] = Math.sin(i + 1);
      second[i] = Math.cos(2 * i + 1);
    }
    for (int round = 0; round < ROUNDS; round++) {
      first = normal(covariance(points, mean, first));
      second = covariance(points, mean, second);
      double along = dot(first, second);
      for (int i = 0; i < width; i++) {
        second[i] -= along * first[i];
      }
      second = normal(second);
    }
    double[][] coordinates = new double[points.length][2];
    for (int p = 0; p < points.length; p++) {
      for (int i = 0; i < width; i++) {
        coordinates[p][0] += (points[p][i] - mean[i]) * first[i];
        coordinates[p][1] += (points[p][i] - mean[i]) * second[i];
      }
    }
    return coordinates;
  }

  /** The covariance of the points times a vector. */
  private static double[] covariance(float[][] points, double[] mean, double[] vector) {
    double[] product = new double[vector.length];
    for (float[] point : points) {
      double along = 0;
      for (int i = 0; i < vector.length; i++) {
        along += (point[i] - mean[i]) * vector[i];
      }
      for (int i = 0; i < vector.length; i++) {
        product[i] += along * (point[i] - mean[i]) / points.length;
      }
    }
    return product;
  }

  private static double dot(double[] a, double[] b) {
    double sum = 0;
    for (int i = 0; i < a.length; i++) {
      sum += a[i] * b[i];
    }
    return sum;
  }

  /** Of length 1; zeros stay zeros. */
  private static double[] normal(double[] vector) {
    double length = Math.sqrt(dot(vector, vector));
    double[] normal = new double[vector.length];
    for (int i = 0; length > 0 && i < vector.length; i++) {
      normal[i] = vector[i] / length;
    }
    return normal;
  }
}
