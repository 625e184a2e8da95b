package dev.mlit.model;

import dev.mlit.spec.ModelSpec;
import dev.mlit.tensorflow.CompileOptions;
import dev.mlit.tensorflow.FloatOps;
import dev.mlit.weights.Layer;
import java.util.ArrayList;
import java.util.List;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;
import org.tensorflow.Operand;
import org.tensorflow.Output;
import org.tensorflow.types.TFloat32;
import org.tensorflow.types.TInt32;

/**
 * Grouped query attention (Ainslie et al. 2023): H query heads read G groups of keys and values,
 * head h group h / (H/G).
 *
 * <p>The H/G heads of a group stand below each other as rows of one matrix, so every group is one
 * matrix product and no key or value is repeated. Heads are narrow, and a product is fast when its
 * result is wide: a result as narrow as a head is computed on its side, [size, tokens].
 *
 * <p>The attention weights of a batch are by far the largest tensor, and every operation on them
 * waits for memory. So a large batch is taken in parts of a few images, one after the other.
 */
final class Attention {
  /**
   * Attention weights of a part: 2 MiB. Smaller parts are as fast, but cost operations, which a
   * user waits for at the start.
   */
  private static final long CACHED_VALUES = 1 << 19;

  private final FloatOps calc;
  private final int width;
  private final int groups;
  private final int headsPerGroup;
  private final int headWidth;
  private final Projections all;
  private final Projections queries;
  private final Projections keysAndValues;
  private final Linear output;

  /**
   * Makes the variables.
   *
   * @param norm of whose normal rows the input is; null if it is read as it is
   */
  Attention(Layer layer, int width, ModelSpec.Attention spec, @Nullable LayerNorm norm) {
    this.calc = layer.calc();
    this.width = width;
    this.groups = spec.groups();
    this.headsPerGroup = spec.heads() / spec.groups();
    this.headWidth = width / spec.heads();
    // The scale of the scores is in the query's weights.
    Projections.Part query =
        new Linear(layer.child("query"), width, width).scaled(1 / Math.sqrt(headWidth));
    Linear key = new Linear(layer.child("key"), width, groupsWidth());
    Linear value = new Linear(layer.child("value"), width, groupsWidth());
    this.all = new Projections(calc, norm, List.of(query, key, value));
    this.queries = new Projections(calc, norm, List.of(query));
    this.keysAndValues = new Projections(calc, norm, List.of(key, value));
    this.output = new Linear(layer.child("output"), width, width);
  }

  private int groupsWidth() {
    return groups * headWidth;
  }

  /**
   * What attention computed, and what its backward pass starts from.
   *
   * @param value [batch * tokens, width]
   * @param again computes {@code value} again, once the tensor is there that it is given
   */
  record Attended(
      Operand<TFloat32> value,
      UnaryOperator<Operand<TFloat32>> again,
      Recomputed.Backward backward) {}

  /**
   * Attention among the tokens of every image.
   *
   * @param x [batch * tokens, width]
   */
  Attended apply(Operand<TFloat32> x, int tokens) {
    Lanes lanes = Lanes.ofRows(calc, x, tokens, parts(tokens));
    List<Part> parts = parts(all.apply(x), lanes, tokens);
    Operand<TFloat32> mixed = mixed(parts, lanes, tokens);
    boolean keeps = calc.options().keeps();
    return new Attended(
        output.apply(mixed).value(),
        dy -> output.apply(calc.later(mixed, dy)).value(),
        (input, dy, gradients) -> {
          Operand<TFloat32> dmixed = output.backward(mixed, dy, gradients);
          List<Part> again = keeps ? parts : parts(all.apply(input), lanes, tokens);
          return all.backward(input, backward(again, mixed, dmixed, lanes, tokens), gradients);
        });
  }

  /** Some of the images: their heads, and their attention weights. */
  private record Part(Heads heads, Operand<TFloat32> weights) {}

  /** From the outputs of query, key and value side by side, [rows, all]. */
  private List<Part> parts(Operand<TFloat32> projected, Lanes lanes, int tokens) {
    Heads heads = heads(projected, tokens);
    List<Operand<TFloat32>> qs = lanes.split(heads.q, 1);
    List<Operand<TFloat32>> ks = lanes.split(heads.k, 1);
    List<Operand<TFloat32>> vs = lanes.split(heads.v, 1);
    List<Part> parts = new ArrayList<>();
    for (int part = 0; part < lanes.count(); part++) {
      Heads ofPart = new Heads(qs.get(part), ks.get(part), vs.get(part));
      parts.add(new Part(ofPart, weights(ofPart.q, ofPart.k)));
    }
    return parts;
  }

