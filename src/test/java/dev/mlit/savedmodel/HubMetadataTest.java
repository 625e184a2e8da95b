package dev.mlit.savedmodel;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.dataformat.yaml.YAMLMapper;
import dev.mlit.spec.ModelSpec;
import java.io.IOException;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * The YAML at the top of a model card. If this fails, a model hub refuses the card, files the model
 * under another task, or shows an accuracy that nobody has measured.
 */
class HubMetadataTest {
  private static final ModelSpec AUTOENCODER =
      ModelSpec.builder("painter")
          .image(8, 8, 1)
          .patch(4)
          .embedding(4)
          .attention(1, 1)
          .stage(1, 2)
          .hidden(4, 4)
          .mask(0.5)
          .decoder(1, 4, 4, 2, 1, 1)
          .build();

  private static ModelCard.Measured measured(String dataset, double accuracy, boolean onTest) {
    return new ModelCard.Measured(
        dataset, 50, 10, 30, Double.NaN, Double.NaN, accuracy, 0.5, onTest);
  }

  private static JsonNode read(ModelSpec model, ModelCard.@Nullable Measured measured)
      throws IOException {
    String block = HubMetadata.of(model, measured).block();
    assertThat(block).startsWith("---\n").endsWith("\n---\n\n");
    String yaml = block.substring(4, block.length() - "---\n\n".length());
    assertThat(yaml.lines()).as("the block ends where it should").doesNotContain("---");
    return new YAMLMapper().readTree(yaml);
  }

  @Test
  void aClassifierHasItsTaskDatasetAndAccuracy() throws IOException {
    JsonNode card = read(RandomModel.SPEC, measured("cifar10", 2.0 / 3, false));

    assertThat(card.path("library_name").asText()).isEqualTo("mlit");
    assertThat(card.path("pipeline_tag").asText()).isEqualTo("image-classification");
    assertThat(card.at("/tags/0").asText()).isEqualTo("mlit");
    assertThat(card.at("/datasets/0").asText()).isEqualTo("uoft-cs/cifar10");
    assertThat(card.at("/metrics/0").asText()).isEqualTo("accuracy");
    assertThat(card.at("/model-index/0/name").asText()).isEqualTo(RandomModel.SPEC.name());
    JsonNode result = card.at("/model-index/0/results/0");
    assertThat(result.at("/task/type").asText()).isEqualTo("image-classification");
    assertThat(result.at("/dataset/name").asText()).isEqualTo("cifar10");
    assertThat(result.at("/dataset/type").asText()).isEqualTo("uoft-cs/cifar10");
    assertThat(result.at("/dataset/split").asText()).isEqualTo("test");
    assertThat(result.at("/metrics/0/name").asText()).isEqualTo("test accuracy");
    assertThat(result.at("/metrics/0/value").asDouble()).isEqualTo(0.666667);
    assertThat(card.has("license")).as("nobody has said under which").isFalse();
  }

  @Test
  void anAccuracyThatChoseTheEpochSaysSo() throws IOException {
    assertThat(
            read(RandomModel.SPEC, measured("cifar10", 1, true))
                .at("/model-index/0/results/0/metrics/0/name")
                .asText())
        .isEqualTo("test accuracy, of an epoch chosen by it");
  }

  @Test
  void whatWasNotMeasuredIsNotThere() throws IOException {
    JsonNode unmeasured = read(RandomModel.SPEC, measured("cifar10", Double.NaN, false));
    assertThat(unmeasured.has("datasets")).isTrue();
    assertThat(unmeasured.has("metrics")).isFalse();
    assertThat(unmeasured.has("model-index")).isFalse();

    assertThat(read(RandomModel.SPEC, null).properties())
        .extracting(field -> field.getKey())
        .containsExactly("library_name", "pipeline_tag", "tags");
  }

  @Test
  void anAutoencoderGivesFeatures() throws IOException {
    JsonNode card = read(AUTOENCODER, measured("svhn", Double.NaN, false));
    assertThat(card.path("pipeline_tag").asText()).isEqualTo("image-feature-extraction");
    assertThat(card.path("tags").valueStream().map(JsonNode::asText))
        .contains("masked-autoencoder");
    assertThat(card.at("/datasets/0").asText()).isEqualTo("ufldl-stanford/svhn");
    assertThat(card.has("model-index")).isFalse();
  }

  /** A folder of one's own is no dataset of the hub, and may have any name. */
  @ParameterizedTest
  @ValueSource(
      strings = {"image-folder", "a: b", "---", "1e3", "no", "é\u0085", "x\n---\ny: [", "\""})
  void anotherDatasetStandsForItself(String name) throws IOException {
    JsonNode card = read(RandomModel.SPEC, measured(name, 0.5, false));
    assertThat(card.has("datasets")).isFalse();
    JsonNode dataset = card.at("/model-index/0/results/0/dataset");
    assertThat(dataset.path("name").isTextual()).isTrue();
    assertThat(dataset.path("name").asText()).isEqualTo(name);
    assertThat(dataset.path("type").asText()).matches("[a-z0-9]+(-[a-z0-9]+)*");
  }

  @Test
  void theCardGoesOnAfterIt() {
    assertThat(ModelCard.imported("a file").markdown(RandomModel.SPEC, List.of("a", "b", "c")))
        .startsWith(HubMetadata.of(RandomModel.SPEC, null).block() + "# ");
  }
}
