package dev.mlit.spec;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.tuple;

import dev.mlit.spec.ModelCost.Row;
import dev.mlit.spec.ModelSpec.Hidden;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * If this fails, a user chooses a model by a size or a speed that it does not have, or gets experts
 * of other widths than the paper's, which no weights from elsewhere fit.
 */
class ModelCostTest {

  // ---- The models of the paper ----

  @ParameterizedTest
  @CsvSource({"mlit-s, 2378014", "mlit-xs, 1219594", "mlit-xxs, 665282"})
  void countsTheParametersOfThePresets(String preset, long parameters) {
    assertThat(ModelCost.of(Specs.model(preset)).parameters()).isEqualTo(parameters);
  }

  // ---- A model counted by hand ----

  /**
   * 6 patches of 4 values, so 7 tokens; of width 6, in 3 heads of width 2 that share one group. The
   * first block has 3 experts of width 5, the second 2 of width 4.
   */
  private static final ModelSpec TINY =
      ModelSpec.builder("tiny")
          .image(4, 6, 1)
          .patch(2)
          .embedding(6)
          .attention(3, 1)
          .stage(1, 3)
          .stage(1, 2)
          .hidden(5, 4)
          .classes(10)
          .build();

  @Test
  void hasARowForEveryPart() {
    assertThat(ModelCost.of(TINY).rows())
        .extracting(Row::name, Row::tokens, Row::heads, Row::groups, Row::experts, Row::hidden)
        .containsExactly(
            tuple("patch_embedding", 6, 0, 0, 0, 0),
            tuple("encoder/block_0", 7, 3, 1, 3, 5),
            tuple("encoder/block_1", 7, 3, 1, 2, 4),
            tuple("encoder/norm", 7, 0, 0, 0, 0),
            tuple("head", 1, 0, 0, 0, 0));
  }

  private static final long PATCH_PARAMETERS =
      4 * 6
          + 6 // patch_embedding: kernel and bias
          + 6 // class_token
          + 7 * 6; // position_embedding

  private static final long BLOCK_0_PARAMETERS =
      (6 + 6) // attention_norm: scale and bias
          + (6 * 6 + 6) // attention/query
          + (6 * 2 + 2) // attention/key: one group of width 2
          + (6 * 2 + 2) // attention/value
          + (6 * 6 + 6) // attention/output
          + (6 + 6) // moe_norm
          + (6 * 3 + 3) // moe/gate
          + (6 * 3 + 3) // moe/noise
          + 3 * (6 * 5 + 5) // moe/experts
          + (6 * 5 + 5) // moe/value
          + (5 * 6 + 6); // moe/output

  private static final long BLOCK_1_PARAMETERS =
      (6 + 6)
          + (6 * 6 + 6)
          + (6 * 2 + 2)
          + (6 * 2 + 2)
          + (6 * 6 + 6)
          + (6 + 6)
          + (6 * 2 + 2)
          + (6 * 2 + 2)
          + 2 * (6 * 4 + 4)
          + (6 * 4 + 4)
          + (4 * 6 + 6);

  private static final long HEAD_PARAMETERS = 6 * 10 + 10;

  @Test
  void countsParameters() {
    ModelCost cost = ModelCost.of(TINY);
    assertThat(cost.rows())
        .extracting(Row::parameters)
        .containsExactly(
            PATCH_PARAMETERS, BLOCK_0_PARAMETERS, BLOCK_1_PARAMETERS, 6L + 6L, HEAD_PARAMETERS);
    assertThat(cost.parameters()).isEqualTo(78 + 354 + 278 + 12 + 70);
  }

  private static final long PATCH_MACS = 6 * 4 * 6;

  private static final long ATTENTION_MACS =
      7 * 6 * 6 // query
          + 7 * 6 * 2 // key
          + 7 * 6 * 2 // value
          + 3 * 7 * 7 * 2 // scores: 3 heads, every token with every token, width 2
          + 3 * 7 * 7 * 2 // sums of the values
          + 7 * 6 * 6; // output

