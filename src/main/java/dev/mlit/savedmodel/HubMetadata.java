package dev.mlit.savedmodel;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.dataformat.yaml.YAMLMapper;
import dev.mlit.spec.ModelSpec;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What model hubs read of a model: the YAML at the top of its card, with the keys of the Hugging
 * Face Hub's <a href="https://huggingface.co/docs/hub/model-cards#model-card-metadata">model card
 * metadata</a>. There is no {@code license}, as mlit does not know it: whoever publishes a model
 * adds it.
 *
 * @param fields the keys and values, in the order of the card
 */
record HubMetadata(Map<String, Object> fields) {
  private static final YAMLMapper YAML = YAMLMapper.builder().build();
  private static final double PER_MILLION = 1e6;

  /** Where the hub has the images of a dataset that mlit knows by name. */
  private static final Map<String, String> HUB =
      Map.of(
          "fashion-small", "zalando-datasets/fashion_mnist",
          "fashion-mnist", "zalando-datasets/fashion_mnist",
          "mnist", "ylecun/mnist",
          "cifar10", "uoft-cs/cifar10",
          "cifar100", "uoft-cs/cifar100",
          "cifar100-coarse", "uoft-cs/cifar100",
          "svhn", "ufldl-stanford/svhn",
          "svhn-extra", "ufldl-stanford/svhn");

  /**
   * The metadata of a model.
   *
   * @param measured null if nothing is known of its training
   */
  static HubMetadata of(ModelSpec model, ModelCard.@Nullable Measured measured) {
    Map<String, Object> fields = new LinkedHashMap<>();
    String task = model.isAutoencoder() ? "image-feature-extraction" : "image-classification";
    fields.put("library_name", "mlit");
    fields.put("pipeline_tag", task);
    fields.put(
        "tags",
        model.isAutoencoder()
            ? List.of("mlit", "vision-transformer", "mixture-of-experts", "masked-autoencoder")
            : List.of("mlit", "vision-transformer", "mixture-of-experts"));
    if (measured != null) {
      String published = HUB.get(measured.dataset());
      if (published != null) {
        fields.put("datasets", List.of(published));
      }
      if (!model.isAutoencoder() && !Double.isNaN(measured.testAccuracy())) {
        fields.put("metrics", List.of("accuracy"));
        fields.put("model-index", List.of(result(model.name(), task, measured)));
      }
    }
    return new HubMetadata(fields);
  }

  private static Map<String, Object> result(String name, String task, ModelCard.Measured measured) {
    String dataset = measured.dataset();
    Map<String, Object> images = new LinkedHashMap<>();
    images.put("name", dataset);
    images.put("type", HUB.getOrDefault(dataset, type(dataset)));
    images.put("split", "test");
    Map<String, Object> accuracy = new LinkedHashMap<>();
    accuracy.put("type", "accuracy");
    accuracy.put(
        "name",
        measured.chosenOnTest() ? "test accuracy, of an epoch chosen by it" : "test accuracy");
    accuracy.put("value", Math.rint(measured.testAccuracy() * PER_MILLION) / PER_MILLION);
    Map<String, Object> result = new LinkedHashMap<>();
    result.put("task", Map.of("type", task));
    result.put("dataset", images);
    result.put("metrics", List.of(accuracy));
    Map<String, Object> model = new LinkedHashMap<>();
    model.put("name", name);
    model.put("results", List.of(result));
    return model;
  }

  /** A name as an identifier: what is neither letter nor digit becomes a hyphen. */
  private static String type(String dataset) {
    String plain =
        dataset.toLowerCase(Locale.ROOT).replaceAll("[^a-z0-9]+", "-").replaceAll("^-|-$", "");
    return plain.isEmpty() ? "images" : plain;
  }

  /** The block at the top of the card, its first and last line {@code ---}. */
  String block() {
    try {
      return YAML.writeValueAsString(fields) + "---\n\n";
    } catch (JsonProcessingException e) {
      throw new AssertionError("texts, numbers, lists and maps are always YAML", e);
    }
  }
}
