package dev.mlit.model;

import dev.mlit.spec.ModelSpec;
import dev.mlit.spec.ModelSpec.Pooling;
import dev.mlit.weights.Weights.Array;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.function.DoubleBinaryOperator;
import java.util.function.DoubleUnaryOperator;
import java.util.function.Function;
import java.util.function.IntUnaryOperator;
import java.util.stream.IntStream;

/**
 * The model as its formulas are written, in doubles: one token, one head and one expert at a time,
 * nothing fused. What the graph computes is held against it.
 *
 * <p>Matrices are rows of tokens; a path is that of a layer, such as {@code
 * encoder/block_0/attention}.
 */
final class Formulas {
  private static final double EPSILON = 1e-6;

  private final Function<String, Array> variables;
  private double closestChoice = Double.POSITIVE_INFINITY;

  /** The formulas over these variables, found by their names. */
  Formulas(Function<String, Array> variables) {
    this.variables = variables;
  }

  // ---- Layers ----

  double[][] linear(String path, double[][] x) {
    return affine(x, matrix(path + "/kernel"), vector(path + "/bias"));
  }

  double[][] layerNorm(String path, double[][] x) {
    double[] scale = vector(path + "/scale");
    double[] bias = vector(path + "/bias");
    double[][] y = new double[x.length][scale.length];
    for (int row = 0; row < x.length; row++) {
      double mean = mean(x[row]);
      double variance = variance(x[row]);
      for (int i = 0; i < scale.length; i++) {
        y[row][i] = (x[row][i] - mean) / Math.sqrt(variance + EPSILON) * scale[i] + bias[i];
      }
    }
    return y;
  }

  /**
   * Attention among the tokens of one image.
   *
   * @param groupOf the key/value group that a head reads
   */
  double[][] attention(String path, double[][] x, int heads, IntUnaryOperator groupOf) {
    double[][] query = linear(path + "/query", x);
    double[][] key = linear(path + "/key", x);
    double[][] value = linear(path + "/value", x);
    int size = query[0].length / heads;
    double[][] mixed = new double[x.length][query[0].length];
    for (int head = 0; head < heads; head++) {
      int group = groupOf.applyAsInt(head);
      for (int token = 0; token < x.length; token++) {
        double[] scores = new double[x.length];
        for (int other = 0; other < x.length; other++) {
          for (int i = 0; i < size; i++) {
            scores[other] += query[token][head * size + i] * key[other][group * size + i];
          }
          scores[other] /= Math.sqrt(size);
        }
        double[] weights = softmax(scores);
        for (int other = 0; other < x.length; other++) {
          for (int i = 0; i < size; i++) {
            mixed[token][head * size + i] += weights[other] * value[other][group * size + i];
          }
        }
      }
    }
    return linear(path + "/output", mixed);
  }

  /** Grouped query attention among the tokens of one image. */
  double[][] attention(String path, double[][] x, ModelSpec.Attention spec) {
    int headsPerGroup = spec.heads() / spec.groups();
    return attention(path, x, spec.heads(), head -> head / headsPerGroup);
  }

  /** The scores that the gates of a layer come from, without noise. */
  double[][] clean(String moe, double[][] x) {
    return linear(moe + "/gate", x);
  }

  /** The standard deviation of the noise of the gates. */
  double[][] noiseScale(String moe, double[][] x) {
    return map(linear(moe + "/noise", x), value -> Math.log1p(Math.exp(value)));
  }

  double[][] noisy(String moe, double[][] x, double[][] noise) {
    return map2(
        clean(moe, x),
        map2(noise, noiseScale(moe, x), (drawn, scale) -> drawn * scale),
        Double::sum);
  }

  /** The experts of a layer one by one, those that a token does not use left out. */
  double[][] experts(String moe, double[][] x, double[][] gates) {
    double[][] value = linear(moe + "/value", x);
    double[][] y = new double[x.length][x[0].length];
    for (int expert = 0; expert < gates[0].length; expert++) {
      double[][] hidden =
          affine(x, matrix(moe + "/experts/kernel", expert), row(moe + "/experts/bias", expert));
      double[][] silu = map(hidden, a -> a / (1 + Math.exp(-a)));
      double[][] out = linear(moe + "/output", map2(silu, value, (s, v) -> s * v));
      for (int token = 0; token < x.length; token++) {
        for (int i = 0; gates[token][expert] != 0 && i < y[token].length; i++) {
          y[token][i] += gates[token][expert] * out[token][i];
        }
      }
    }
    return y;
  }