  private static long moeMacs(int experts, int computed, int hidden) {
    return 7L * 6 * experts // gate; no noise when a trained model runs
        + 7L * computed * 6 * hidden // experts
        + 7L * 6 * hidden // value
        + 7L * hidden * 6; // output
  }

  private static final long HEAD_MACS = 6 * 10;

  @Test
  void countsMultiplyAccumulatesWithAllExperts() {
    ModelCost cost = ModelCost.of(TINY);
    assertThat(cost.rows())
        .extracting(Row::macs)
        .containsExactly(
            PATCH_MACS,
            ATTENTION_MACS + moeMacs(3, 3, 5),
            ATTENTION_MACS + moeMacs(2, 2, 4),
            0L,
            HEAD_MACS);
    assertThat(cost.macs()).isEqualTo(144 + (1260 + 1176) + (1260 + 756) + 60);
  }

  @Test
  void countsMultiplyAccumulatesWithTheExpertsThatATokenUses() {
    ModelCost cost = ModelCost.of(TINY);
    assertThat(cost.rows())
        .extracting(Row::macsTopK)
        .containsExactly(
            PATCH_MACS,
            ATTENTION_MACS + moeMacs(3, 2, 5),
            ATTENTION_MACS + moeMacs(2, 2, 4),
            0L,
            HEAD_MACS);
    assertThat(cost.macsTopK()).isEqualTo(cost.macs() - 7 * 6 * 5);
  }

  /**
   * The encoder works on 3 of 6 patches; the decoder on all, with 2 heads of width 2 in a block.
   */
  @Test
  void countsWhatAnAutoencoderReconstructsAnImageWith() {
    ModelCost cost =
        ModelCost.of(
            TINY.toBuilder()
                .stages(List.of(new ModelSpec.Stage(1, 3)))
                .classes(0)
                .mask(0.5)
                .decoder(1, 4, 3, 2, 2, 1)
                .build());
    long decoderBlock =
        (4 + 4) // attention_norm
            + (4 * 4 + 4) // attention/query
            + 2 * (4 * 2 + 2) // attention/key and value
            + (4 * 4 + 4) // attention/output
            + (4 + 4) // moe_norm
            + 2 * (4 * 2 + 2) // moe/gate and noise
            + 2 * (4 * 3 + 3) // moe/experts
            + (4 * 3 + 3) // moe/value
            + (3 * 4 + 4); // moe/output
    long encoderMacs =
        4 * (6 * 6 + 6 * 2 + 6 * 2 + 6 * 6) // projections
            + 2 * 3 * 4 * 4 * 2 // scores and sums
            + 4 * (6 * 3 + 3 * 6 * 5 + 6 * 5 + 5 * 6); // gate, experts, value, output
    long decoderMacs =
        7 * (4 * 4 + 4 * 2 + 4 * 2 + 4 * 4)
            + 2 * 2 * 7 * 7 * 2
            + 7 * (4 * 2 + 2 * 4 * 3 + 4 * 3 + 3 * 4);
    assertThat(cost.rows())
        .extracting(Row::name, Row::tokens, Row::parameters, Row::macs)
        .containsExactly(
            tuple("patch_embedding", 3, PATCH_PARAMETERS, 3L * 4 * 6),
            tuple("encoder/block_0", 4, BLOCK_0_PARAMETERS, encoderMacs),
            tuple("encoder/norm", 4, 12L, 0L),
            tuple("decoder/embedding", 4, 6L * 4 + 4 + 4 + 7 * 4, 4L * 6 * 4),
            tuple("decoder/block_0", 7, decoderBlock, decoderMacs),
            tuple("decoder/norm", 7, 8L, 0L),
            tuple("decoder/prediction", 6, 4L * 4 + 4, 6L * 4 * 4));
    assertThat(cost.macsTopK()).isEqualTo(cost.macs() - 4 * 6 * 5);
  }

