package dev.mlit.spec;

import java.util.ArrayList;
import java.util.List;

/**
 * What a model costs: parameters and the multiply-accumulates of the matrix products for one image,
 * computed from its description alone.
 *
 * @param rows the patch embedding, every block, and the head or the decoder, in order
 */
public record ModelCost(List<Row> rows) {

  /**
   * The cost of one part.
   *
   * @param name such as {@code encoder/block_0}
   * @param tokens tokens that the part works on
   * @param heads query heads; 0 where there is no attention
   * @param groups key/value groups; 0 where there is no attention
   * @param experts experts; 0 where there are none
   * @param hidden width of the experts; 0 where there are none
   * @param parameters trained numbers
   * @param macs multiply-accumulates for one image with all experts computed, as mlit does
   * @param macsTopK the same with only the experts that each token uses
   */
  public record Row(
      String name,
      int tokens,
      int heads,
      int groups,
      int experts,
      int hidden,
      long parameters,
      long macs,
      long macsTopK) {}

  public ModelCost {
    rows = List.copyOf(rows);
  }

  /**
   * Counts a model; of an autoencoder, what it takes to reconstruct an image: its encoder works on
   * the visible patches alone.
   */
  public static ModelCost of(ModelSpec model) {
    List<Row> rows = new ArrayList<>();
    long m = model.embedding();
    int visible = model.visiblePatches();
    long embedding = linear(model.patchValues(), m);
    long positions = model.tokens() * m;
    long patchMacs = (long) visible * model.patchValues() * m;
    rows.add(plain("patch_embedding", visible, embedding + m + positions, patchMacs));
    int top = model.routing().top();
    for (int i = 0; i < model.layers(); i++) {
      int experts = model.experts().get(i);
      int hidden = model.hiddenWidths().get(i);
      rows.add(
          block(
              "encoder/block_" + i,
              visible + 1,
              model.embedding(),
              model.attention(),
              experts,
              hidden,
              top));
    }
    rows.add(plain("encoder/norm", visible + 1, 2 * m, 0));
    ModelSpec.Decoder decoder = model.decoder();
    if (decoder == null) {
      rows.add(plain("head", 1, linear(m, model.classes()), m * model.classes()));
    } else {
      decoder(model, decoder, rows);
    }
    return new ModelCost(rows);
  }

  private static void decoder(ModelSpec model, ModelSpec.Decoder decoder, List<Row> rows) {
    long m = model.embedding();
    long width = decoder.embedding();
    int visible = model.visiblePatches() + 1;
    long own = linear(m, width) + width + model.tokens() * width;
    rows.add(plain("decoder/embedding", visible, own, visible * m * width));
    for (int i = 0; i < decoder.layers(); i++) {
      rows.add(
          block(
              "decoder/block_" + i,
              model.tokens(),
              decoder.embedding(),
              decoder.attention(),
              decoder.experts(),
              decoder.hidden(),
              model.routing().top()));
    }
    rows.add(plain("decoder/norm", model.tokens(), 2 * width, 0));
    long values = model.patchValues();
    long macs = model.patches() * width * values;
    rows.add(plain("decoder/prediction", model.patches(), linear(width, values), macs));
  }

  private static Row plain(String name, int tokens, long parameters, long macs) {
    return new Row(name, tokens, 0, 0, 0, 0, parameters, macs, macs);
  }

  private static Row block(
      String name,
      int tokens,
      int width,
      ModelSpec.Attention heads,
      int expertCount,
      int hiddenWidth,
      int top) {
    long n = tokens;
    long m = width;
    long keys = (long) heads.groups() * (width / heads.heads());
    long experts = expertCount;
    long hidden = hiddenWidth;

    long attention = 2 * linear(m, m) + 2 * linear(m, keys);
    long moe =
        2 * linear(m, experts)
            + experts * linear(m, hidden)
            + linear(m, hidden)
            + linear(hidden, m);
    long norms = 2 * 2 * m;

    // Query, key, value and output; then the scores and their product with the values.
    long attentionMacs = n * (2 * m * m + 2 * m * keys) + 2 * n * n * m;
    // The gate, V and W2, and one W for every expert that is computed.
    long shared = n * (m * experts + 2 * m * hidden);
    long expert = n * m * hidden;
    return new Row(
        name,
        tokens,
        heads.heads(),
        heads.groups(),
        expertCount,
        hiddenWidth,
        attention + moe + norms,
        attentionMacs + shared + experts * expert,
        attentionMacs + shared + top * expert);
  }

  private static long linear(long inputs, long outputs) {
    return inputs * outputs + outputs;
  }

  /** All trained numbers. */
  public long parameters() {
    return rows.stream().mapToLong(Row::parameters).sum();
  }

  /** Multiply-accumulates for one image with all experts computed. */
  public long macs() {
    return rows.stream().mapToLong(Row::macs).sum();
  }

  /** Multiply-accumulates for one image with only the experts that each token uses. */
  public long macsTopK() {
    return rows.stream().mapToLong(Row::macsTopK).sum();
  }
}
