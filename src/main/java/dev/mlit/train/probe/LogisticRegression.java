package dev.mlit.train.probe;

import dev.mlit.train.step.Features;

/**
 * Multinomial logistic regression on standardised features: the linear probe.
 *
 * <p>Every feature is shifted and scaled to mean 0 and standard deviation 1 over the images given
 * (one that is the same in all of them is only shifted). Then the sum of the images'
 * cross-entropies and of l2 / 2 times the squares of the kernel, not of the bias, is made as small
 * as can be, which has one solution. It is what scikit-learn's {@code
 * make_pipeline(StandardScaler(), LogisticRegression(C=1 / l2))} solves. The result is for features
 * as they are: the shift and the scale are part of its kernel and bias.
 */
final class LogisticRegression implements Lbfgs.Objective {
  /** The largest entry of the mean objective's gradient at the end; scikit-learn stops at 1e-4. */
  private static final double TOLERANCE = 1e-6;

  private static final int MOST_ITERATIONS = 1000;

  /** A deviation of less than this share of the mean is rounding. */
  private static final double CONSTANT = 1e-6;

  private static final double SMALLEST_CURVATURE = 1e-9;

  private final int width;
  private final int classes;
  private final int[] labels;
  private final float[] rows;
  private final double l2;
  private final Cholesky curvature;
  private int hits;
  private double entropy;

  /**
   * A head for features.
   *
   * @param kernel [width, classes]
   * @param bias [classes]
   * @param loss mean cross-entropy of the images
   * @param hits images that it classifies correctly
   * @param gradient the largest entry of the mean objective's gradient
   * @param iterations of L-BFGS
   */
  record Head(
      float[] kernel, float[] bias, double loss, int hits, double gradient, int iterations) {}

  private LogisticRegression(Features features, float[] rows, int classes, double l2) {
    this.width = features.width();
    this.classes = classes;
    this.labels = features.labels();
    this.rows = rows;
    this.l2 = l2;
    this.curvature = curvature();
  }

  /**
   * Solves it.
   *
   * @param classes at least as many as there are in the features
   * @param l2 the weight of the penalty, at least 0; without any the solution may lie at infinity,
   *     and the search ends before
   */
  static Head fit(Features features, int classes, double l2) {
    int width = features.width();
    double[] mean = new double[width];
    double[] deviation = new double[width];
    float[] rows = standardised(features, mean, deviation);
    LogisticRegression problem = new LogisticRegression(features, rows, classes, l2);
    double[] start = new double[(width + 1) * classes];
    Lbfgs.Minimum found = Lbfgs.minimize(problem, start, TOLERANCE, MOST_ITERATIONS);
    problem.at(found.x(), new double[start.length]);

    float[] kernel = new float[width * classes];
    float[] bias = new float[classes];
    for (int c = 0; c < classes; c++) {
      double shift = found.x()[width * classes + c];
      for (int j = 0; j < width; j++) {
        double weight = found.x()[c * width + j] / deviation[j];
        kernel[j * classes + c] = (float) weight;
        shift -= mean[j] * weight;
      }
      bias[c] = (float) shift;
    }
    return new Head(
        kernel, bias, problem.entropy, problem.hits, found.gradient(), found.iterations());
  }

  private static float[] standardised(Features features, double[] mean, double[] deviation) {
    int width = features.width();
    int images = features.size();
    float[] values = features.values();
    for (int i = 0; i < values.length; i++) {
      mean[i % width] += values[i];
    }
    for (int j = 0; j < width; j++) {
      mean[j] /= images;
    }
    for (int i = 0; i < values.length; i++) {
      double distance = values[i] - mean[i % width];
      deviation[i % width] += distance * distance;
    }
    for (int j = 0; j < width; j++) {
      double spread = Math.sqrt(deviation[j] / images);
      deviation[j] = spread > CONSTANT * Math.abs(mean[j]) ? spread : 1;
    }
    float[] rows = new float[values.length];
    for (int i = 0; i < values.length; i++) {
      rows[i] = (float) ((values[i] - mean[i % width]) / deviation[i % width]);
    }
    return rows;
  }

