package dev.mlit.train.step;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.mlit.spec.VariableShapes;
import dev.mlit.testing.TinyData;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** If it fails, fine-tuning forgets what the layers near the images had learned. */
class LayerDecayTest {
  /** As get_num_layer_for_vit of BEiT counts: scale = decay^(blocks + 1 - layer). */
  @ParameterizedTest
  @CsvSource({
    "head/kernel, 1",
    "encoder/norm/scale, 1",
    "encoder/block_11/moe/output/bias, 0.5",
    "encoder/block_10/attention/query/kernel, 0.25",
    "encoder/block_1/moe_norm/scale, 0.00048828125",
    "encoder/block_0/moe/gate/kernel, 0.000244140625",
    "patch_embedding/kernel, 0.0001220703125",
    "class_token, 0.0001220703125",
    "position_embedding, 0.0001220703125",
  })
  void everyLayerHasTheRateOfTheOneAboveTimesTheDecay(String variable, double factor) {
    assertThat(LayerDecay.factor(variable, 12, 0.5)).isEqualTo(factor, within(1e-15));
  }

  @Test
  void decayOfOneIsTheSameRateForEveryVariable() {
    assertThat(VariableShapes.of(TinyData.model()).keySet())
        .allSatisfy(name -> assertThat(LayerDecay.factor(name, 2, 1)).isEqualTo(1));
  }
}
