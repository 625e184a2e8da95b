package dev.mlit.spec;

import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.apiguardian.api.API;
import org.apiguardian.api.API.Status;

/**
 * The names and shapes of a model's variables, as they are called in SavedModels and checkpoints:
 * what must be in a file of weights, known without TensorFlow.
 *
 * @since 0.1.0
 */
@API(status = Status.INTERNAL)
public final class VariableShapes {
  private final Map<String, List<Long>> shapes = new LinkedHashMap<>();

  private VariableShapes() {}

  /**
   * The variables of a model.
   *
   * @return name to shape, kernels as [inputs, outputs], in the order in which the model has them;
   *     the caller's to change
   */
  public static Map<String, List<Long>> of(ModelSpec model) {
    VariableShapes all = new VariableShapes();
    long width = model.embedding();
    all.linear("patch_embedding", model.patchValues(), width);
    all.put("class_token", 1, 1, width);
    all.put("position_embedding", 1, model.tokens(), width);
    for (int i = 0; i < model.layers(); i++) {
      all.block(
          "encoder/block_" + i + "/",
          width,
          model.attention(),
          model.experts().get(i),
          model.hiddenWidths().get(i));
    }
    all.norm("encoder/norm", width);
    ModelSpec.Decoder decoder = model.decoder();
    if (decoder == null) {
      all.linear("head", width, model.classes());
    } else {
      all.decoder(model, decoder);
    }
    return all.shapes;
  }

  private void decoder(ModelSpec model, ModelSpec.Decoder decoder) {
    long width = decoder.embedding();
    linear("decoder/embedding", model.embedding(), width);
    put("decoder/mask_token", 1, 1, width);
    put("decoder/position_embedding", 1, model.tokens(), width);
    for (int i = 0; i < decoder.layers(); i++) {
      block(
          "decoder/block_" + i + "/",
          width,
          decoder.attention(),
          decoder.experts(),
          decoder.hidden());
    }
    norm("decoder/norm", width);
    linear("decoder/prediction", width, model.patchValues());
  }

  private void block(
      String block, long width, ModelSpec.Attention attention, long experts, long hidden) {
    long groups = width / attention.heads() * attention.groups();
    norm(block + "attention_norm", width);
    linear(block + "attention/query", width, width);
    linear(block + "attention/key", width, groups);
    linear(block + "attention/value", width, groups);
    linear(block + "attention/output", width, width);
    norm(block + "moe_norm", width);
    linear(block + "moe/gate", width, experts);
    linear(block + "moe/noise", width, experts);
    put(block + "moe/experts/kernel", experts, width, hidden);
    put(block + "moe/experts/bias", experts, hidden);
    linear(block + "moe/value", width, hidden);
    linear(block + "moe/output", hidden, width);
  }

  private void norm(String name, long width) {
    put(name + "/scale", width);
    put(name + "/bias", width);
  }

  private void linear(String name, long inputs, long outputs) {
    put(name + "/kernel", inputs, outputs);
    put(name + "/bias", outputs);
  }

  private void put(String name, long... shape) {
    shapes.put(name, Arrays.stream(shape).boxed().toList());
  }
}