  /**
   * The mean objective and its gradient.
   *
   * @param x the kernel, transposed [classes, width], then the bias
   */
  @Override
  public double at(double[] x, double[] gradient) {
    int weights = width * classes;
    double penalty = 0;
    for (int i = 0; i < weights; i++) {
      penalty += x[i] * x[i];
      gradient[i] = l2 * x[i];
    }
    for (int c = 0; c < classes; c++) {
      gradient[weights + c] = 0;
    }
    double[] logits = new double[classes];
    double[] row = new double[width];
    hits = 0;
    double sum = 0;
    for (int image = 0; image < labels.length; image++) {
      for (int j = 0; j < width; j++) {
        row[j] = rows[image * width + j];
      }
      for (int c = 0; c < classes; c++) {
        logits[c] = x[weights + c] + dot(row, x, c * width);
      }
      sum += entropy(logits, labels[image]);
      for (int c = 0; c < classes; c++) {
        double error = logits[c];
        gradient[weights + c] += error;
        addRow(gradient, c * width, error, row);
      }
    }
    entropy = sum / labels.length;
    for (int i = 0; i < gradient.length; i++) {
      gradient[i] /= labels.length;
    }
    return (sum + l2 / 2 * penalty) / labels.length;
  }

  /** The cross-entropy, and its gradient in the place of the logits; counts hits. */
  private double entropy(double[] logits, int label) {
    int largest = 0;
    for (int c = 1; c < classes; c++) {
      if (logits[c] > logits[largest]) {
        largest = c;
      }
    }
    double top = logits[largest];
    double ofLabel = logits[label];
    double sum = 0;
    for (int c = 0; c < classes; c++) {
      // Not Math.exp, whose last bit may be another one on another machine.
      logits[c] = StrictMath.exp(logits[c] - top);
      sum += logits[c];
    }
    for (int c = 0; c < classes; c++) {
      logits[c] /= sum;
    }
    logits[label] -= 1;
    if (largest == label) {
      hits++;
    }
    return StrictMath.log(sum) + top - ofLabel;
  }

  /**
   * A row times a column of the kernel; in four sums, so that they need not wait for each other.
   */
  private static double dot(double[] row, double[] x, int column) {
    double a = 0;
    double b = 0;
    double c = 0;
    double d = 0;
    int j = 0;
    for (; j + 3 < row.length; j += 4) {
      a += row[j] * x[column + j];
      b += row[j + 1] * x[column + j + 1];
      c += row[j + 2] * x[column + j + 2];
      d += row[j + 3] * x[column + j + 3];
    }
    for (; j < row.length; j++) {
      a += row[j] * x[column + j];
    }
    return (a + b) + (c + d);
  }

  private static void addRow(double[] to, int at, double factor, double[] row) {
    for (int j = 0; j < row.length; j++) {
      to[at + j] += factor * row[j];
    }
  }

  /**
   * By the bound of Böhning (1992): for every class, the Hessian of the mean cross-entropy is at
   * most half of the features' covariance, and of the bias, which standardised features are
   * uncorrelated with, a half.
   */
  @Override
  public void precondition(double[] vector) {
    for (int c = 0; c < classes; c++) {
      curvature.solve(vector, c * width);
      vector[classes * width + c] *= 2;
    }
  }

  private Cholesky curvature() {
    double[][] matrix = new double[width][width];
    double[] row = new double[width];
    for (int image = 0; image < labels.length; image++) {
      for (int j = 0; j < width; j++) {
        row[j] = rows[image * width + j];
      }
      for (int j = 0; j < width; j++) {
        for (int k = 0; k <= j; k++) {
          matrix[j][k] += row[j] * row[k];
        }
      }
    }
    for (int j = 0; j < width; j++) {
      for (int k = 0; k <= j; k++) {
        matrix[j][k] /= 2.0 * labels.length;
      }
      // Without a penalty, a feature that is 0 in all images has no curvature.
      matrix[j][j] += l2 / labels.length + SMALLEST_CURVATURE;
    }
    return Cholesky.of(matrix);
  }
}
