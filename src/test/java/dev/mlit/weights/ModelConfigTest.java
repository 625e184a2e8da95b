package dev.mlit.weights;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.mlit.spec.ModelSpec;
import dev.mlit.testing.OpposedModels;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * If this fails, a model hub or a Python program that looks into {@code config.json} finds another
 * size, class or normalisation than the model has, or a key under a name that nobody looks for.
 */
class ModelConfigTest {
  private static final List<String> LABELS =
      IntStream.range(0, 10).mapToObj(i -> i == 3 ? "a \"b\" ü" : "class " + i).toList();

  @TempDir private Path directory;

  private JsonNode written(ModelSpec model, List<String> labels) throws IOException {
    ModelConfig.write(model, labels, directory);
    String text = Files.readString(directory.resolve("config.json"));
    assertThat(text).endsWith("}\n").doesNotContain("\r");
    return new ObjectMapper().readTree(text);
  }

  private static JsonNode json(String json) throws IOException {
    return new ObjectMapper().readTree(json.replace('\'', '"'));
  }

  @Test
  void aClassifierHasTheKeysOfTransformersAndTimm() throws IOException {
    JsonNode config = written(OpposedModels.COLOUR, LABELS);

    assertThat(config.properties().stream().map(field -> field.getKey()))
        .containsExactly(
            "model_type",
            "architectures",
            "architecture",
            "mlit_version",
            "dtype",
            "image_size",
            "num_channels",
            "patch_size",
            "image_mean",
            "image_std",
            "hidden_size",
            "num_hidden_layers",
            "num_attention_heads",
            "num_key_value_heads",
            "intermediate_size",
            "num_local_experts",
            "num_experts_per_tok",
            "hidden_act",
            "layer_norm_eps",
            "qkv_bias",
            "global_pool",
            "num_features",
            "num_classes",
            "id2label",
            "label2id");
    assertThat(config.path("architectures")).isEqualTo(json("['MlitForImageClassification']"));
    assertThat(config.path("image_size")).as("height, width").isEqualTo(json("[20, 28]"));
    assertThat(config.path("image_mean")).isEqualTo(json("[0.3, 0.4, 0.5]"));
    assertThat(config.path("image_std")).isEqualTo(json("[0.2, 0.3, 0.4]"));
    assertThat(config.path("intermediate_size")).isEqualTo(json("[16, 23]"));
    assertThat(config.path("num_local_experts")).isEqualTo(json("[4, 5]"));
    assertThat(config.path("num_experts_per_tok").asInt()).isEqualTo(3);
    assertThat(config.path("global_pool").asText()).isEqualTo("avg");
    assertThat(config.path("num_classes").asInt()).isEqualTo(10);
    assertThat(config.at("/id2label/3").asText()).isEqualTo("a \"b\" ü");
    assertThat(config.path("label2id").path("a \"b\" ü").asInt(-1)).isEqualTo(3);
  }

  @Test
  void oneMeanIsThatOfEveryChannel() throws IOException {
    ModelSpec rgb =
        OpposedModels.COLOUR.toBuilder().normalization(List.of(0.25), List.of(0.5)).build();
    assertThat(written(rgb, LABELS).path("image_mean")).isEqualTo(json("[0.25, 0.25, 0.25]"));
    JsonNode gray = written(OpposedModels.GRAY, LABELS);
    assertThat(gray.path("image_std")).isEqualTo(json("[0.5]"));
    assertThat(gray.path("global_pool").asText()).isEqualTo("token");
  }

  @Test
  void anAutoencoderHasADecoderInPlaceOfClasses() throws IOException {
    ModelSpec model =
        ModelSpec.builder("painter")
            .image(8, 8, 1)
            .patch(4)
            .embedding(12)
            .attention(2, 1)
            .stage(1, 3)
            .hidden(4, 4)
            .mask(0.5)
            .decoder(2, 8, 6, 3, 4, 2)
            .build();

    JsonNode config = written(model, List.of());

    assertThat(config.path("architectures")).isEqualTo(json("['MlitForPreTraining']"));
    assertThat(config.path("mask_ratio").asDouble()).isEqualTo(0.5);
    assertThat(config.path("norm_pix_loss").asBoolean(true)).isFalse();
    assertThat(config.path("decoder_hidden_size").asInt()).isEqualTo(8);
    assertThat(config.path("decoder_num_hidden_layers").asInt()).isEqualTo(2);
    assertThat(config.path("decoder_num_attention_heads").asInt()).isEqualTo(4);
    assertThat(config.path("decoder_num_key_value_heads").asInt()).isEqualTo(2);
    assertThat(config.path("decoder_intermediate_size").asInt()).isEqualTo(6);
    assertThat(config.path("decoder_num_local_experts").asInt()).isEqualTo(3);
    assertThat(config.has("id2label")).isFalse();
    assertThat(config.has("num_classes")).isFalse();
  }
}
