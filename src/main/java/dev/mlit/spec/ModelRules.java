package dev.mlit.spec;

import dev.mlit.spec.ModelSpec.Decoder;
import dev.mlit.spec.ModelSpec.Stage;
import java.util.Collections;
import java.util.List;

/** The rules between the fields of a model. */
final class ModelRules {
  /** TensorFlow Java's buffers and many kernels count with 32 bits. */
  private static final long MOST_ELEMENTS = Integer.MAX_VALUE;

  private static final int MOST_LAYERS = 1000;

  private ModelRules() {}

  static void check(ModelSpec model) {
    Rules rules = Rules.of(model);
    shapes(model, rules);
    stages(model, rules);
    normalization(model, rules);
    autoencoder(model, rules);
    sizes(model, rules);
    rules.verify();
  }

  private static void shapes(ModelSpec model, Rules rules) {
    ImageShape image = model.image();
    int patch = model.patch();
    int heads = model.attention().heads();
    int groups = model.attention().groups();
    divisible(rules, "image.height", image.height(), "patch", patch);
    divisible(rules, "image.width", image.width(), "patch", patch);
    divisible(rules, "embedding", model.embedding(), "attention.heads", heads);
    divisible(rules, "attention.heads", heads, "attention.groups", groups);
  }

  private static void divisible(
      Rules rules, String field, int value, String divisorField, int divisor) {
    rules.require(
        () -> value % divisor == 0,
        field,
        value + " must be divisible by " + divisorField + " " + divisor,
        divisorField);
  }

  /** Routing chooses the {@code routing.top} best experts of a block. */
  private static void chosenExperts(Rules rules, String field, int experts, int top) {
    rules.require(
        () -> experts >= top,
        field,
        experts + " must be at least routing.top " + top,
        "routing.top");
  }

  private static void stages(ModelSpec model, Rules rules) {
    List<Stage> stages = model.stages();
    rules.require(() -> !stages.isEmpty(), "stages", "at least one stage is required");
    int top = model.routing().top();
    for (int i = 0; i < stages.size(); i++) {
      chosenExperts(rules, "stages[" + i + "].experts", stages.get(i).experts(), top);
    }
    rules.require(
        () -> model.layers() <= MOST_LAYERS,
        "stages",
        model.layers() + " layers in all, must be at most " + MOST_LAYERS);
  }

  private static void normalization(ModelSpec model, Rules rules) {
    perChannel(model, rules, "normalization.mean", model.normalization().mean());
    perChannel(model, rules, "normalization.std", model.normalization().std());
  }

  private static void perChannel(ModelSpec model, Rules rules, String field, List<Double> values) {
    int channels = model.image().channels();
    rules.require(
        () -> values.size() == 1 || values.size() == channels,
        field,
        values + " must have one value, or one per channel (image.channels " + channels + ")",
        "image.channels");
  }

  private static void autoencoder(ModelSpec model, Rules rules) {
    Double mask = model.mask();
    Decoder decoder = model.decoder();
    rules
        .require(
            () -> !model.normPixels() || decoder != null,
            "norm-pixels",
            "true must be left out where there is no decoder, which paints patches",
            "decoder")
        .require(
            () -> !model.normPixels() || model.patchValues() > 1,
            "norm-pixels",
            "true must be left out where a patch is one value (patch 1, image.channels 1), which has no"
                + " variance",
            "patch",
            "image.channels");
    if (mask == null || decoder == null) {
      return;
    }
    rules
        .require(
            () -> model.visiblePatches() >= 1,
            "mask",
            mask + " leaves none of the patches visible",
            "patch",
            "image")
        .require(
            () -> model.visiblePatches() < model.patches(),
            "mask",
            mask + " hides none of the patches",
            "patch",
            "image");
    divisible(rules, "decoder.embedding", decoder.embedding(), "decoder.heads", decoder.heads());
    divisible(rules, "decoder.heads", decoder.heads(), "decoder.groups", decoder.groups());
    chosenExperts(rules, "decoder.experts", decoder.experts(), model.routing().top());
    rules
        .require(
            () -> product(model.tokens(), decoder.embedding()) <= MOST_ELEMENTS,
            "decoder.embedding",
            decoder.embedding() + " is too large for the number of patches: " + elements(),
            "patch",
            "image")
        .require(
            () -> product(decoder.heads(), model.tokens(), model.tokens()) <= MOST_ELEMENTS,
            "decoder.heads",
            decoder.heads() + " is too large for the number of patches: " + elements(),
            "patch",
            "image")
        .require(
            () ->
                product(
                        decoder.experts() + 1L,
                        decoder.hidden(),
                        Math.max(decoder.embedding(), model.tokens()))
                    <= MOST_ELEMENTS,
            "decoder.hidden",
            "the experts are too wide or too many: " + elements(),
            "decoder.experts",
            "decoder.embedding",
            "patch",
            "image");
  }

  /** Refuses what no machine could hold: a tensor of 2^31 elements or more, for one image. */
  private static void sizes(ModelSpec model, Rules rules) {
    rules
        .require(
            () -> product(model.tokens(), model.embedding()) <= MOST_ELEMENTS,
            "embedding",
            model.embedding() + " is too large for the number of patches: " + elements(),
            "patch",
            "image")
        .require(
            () -> product(model.patchValues(), model.embedding()) <= MOST_ELEMENTS,
            "patch",
            model.patch() + " is too large for the embedding: " + elements(),
            "embedding",
            "image.channels")
        .require(
            () ->
                product(model.attention().heads(), model.tokens(), model.tokens()) <= MOST_ELEMENTS,
            "patch",
            model.patch() + " gives too many patches for attention: " + elements(),
            "image",
            "attention.heads")
        .require(
            () -> widestLayer(model) <= MOST_ELEMENTS,
            "hidden",
            "the experts are too wide or too many: " + elements(),
            "stages",
            "embedding",
            "patch",
            "image")
        .require(
            () -> product(model.embedding(), model.classes()) <= MOST_ELEMENTS,
            "classes",
            model.classes() + " is too large for the embedding: " + elements(),
            "embedding");
  }

  /** The elements of the largest expert kernel or expert activation of one image. */
  private static long widestLayer(ModelSpec model) {
    int experts = Collections.max(model.experts());
    int hidden = Math.max(model.hidden().first(), model.hidden().last());
    return product(experts + 1L, hidden, Math.max(model.embedding(), model.tokens()));
  }

  private static long product(long... factors) {
    long product = 1;
    for (long factor : factors) {
      product = Math.multiplyHigh(product, factor) == 0 ? product * factor : Long.MAX_VALUE;
    }
    return product;
  }

  private static String elements() {
    return "a tensor must have fewer than 2^31 elements";
  }
}
