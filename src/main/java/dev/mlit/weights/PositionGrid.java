package dev.mlit.weights;

import dev.mlit.spec.ModelSpec;
import java.util.List;

/**
 * Position embeddings for another grid of patches: that of the class token stays, the others are
 * interpolated.
 *
 * <p>Bicubic with antialiasing and without aligned corners, as timm's {@code
 * resample_abs_pos_embed} does by PyTorch's {@code interpolate}: Keys' kernel (1981) with a = -1/2,
 * as wide as an old patch where there are more of them now, and as a new one where there are fewer.
 *
 * @param rows patches from top to bottom
 * @param columns patches from left to right
 * @since 0.1.0
 */
public record PositionGrid(int rows, int columns) {
  private static final double A = -0.5;
  private static final double REACH = 2;

  public static PositionGrid of(ModelSpec model) {
    return new PositionGrid(
        model.image().height() / model.patch(), model.image().width() / model.patch());
  }

  private int tokens() {
    return rows * columns + 1;
  }

  /**
   * Interpolates.
   *
   * @param embedding [1, 1 + rows * columns of this grid, width]
   * @return [1, 1 + rows * columns of the other grid, width]
   */
  public Weights.Array to(PositionGrid other, Weights.Array embedding) {
    int width = Math.toIntExact(embedding.shape().get(2));
    float[] from = embedding.values();
    double[][] down = weights(rows, other.rows);
    double[][] across = weights(columns, other.columns);
    float[] to = new float[other.tokens() * width];
    System.arraycopy(from, 0, to, 0, width);
    double[] line = new double[rows * other.columns * width];
    for (int row = 0; row < rows; row++) {
      for (int column = 0; column < other.columns; column++) {
        for (int old = 0; old < columns; old++) {
          double weight = across[column][old];
          for (int i = 0; weight != 0 && i < width; i++) {
            line[(row * other.columns + column) * width + i] +=
                weight * from[(1 + row * columns + old) * width + i];
          }
        }
      }
    }
    int lineWidth = other.columns * width;
    for (int row = 0; row < other.rows; row++) {
      for (int i = 0; i < lineWidth; i++) {
        double sum = 0;
        for (int old = 0; old < rows; old++) {
          sum += down[row][old] * line[old * lineWidth + i];
        }
        to[width + row * lineWidth + i] = (float) sum;
      }
    }
    return new Weights.Array(List.of(1L, (long) other.tokens(), (long) width), to);
  }

  /** For every new place along an axis the weights of the old ones, which sum to 1. */
  private static double[][] weights(int from, int to) {
    double scale = from / (double) to;
    double stretch = Math.max(1, scale);
    double[][] weights = new double[to][from];
    for (int i = 0; i < to; i++) {
      double middle = (i + 0.5) * scale;
      double sum = 0;
      for (int j = 0; j < from; j++) {
        weights[i][j] = kernel((j + 0.5 - middle) / stretch);
        sum += weights[i][j];
      }
      for (int j = 0; j < from; j++) {
        weights[i][j] /= sum;
      }
    }
    return weights;
  }

  private static double kernel(double x) {
    double t = Math.abs(x);
    if (t < 1) {
      return ((A + 2) * t - (A + 3)) * t * t + 1;
    }
    return t < REACH ? A * (((t - 5) * t + 8) * t - 4) : 0;
  }

  @Override
  public String toString() {
    return rows + "x" + columns;
  }
}
