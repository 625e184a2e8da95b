package dev.mlit.serve;

/** Probabilities of logits. */
final class Softmax {
  private Softmax() {}

  /** The softmax of every row of {@code width} values. */
  static float[] of(float[] logits, int width) {
    float[] probabilities = new float[logits.length];
    double[] powers = new double[width];
    for (int row = 0; row < logits.length; row += width) {
      float largest = Float.NEGATIVE_INFINITY;
      for (int i = row; i < row + width; i++) {
        largest = Math.max(largest, logits[i]);
      }
      double sum = 0;
      for (int i = 0; i < width; i++) {
        powers[i] = Math.exp((double) logits[row + i] - largest);
        sum += powers[i];
      }
      for (int i = 0; i < width; i++) {
        probabilities[row + i] = (float) (powers[i] / sum);
      }
    }
    return probabilities;
  }
}