  /** A block without gate noise on the tokens of one image. */
  double[][] block(String path, double[][] x, ModelSpec.Attention attention, int top) {
    double[][] attended = attended(path, x, attention);
    double[][] normed = layerNorm(path + "/moe_norm", attended);
    double[][] scores = clean(path + "/moe", normed);
    closestChoice = Math.min(closestChoice, closestChoice(scores, top));
    return map2(attended, experts(path + "/moe", normed, gates(scores, top)), Double::sum);
  }

  /** The first half of a block on the tokens of one image: x + attention(norm(x)). */
  double[][] attended(String path, double[][] x, ModelSpec.Attention attention) {
    double[][] normed = layerNorm(path + "/attention_norm", x);
    return map2(x, attention(path + "/attention", normed, attention), Double::sum);
  }

  /** The tokens of an image, [height, width, channels] in [0, 1], before the first block. */
  double[][] embedding(float[] image, ModelSpec spec) {
    double[][] projected = linear("patch_embedding", patches(image, spec));
    List<double[]> tokens = new ArrayList<>(List.of(vector("class_token")));
    tokens.addAll(List.of(projected));
    double[] position = vector("position_embedding");
    double[][] embedded = new double[tokens.size()][spec.embedding()];
    for (int token = 0; token < embedded.length; token++) {
      for (int i = 0; i < spec.embedding(); i++) {
        embedded[token][i] = tokens.get(token)[i] + position[token * spec.embedding() + i];
      }
    }
    return embedded;
  }

  private static double[][] patches(float[] image, ModelSpec spec) {
    int patch = spec.patch();
    int width = spec.image().width();
    int channels = spec.image().channels();
    List<double[]> patches = new ArrayList<>();
    for (int top = 0; top < spec.image().height(); top += patch) {
      for (int left = 0; left < width; left += patch) {
        double[] values = new double[spec.patchValues()];
        int next = 0;
        for (int row = top; row < top + patch; row++) {
          for (int column = left; column < left + patch; column++) {
            for (int channel = 0; channel < channels; channel++) {
              double pixel = image[(row * width + column) * channels + channel];
              values[next++] =
                  (pixel - perChannel(spec.normalization().mean(), channel))
                      / perChannel(spec.normalization().std(), channel);
            }
          }
        }
        patches.add(values);
      }
    }
    return patches.toArray(double[][]::new);
  }

  private static double perChannel(List<Double> values, int channel) {
    return values.get(values.size() == 1 ? 0 : channel);
  }

  /**
   * What a model says of one image.
   *
   * @param tokens after the final norm
   */
  record Said(double[] logits, double[] probabilities, double[] features, double[][] tokens) {}

  /** A model on one image, [height, width, channels] in [0, 1]. */
  Said model(float[] image, ModelSpec spec) {
    return model(embedding(image, spec), spec);
  }

  /**
   * A model on some tokens of an image.
   *
   * @param embedded the class token and patches of {@link #embedding}
   */
  Said model(double[][] embedded, ModelSpec spec) {
    double[][] x = embedded;
    for (int block = 0; block < spec.layers(); block++) {
      x = block("encoder/block_" + block, x, spec.attention(), spec.routing().top());
    }
    double[][] tokens = layerNorm("encoder/norm", x);
    double[] features = tokens[0];
    if (spec.pooling() == Pooling.MEAN) {
      features = new double[spec.embedding()];
      for (int token = 1; token < tokens.length; token++) {
        for (int i = 0; i < features.length; i++) {
          features[i] += tokens[token][i] / (tokens.length - 1);
        }
      }
    }
    double[] logits = linear("head", new double[][] {features})[0];
    return new Said(logits, softmax(logits), features, tokens);
  }

  // ---- Routing ----

  /** The experts of a token, the highest score first, among equals the lower index. */
  static List<Integer> ranking(double[] scores) {
    return IntStream.range(0, scores.length)
        .boxed()
        .sorted(Comparator.comparingDouble(expert -> -scores[expert]))
        .toList();
  }

  /**
   * The smallest step between a score that is chosen and one that is not. Where it is as small as
   * rounding, the graph may choose otherwise, and there is nothing to compare.
   */
  static double closestChoice(double[][] scores, int top) {
    double closest = Double.POSITIVE_INFINITY;
    for (double[] row : scores) {
      List<Integer> ranking = ranking(row);
      if (top < row.length) {
        closest = Math.min(closest, row[ranking.get(top - 1)] - row[ranking.get(top)]);
      }
    }
    return closest;
  }

  /** The closest choice of all blocks so far. */
  double closestChoice() {
    return closestChoice;
  }

