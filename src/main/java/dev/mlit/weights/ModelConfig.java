package dev.mlit.weights;

import com.fasterxml.jackson.core.util.DefaultIndenter;
import com.fasterxml.jackson.core.util.DefaultPrettyPrinter;
import com.fasterxml.jackson.databind.json.JsonMapper;
import dev.mlit.files.ModelLayout;
import dev.mlit.spec.ImageShape;
import dev.mlit.spec.ModelSpec;
import dev.mlit.tensorflow.Versions;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.apiguardian.api.API;
import org.apiguardian.api.API.Status;

/**
 * {@code config.json} beside a model's weights: its sizes and classes under the names that the
 * configurations of transformers' ViT, ViTMAE and Mixtral have, and of timm, so that model hubs and
 * Python programs find them. mlit reads {@code spec.yaml} only. docs/python.md explains the keys.
 *
 * @since 0.1.0
 */
@API(status = Status.INTERNAL)
public final class ModelConfig {
  private static final String CLASSIFIER = "MlitForImageClassification";
  private static final String AUTOENCODER = "MlitForPreTraining";
  private static final double NORM_EPSILON = 1e-6;
  private static final JsonMapper JSON = JsonMapper.builder().build();

  private ModelConfig() {}

  /**
   * Writes the file.
   *
   * @param labels the names of the classes; not read of an autoencoder
   */
  public static void write(ModelSpec model, List<String> labels, Path directory)
      throws IOException {
    // The same bytes on every system, which the default printer does not write.
    DefaultPrettyPrinter printer =
        new DefaultPrettyPrinter().withObjectIndenter(new DefaultIndenter("  ", "\n"));
    Files.writeString(
        directory.resolve(ModelLayout.CONFIG),
        JSON.writer(printer).writeValueAsString(of(model, labels)) + "\n");
  }

  /** The keys and values, in the order of the file. */
  static Map<String, Object> of(ModelSpec model, List<String> labels) {
    Map<String, Object> config = new LinkedHashMap<>();
    config.put("model_type", "mlit");
    config.put("architectures", List.of(model.isAutoencoder() ? AUTOENCODER : CLASSIFIER));
    config.put("architecture", model.name());
    config.put("mlit_version", Versions.ofMlit());
    config.put("dtype", "float32");
    putImages(config, model);
    putEncoder(config, model);
    if (model.isAutoencoder()) {
      putDecoder(config, model);
    } else {
      putClasses(config, labels);
    }
    return config;
  }

  private static void putImages(Map<String, Object> config, ModelSpec model) {
    ImageShape image = model.image();
    config.put("image_size", List.of(image.height(), image.width()));
    config.put("num_channels", image.channels());
    config.put("patch_size", model.patch());
    config.put("image_mean", perChannel(model.normalization().mean(), image));
    config.put("image_std", perChannel(model.normalization().std(), image));
  }

  private static List<Double> perChannel(List<Double> values, ImageShape image) {
    return values.size() == 1 ? Collections.nCopies(image.channels(), values.get(0)) : values;
  }

  private static void putEncoder(Map<String, Object> config, ModelSpec model) {
    config.put("hidden_size", model.embedding());
    config.put("num_hidden_layers", model.layers());
    config.put("num_attention_heads", model.attention().heads());
    config.put("num_key_value_heads", model.attention().groups());
    config.put("intermediate_size", model.hiddenWidths());
    config.put("num_local_experts", model.experts());
    config.put("num_experts_per_tok", model.routing().top());
    config.put("hidden_act", "silu");
    config.put("layer_norm_eps", NORM_EPSILON);
    config.put("qkv_bias", true);
    config.put("global_pool", model.pooling() == ModelSpec.Pooling.MEAN ? "avg" : "token");
    config.put("num_features", model.embedding());
  }

  private static void putDecoder(Map<String, Object> config, ModelSpec model) {
    ModelSpec.Decoder decoder = model.decoder();
    Double mask = model.mask();
    if (decoder == null || mask == null) {
      throw new IllegalArgumentException(model.name() + ": must be an autoencoder");
    }
    config.put("mask_ratio", mask);
    config.put("norm_pix_loss", model.normPixels());
    config.put("decoder_hidden_size", decoder.embedding());
    config.put("decoder_num_hidden_layers", decoder.layers());
    config.put("decoder_num_attention_heads", decoder.heads());
    config.put("decoder_num_key_value_heads", decoder.groups());
    config.put("decoder_intermediate_size", decoder.hidden());
    config.put("decoder_num_local_experts", decoder.experts());
  }

  private static void putClasses(Map<String, Object> config, List<String> labels) {
    Map<String, Object> names = new LinkedHashMap<>();
    Map<String, Object> numbers = new LinkedHashMap<>();
    for (int i = 0; i < labels.size(); i++) {
      names.put(Integer.toString(i), labels.get(i));
      numbers.put(labels.get(i), i);
    }
    config.put("num_classes", labels.size());
    config.put("id2label", names);
    config.put("label2id", numbers);
  }
}
