package dev.mlit.spec;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;

/**
 * What a model costs: parameters and the multiply-accumulates of the matrix products for one image,
 * computed from its description only.
 *
 * @param rows the patch embedding, every block, and the head or the decoder, in order
 * @since 0.1.0
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
   * the visible patches only.
   */
  public static ModelCost of(ModelSpec model) {
    return new Counter(model).count();
  }

  /** Counts the parts of one model. */
  private static final class Counter {
    private final ModelSpec model;
    private final Map<String, List<Long>> shapes;
    private final List<Row> rows = new ArrayList<>();

    Counter(ModelSpec model) {
      this.model = model;
      this.shapes = VariableShapes.of(model);
    }

    ModelCost count() {
      long m = model.embedding();
      int visible = model.visiblePatches();
      plain(
          "patch_embedding",
          visible,
          (long) visible * model.patchValues() * m,
          "patch_embedding",
          "class_token",
          "position_embedding");
      for (int i = 0; i < model.layers(); i++) {
        int experts = model.experts().get(i);
        int hidden = model.hiddenWidths().get(i);
        block("encoder/block_" + i, visible + 1, m, model.attention(), experts, hidden);
      }
      plain("encoder/norm", visible + 1, 0, "encoder/norm");
      ModelSpec.Decoder decoder = model.decoder();
      if (decoder == null) {
        plain("head", 1, m * model.classes(), "head");
      } else {
        decoder(decoder, visible + 1);
      }
      return new ModelCost(rows);
    }

    private void decoder(ModelSpec.Decoder decoder, int visible) {
      long width = decoder.embedding();
      plain(
          "decoder/embedding",
          visible,
          (long) visible * model.embedding() * width,
          "decoder/embedding",
          "decoder/mask_token",
          "decoder/position_embedding");
      for (int i = 0; i < decoder.layers(); i++) {
        block(
            "decoder/block_" + i,
            model.tokens(),
            width,
            decoder.attention(),
            decoder.experts(),
            decoder.hidden());
      }
      plain("decoder/norm", model.tokens(), 0, "decoder/norm");
      long macs = model.patches() * width * model.patchValues();
      plain("decoder/prediction", model.patches(), macs, "decoder/prediction");
    }

    private void plain(String name, int tokens, long macs, String... parts) {
      long parameters = Arrays.stream(parts).mapToLong(this::parameters).sum();
      rows.add(new Row(name, tokens, 0, 0, 0, 0, parameters, macs, macs));
    }

    private void block(
        String name,
        int tokens,
        long width,
        ModelSpec.Attention attention,
        int experts,
        int hidden) {
      long n = tokens;
      long keys = attention.groups() * (width / attention.heads());
      // Query, key, value and output; then the scores and their product with the values.
      long attentionMacs = n * (2 * width * width + 2 * width * keys) + 2 * n * n * width;
      // The gate, V and W2, and one W for every expert that is computed.
      long shared = n * (width * experts + 2 * width * hidden);
      long expert = n * width * hidden;
      rows.add(
          new Row(
              name,
              tokens,
              attention.heads(),
              attention.groups(),
              experts,
              hidden,
              parameters(name),
              attentionMacs + shared + experts * expert,
              attentionMacs + shared + model.routing().top() * expert));
    }

    /** Trained numbers of a variable, or of all variables of a layer. */
    private long parameters(String name) {
      long sum = 0;
      for (Map.Entry<String, List<Long>> shape : shapes.entrySet()) {
        if (shape.getKey().equals(name) || shape.getKey().startsWith(name + "/")) {
          sum += shape.getValue().stream().reduce(1L, Math::multiplyExact);
        }
      }
      return sum;
    }
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