  /** The gates of every token: the softmax of the k highest scores, 0 elsewhere. */
  static double[][] gates(double[][] scores, int top) {
    double[][] gates = new double[scores.length][scores[0].length];
    for (int token = 0; token < scores.length; token++) {
      double[] row = scores[token];
      List<Integer> chosen = ranking(row).subList(0, top);
      double[] shares = softmax(chosen.stream().mapToDouble(expert -> row[expert]).toArray());
      for (int i = 0; i < top; i++) {
        gates[token][chosen.get(i)] = shares[i];
      }
    }
    return gates;
  }

  /** The chance of every expert of every token to be used if its own noise is drawn again. */
  static double[][] chances(double[][] clean, double[][] scale, double[][] noisy, int top) {
    double[][] chances = new double[clean.length][clean[0].length];
    for (int token = 0; token < clean.length; token++) {
      List<Integer> ranking = ranking(noisy[token]);
      for (int expert = 0; expert < chances[token].length; expert++) {
        boolean kept = ranking.indexOf(expert) < top;
        double threshold = noisy[token][ranking.get(kept ? top : top - 1)];
        chances[token][expert] =
            normalDistribution((clean[token][expert] - threshold) / scale[token][expert]);
      }
    }
    return chances;
  }

  /** CV^2 of the sums over the tokens: population variance / mean^2. */
  static double imbalance(double[][] shares) {
    double[] sums = new double[shares[0].length];
    for (double[] token : shares) {
      for (int expert = 0; expert < sums.length; expert++) {
        sums[expert] += token[expert];
      }
    }
    return variance(sums) / Math.pow(mean(sums), 2);
  }

  /** Phi, by Simpson's rule. */
  static double normalDistribution(double z) {
    int steps = 2000;
    double width = z / steps;
    double sum = 0;
    for (int i = 0; i < steps; i++) {
      double left = i * width;
      sum += (density(left) + 4 * density(left + width / 2) + density(left + width)) * width / 6;
    }
    return 0.5 + sum;
  }

  private static double density(double z) {
    return Math.exp(-z * z / 2) / Math.sqrt(2 * Math.PI);
  }

  // ---- Numbers ----

  static double[] softmax(double[] scores) {
    double most = Double.NEGATIVE_INFINITY;
    for (double score : scores) {
      most = Math.max(most, score);
    }
    double[] shares = new double[scores.length];
    double sum = 0;
    for (int i = 0; i < scores.length; i++) {
      shares[i] = Math.exp(scores[i] - most);
      sum += shares[i];
    }
    for (int i = 0; i < scores.length; i++) {
      shares[i] /= sum;
    }
    return shares;
  }

  static double[][] rows(float[] values, int width) {
    double[][] rows = new double[values.length / width][width];
    for (int i = 0; i < values.length; i++) {
      rows[i / width][i % width] = values[i];
    }
    return rows;
  }

  private static double mean(double[] values) {
    double sum = 0;
    for (double value : values) {
      sum += value;
    }
    return sum / values.length;
  }

  private static double variance(double[] values) {
    double mean = mean(values);
    double sum = 0;
    for (double value : values) {
      sum += (value - mean) * (value - mean);
    }
    return sum / values.length;
  }

  private static double[][] affine(double[][] x, double[][] kernel, double[] bias) {
    double[][] y = new double[x.length][bias.length];
    for (int row = 0; row < x.length; row++) {
      for (int out = 0; out < bias.length; out++) {
        y[row][out] = bias[out];
        for (int in = 0; in < kernel.length; in++) {
          y[row][out] += x[row][in] * kernel[in][out];
        }
      }
    }
    return y;
  }

  static double[][] map(double[][] a, DoubleUnaryOperator f) {
    return map2(a, a, (value, same) -> f.applyAsDouble(value));
  }

  static double[][] map2(double[][] a, double[][] b, DoubleBinaryOperator f) {
    double[][] result = new double[a.length][a[0].length];
    for (int row = 0; row < a.length; row++) {
      for (int i = 0; i < a[row].length; i++) {
        result[row][i] = f.applyAsDouble(a[row][i], b[row][i]);
      }
    }
    return result;
  }

  // ---- Variables ----

  private double[] vector(String name) {
    float[] values = variables.apply(name).values();
    return rows(values, values.length)[0];
  }

  private double[][] matrix(String name) {
    Array array = variables.apply(name);
    return rows(array.values(), array.shape().get(1).intValue());
  }

  /** One matrix of a stack. */
  private double[][] matrix(String name, int index) {
    Array array = variables.apply(name);
    int rows = array.shape().get(1).intValue();
    double[][] all = rows(array.values(), array.shape().get(2).intValue());
    return Arrays.copyOfRange(all, index * rows, (index + 1) * rows);
  }

  private double[] row(String name, int index) {
    return matrix(name)[index];
  }
}
