package dev.mlit.train.probe;

/** A symmetric positive definite matrix as the product of a lower triangle and its transpose. */
final class Cholesky {
  private final double[][] lower;

  private Cholesky(double[][] lower) {
    this.lower = lower;
  }

  /**
   * Decomposes a matrix.
   *
   * @param matrix of which only the lower triangle is read
   * @throws IllegalArgumentException if it is not positive definite
   */
  static Cholesky of(double[][] matrix) {
    int size = matrix.length;
    double[][] lower = new double[size][size];
    for (int i = 0; i < size; i++) {
      for (int j = 0; j <= i; j++) {
        double rest = matrix[i][j];
        for (int k = 0; k < j; k++) {
          rest -= lower[i][k] * lower[j][k];
        }
        if (i == j && !(rest > 0)) {
          throw new IllegalArgumentException("not positive definite in row " + i);
        }
        lower[i][j] = i == j ? Math.sqrt(rest) : rest / lower[j][j];
      }
    }
    return new Cholesky(lower);
  }

  /** Replaces a part of a vector, from an index on, by the inverse matrix times it. */
  void solve(double[] vector, int first) {
    int size = lower.length;
    for (int i = 0; i < size; i++) {
      double rest = vector[first + i];
      for (int k = 0; k < i; k++) {
        rest -= lower[i][k] * vector[first + k];
      }
      vector[first + i] = rest / lower[i][i];
    }
    for (int i = size - 1; i >= 0; i--) {
      double solved = vector[first + i] / lower[i][i];
      vector[first + i] = solved;
      for (int k = 0; k < i; k++) {
        vector[first + k] -= lower[i][k] * solved;
      }
    }
  }
}
