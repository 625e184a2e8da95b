package dev.mlit.spec;

import dev.mlit.spec.ModelSpec.Attention;
import dev.mlit.spec.ModelSpec.Decoder;
import dev.mlit.spec.ModelSpec.Hidden;
import dev.mlit.spec.ModelSpec.Normalization;
import dev.mlit.spec.ModelSpec.Pooling;
import dev.mlit.spec.ModelSpec.Routing;
import dev.mlit.spec.ModelSpec.Stage;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Collects the fields of a {@link ModelSpec}; every rule is checked in {@link #build}. */
public final class ModelSpecBuilder {
  private final Draft<ModelSpec> fields;
  private final Draft<Routing> routing;

  private ModelSpecBuilder(Draft<ModelSpec> fields) {
    this.fields = fields;
    this.routing = fields.group("routing", Routing.class);
  }

  ModelSpecBuilder(String name) {
    this(new Draft<>(ModelSpec.class, "", null).set("name", name));
  }

  ModelSpecBuilder(ModelSpec start) {
    this(new Draft<>(ModelSpec.class, "", start));
  }

  private ModelSpecBuilder set(String field, @Nullable Object value) {
    fields.set(field, value);
    return this;
  }

  ModelSpecBuilder withoutDecoder() {
    return set("mask", null).set("decoder", null).set("normPixels", false);
  }

  /** The name. */
  public ModelSpecBuilder name(String name) {
    return set("name", name);
  }

  /** The size of the images, in pixels; {@code channels} 1 for gray, 3 for RGB. */
  public ModelSpecBuilder image(int height, int width, int channels) {
    return set("image", new ImageShape(height, width, channels));
  }

  /** The side of a square patch in pixels; divides the image's height and width. */
  public ModelSpecBuilder patch(int pixels) {
    return set("patch", pixels);
  }

  /** The width of a token; a multiple of the attention's heads. */
  public ModelSpecBuilder embedding(int width) {
    return set("embedding", width);
  }

  /** {@code heads} query heads that share {@code groups} key/value groups. */
  public ModelSpecBuilder attention(int heads, int groups) {
    return set("attention", new Attention(heads, groups));
  }

  /** Adds a stage of {@code layers} blocks with {@code experts} experts each. */
  public ModelSpecBuilder stage(int layers, int experts) {
    fields.add("stages", new Stage(layers, experts));
    return this;
  }

  /** Replaces all stages. */
  public ModelSpecBuilder stages(List<Stage> stages) {
    return set("stages", stages.isEmpty() ? null : List.copyOf(stages));
  }

  /** The widths of the experts in the first and the last block. */
  public ModelSpecBuilder hidden(int first, int last) {
    return set("hidden", new Hidden(first, last));
  }

  /** The number of experts that each token uses; 2 unless set. */
  public ModelSpecBuilder routing(int top) {
    fields.replace("routing", routing.set("top", top).part());
    return this;
  }

  /** The number of experts that each token uses, and the factors of the two balance losses. */
  public ModelSpecBuilder routing(int top, double importanceWeight, double loadWeight) {
    routing.set("importanceWeight", importanceWeight).set("loadWeight", loadWeight);
    return routing(top);
  }

  /** What is subtracted from and divided out of every pixel; 0.5 and 0.5 unless set. */
  public ModelSpecBuilder normalization(double mean, double std) {
    return normalization(List.of(mean), List.of(std));
  }

  /** What is subtracted from and divided out of the pixels, one value per channel. */
  public ModelSpecBuilder normalization(List<Double> mean, List<Double> std) {
    return set("normalization", new Normalization(mean, std));
  }

  /** What becomes the features; the class token unless set. */
  public ModelSpecBuilder pooling(Pooling pooling) {
    return set("pooling", pooling);
  }

  /** The number of classes; an autoencoder has none. */
  public ModelSpecBuilder classes(int classes) {
    return set("classes", classes);
  }

  /** The share of the patches that is hidden from an autoencoder's encoder, such as 0.75. */
  public ModelSpecBuilder mask(double share) {
    return set("mask", share);
  }

  /**
   * The decoder of an autoencoder.
   *
   * @param layers blocks
   * @param embedding width of its tokens
   * @param hidden width of its experts
   * @param experts of each block
   * @param heads query heads
   * @param groups key/value groups
   */
  public ModelSpecBuilder decoder(
      int layers, int embedding, int hidden, int experts, int heads, int groups) {
    return set("decoder", new Decoder(layers, embedding, hidden, experts, heads, groups));
  }

  /**
   * Whether an autoencoder paints patches that are normalised each by itself, by its mean and
   * unbiased variance; false unless set.
   */
  public ModelSpecBuilder normPixels(boolean each) {
    return set("normPixels", each);
  }

  /**
   * Checks every rule and makes the spec.
   *
   * @throws InvalidSpecException with all broken rules, missing fields among them
   */
  public ModelSpec build() {
    return fields.spec();
  }
}