  /** The values that every head of a token sees, weighted: [batch * tokens, width]. */
  private Operand<TFloat32> mixed(List<Part> parts, Lanes lanes, int tokens) {
    List<Operand<TFloat32>> mixed = new ArrayList<>();
    for (Part part : parts) {
      mixed.add(calc.batchMatMul(part.heads.v, false, part.weights, true));
    }
    return mergeHeads(lanes.join(mixed), tokens);
  }

  /**
   * From the gradient at the mixed values to that at the outputs of query, key and value, [rows,
   * all].
   */
  private Operand<TFloat32> backward(
      List<Part> parts,
      Operand<TFloat32> mixed,
      Operand<TFloat32> dmixed,
      Lanes lanes,
      int tokens) {
    Operand<TFloat32> dheads = splitHeads(dmixed, tokens);
    Operand<TFloat32> sums = rowSums(calc.mul(dmixed, mixed), tokens);
    List<Operand<TFloat32>> dheadsOfParts = lanes.split(dheads, 1);
    List<Operand<TFloat32>> withSums = lanes.split(calc.concat(3, List.of(dheads, sums)), 1);
    List<Operand<TFloat32>> dqs = new ArrayList<>();
    List<Operand<TFloat32>> dks = new ArrayList<>();
    List<Operand<TFloat32>> dvs = new ArrayList<>();
    for (int i = 0; i < parts.size(); i++) {
      Heads heads = parts.get(i).heads;
      Operand<TFloat32> weights = parts.get(i).weights;
      Operand<TFloat32> dscores = calc.mul(weights, centered(withSums.get(i), heads.v));
      dqs.add(calc.batchMatMul(heads.k, false, dscores, true));
      dks.add(calc.batchMatMul(heads.q, true, dscores, false));
      dvs.add(calc.batchMatMul(dheadsOfParts.get(i), true, weights, false));
    }
    return calc.concat(
        1,
        List.of(
            mergeHeads(lanes.join(dqs), tokens),
            mergeGroups(lanes.join(dks)),
            mergeGroups(lanes.join(dvs))));
  }

  /** How many images have attention weights that stay in the cache together, at least 1. */
  static int imagesOfAPart(int heads, int tokens) {
    return (int) Math.max(1, CACHED_VALUES / ((long) heads * tokens * tokens));
  }

  /** One on a GPU, which has its own way to share work. */
  private int parts(int tokens) {
    int ofAPart = imagesOfAPart(groups * headsPerGroup, tokens);
    CompileOptions options = calc.options();
    int parts = (options.expectedImages() + ofAPart - 1) / ofAPart;
    return parts <= 1 || options.gpu() ? 1 : parts;
  }

  /** The heads' queries, [batch, groups, heads * tokens, size], and the groups' keys and values. */
  private record Heads(Operand<TFloat32> q, Operand<TFloat32> k, Operand<TFloat32> v) {}

  /** The attention weights: by far the largest tensor of a block. */
  private Operand<TFloat32> weights(Operand<TFloat32> q, Operand<TFloat32> k) {
    return calc.softmax(calc.batchMatMul(q, false, k, false));
  }

  /** From the outputs of query, key and value side by side, [rows, all]. */
  private Heads heads(Operand<TFloat32> projected, int tokens) {
    List<Output<TFloat32>> parts = all.split(projected);
    return new Heads(
        splitHeads(parts.get(0), tokens),
        splitGroups(parts.get(1), tokens),
        splitGroups(parts.get(2), tokens));
  }

  /**
   * The attention of the first token of every image only, which is all that a classifier reads of
   * its last block; for inference.
   *
   * @param xs what {@link TokenLanes#split} gave of [batch * tokens, width]
   * @param first the first tokens among them, [batch, width]
   * @return [batch, width]
   */
  Operand<TFloat32> applyToFirst(
      List<Operand<TFloat32>> xs, Operand<TFloat32> first, TokenLanes lanes) {
    Operand<TFloat32> q = splitHeads(queries.apply(first), 1);
    List<Operand<TFloat32>> ks = new ArrayList<>();
    List<Operand<TFloat32>> vs = new ArrayList<>();
    for (int lane = 0; lane < xs.size(); lane++) {
      List<Output<TFloat32>> parts = keysAndValues.split(keysAndValues.apply(xs.get(lane)));
      ks.add(splitGroups(parts.get(0), lanes.tokens(lane)));
      vs.add(splitGroups(parts.get(1), lanes.tokens(lane)));
    }
    Operand<TFloat32> v = calc.concat(3, vs);
    Operand<TFloat32> weights = weights(q, calc.concat(3, ks));
    return output.apply(mergeHeads(calc.batchMatMul(v, false, weights, true), 1)).value();
  }