  @Test
  void oneExpertATokenCostsLessThanTwo() {
    ModelCost cost = ModelCost.of(TINY.toBuilder().routing(1).build());
    assertThat(cost.macs()).isEqualTo(ModelCost.of(TINY).macs());
    assertThat(cost.macsTopK()).isEqualTo(cost.macs() - 7 * (2 * 6 * 5 + 1 * 6 * 4));
  }

  @Test
  void countsBeyond32Bits() {
    ModelSpec large = TINY.toBuilder().image(4096, 4096, 1).patch(128).embedding(15000).build();
    long patches = 32 * 32;
    assertThat(ModelCost.of(large).rows().get(0))
        .isEqualTo(
            new Row(
                "patch_embedding",
                1024,
                0,
                0,
                0,
                0,
                128L * 128 * 15000 + 15000 + 15000 + (patches + 1) * 15000,
                patches * 128 * 128 * 15000,
                patches * 128 * 128 * 15000));
  }

  @Test
  void rowsStayAsTheyWere() {
    List<Row> rows = new ArrayList<>(ModelCost.of(TINY).rows());
    ModelCost cost = new ModelCost(rows);
    rows.clear();
    assertThat(cost).isEqualTo(ModelCost.of(TINY));
  }

  // ---- Depth-wise scaling ----

  @Test
  void widthsGoFromTheFirstToTheLastInEqualSteps() {
    assertThat(Presets.mlitXxs().hiddenWidths())
        .containsExactly(81, 74, 68, 61, 54, 47, 41, 34, 27);
  }

  @Test
  void widthsMayGrow() {
    assertThat(model(4, 1, 10).hiddenWidths()).containsExactly(1, 4, 7, 10);
  }

  @Test
  void widthsMayStayTheSame() {
    assertThat(model(3, 5, 5).hiddenWidths()).containsExactly(5, 5, 5);
  }

  @Test
  void twoLayersHaveTheFirstAndTheLastWidth() {
    assertThat(model(2, 9, 4).hiddenWidths()).containsExactly(9, 4);
  }

  @Test
  void oneLayerHasTheFirstWidth() {
    assertThat(model(1, 9, 4).hiddenWidths()).containsExactly(9);
  }

  @Test
  void aHalfIsRoundedUp() {
    assertThat(model(3, 1, 4).hiddenWidths()).containsExactly(1, 3, 4);
    assertThat(model(3, 4, 1).hiddenWidths()).containsExactly(4, 3, 1);
  }

  @Test
  void aHalfIsRoundedUpWhereTheStepIsNoBinaryNumber() {
    // 1 + 61 * 7 / 14 + 0.5 = 32; 61 / 14 alone is rounded down.
    assertThat(model(15, 1, 62).hiddenWidths().get(7)).isEqualTo(32);
  }

  @Test
  void widthsAreThoseOfExactArithmetic() {
    for (int layers = 2; layers <= 24; layers++) {
      for (int first = 1; first <= 64; first++) {
        for (int last = 1; last <= 64; last++) {
          for (int i = 0; i < layers; i++) {
            int twice = 2 * first * (layers - 1) + 2 * (last - first) * i + (layers - 1);
            int exact = Math.floorDiv(twice, 2 * (layers - 1));
            int width = ModelSpec.hiddenWidth(new Hidden(first, last), i, layers);
            if (width != exact) {
              assertThat(width)
                  .as("block %d of %d from %d to %d", i, layers, first, last)
                  .isEqualTo(exact);
            }
          }
        }
      }
    }
  }

  private static ModelSpec model(int layers, int first, int last) {
    return ModelSpec.builder("widths")
        .image(4, 4, 1)
        .patch(2)
        .embedding(4)
        .attention(2, 1)
        .stage(layers, 2)
        .hidden(first, last)
        .classes(2)
        .build();
  }
}