  /**
   * Attention among the tokens of every image, in lanes of tokens; for inference.
   *
   * @param xs what {@link TokenLanes#split} gave
   * @return the same tokens
   */
  List<Operand<TFloat32>> apply(List<Operand<TFloat32>> xs, TokenLanes lanes) {
    List<Heads> parts = new ArrayList<>();
    for (int lane = 0; lane < xs.size(); lane++) {
      parts.add(heads(all.apply(xs.get(lane)), lanes.tokens(lane)));
    }
    Operand<TFloat32> k = calc.concat(3, parts.stream().map(Heads::k).toList());
    Operand<TFloat32> v = calc.concat(3, parts.stream().map(Heads::v).toList());
    List<Operand<TFloat32>> values = new ArrayList<>();
    for (int lane = 0; lane < xs.size(); lane++) {
      Operand<TFloat32> weights = weights(parts.get(lane).q, k);
      Operand<TFloat32> mixed =
          mergeHeads(calc.batchMatMul(v, false, weights, true), lanes.tokens(lane));
      values.add(output.apply(mixed).value());
    }
    return values;
  }

  /**
   * The gradient at the softmax's weights, dheads vT, less its own mean under the weights: what the
   * softmax's backward pass multiplies the weights with.
   *
   * <p>That mean is the sum of dmixed * mixed over the width of a head (Dao et al. 2022, equation
   * 4), which is much less to add up. As one more column of dheads against a row of -1 in v it is
   * taken off within the product.
   *
   * @param withSums dheads with those sums, [batch, groups, heads * tokens, size + 1]
   */
  private Operand<TFloat32> centered(Operand<TFloat32> withSums, Operand<TFloat32> v) {
    Operand<TInt32> below = calc.tf().constant(new int[][] {{0, 0}, {0, 0}, {0, 1}, {0, 0}});
    return calc.batchMatMul(withSums, false, calc.tf().pad(v, below, calc.constant(-1)), false);
  }

  /** The sums over every head: [batch * tokens, width] to [batch, groups, heads * tokens, 1]. */
  private Operand<TFloat32> rowSums(Operand<TFloat32> rows, int tokens) {
    Operand<TFloat32> heads = calc.reshape(rows, -1, tokens, groups, headsPerGroup, headWidth);
    return calc.reshape(
        calc.transpose(calc.sum(heads, 4), 0, 2, 3, 1), -1, groups, headsPerGroup * tokens, 1);
  }

  /** [batch * tokens, heads * size] to [batch, groups, heads per group * tokens, size]. */
  private Operand<TFloat32> splitHeads(Operand<TFloat32> rows, int tokens) {
    Operand<TFloat32> heads = calc.reshape(rows, -1, tokens, groups, headsPerGroup, headWidth);
    return calc.reshape(
        calc.transpose(heads, 0, 2, 3, 1, 4), -1, groups, headsPerGroup * tokens, headWidth);
  }

  /** [batch, groups, size, heads per group * tokens] to [batch * tokens, heads * size]. */
  private Operand<TFloat32> mergeHeads(Operand<TFloat32> heads, int tokens) {
    Operand<TFloat32> apart = calc.reshape(heads, -1, groups, headWidth, headsPerGroup, tokens);
    return calc.reshape(calc.transpose(apart, 0, 4, 1, 3, 2), -1, width);
  }

  /** [batch * tokens, groups * size] to [batch, groups, size, tokens]. */
  private Operand<TFloat32> splitGroups(Operand<TFloat32> rows, int tokens) {
    return calc.transpose(calc.reshape(rows, -1, tokens, groups, headWidth), 0, 2, 3, 1);
  }

  /** The inverse of {@link #splitGroups}. */
  private Operand<TFloat32> mergeGroups(Operand<TFloat32> stack) {
    return calc.reshape(calc.transpose(stack, 0, 3, 1, 2), -1, groupsWidth());
  }
}
