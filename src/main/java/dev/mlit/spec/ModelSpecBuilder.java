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

/**
 * Collects the fields of a {@link ModelSpec}; every rule is checked in {@link #build}.
 *
 * <p>{@code stage} adds one with every call. Any other field that is set again to another value is
 * an {@link IllegalStateException}; {@link ModelSpec#toBuilder} gives a builder in which every
 * field may be set once more.
 *
 * @since 0.1.0
 */
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

  /** Makes a classifier of an autoencoder, but for the number of classes. */
  ModelSpecBuilder withoutDecoder() {
    return set("mask", null).set("decoder", null).set("normPixels", false);
  }

  /** A short name, used for files: 1 to 100 letters, digits, '.', '_' or '-'. */
  public ModelSpecBuilder name(String name) {
    return set("name", name);
  }

  /**
   * The size of the images.
   *
   * @param height in pixels, 1 to 4096, a multiple of the patch
   * @param width in pixels, 1 to 4096, a multiple of the patch
   * @param channels 1 for gray, 3 for RGB
   */
  public ModelSpecBuilder image(int height, int width, int channels) {
    return image(height, width, channels, ImageShape.Orientation.STORED);
  }

  /**
   * The size of the images, and which side of image files is up.
   *
   * @param height in pixels, 1 to 4096, a multiple of the patch
   * @param width in pixels, 1 to 4096, a multiple of the patch
   * @param channels 1 for gray, 3 for RGB
   * @param orientation whether image files are turned as cameras say; they are not unless set
   */
  public ModelSpecBuilder image(
      int height, int width, int channels, ImageShape.Orientation orientation) {
    return set("image", new ImageShape(height, width, channels, orientation));
  }

  /** The side of a square patch in pixels, 1 to 4096; divides the image's height and width. */
  public ModelSpecBuilder patch(int pixels) {
    return set("patch", pixels);
  }

  /** The width of a token, 1 to 16,384; a multiple of the attention's heads. */
  public ModelSpecBuilder embedding(int width) {
    return set("embedding", width);
  }

  /**
   * Grouped query attention.
   *
   * @param heads query heads, 1 to 1024; divides the embedding
   * @param groups key/value groups that the heads share; divides {@code heads}
   */
  public ModelSpecBuilder attention(int heads, int groups) {
    return set("attention", new Attention(heads, groups));
  }

  /**
   * Adds a stage, after those that there are.
   *
   * @param layers blocks in the stage; 1 to 1000 in all stages
   * @param experts experts of each block, 1 to 1024; at least the routing's top
   */
  public ModelSpecBuilder stage(int layers, int experts) {
    fields.add("stages", new Stage(layers, experts));
    return this;
  }

  /** All stages at once, in place of those that the builder started from. */
  public ModelSpecBuilder stages(List<Stage> stages) {
    return set("stages", stages.isEmpty() ? null : List.copyOf(stages));
  }

  /** The widths of the experts in the first and the last block, 1 to 65,536. */
  public ModelSpecBuilder hidden(int first, int last) {
    return set("hidden", new Hidden(first, last));
  }

  /** The number of experts that each token uses, 1 to 1024; 2 unless set. */
  public ModelSpecBuilder routing(int top) {
    fields.replace("routing", routing.set("top", top).part());
    return this;
  }

  /**
   * How tokens choose experts.
   *
   * @param top experts that each token uses, 1 to 1024; 2 unless set
   * @param importanceWeight factor of the balance loss of the gates, 0 to 1000; 0.01 unless set
   * @param loadWeight factor of the balance loss of the load, 0 to 1000; 0.01 unless set
   */
  public ModelSpecBuilder routing(int top, double importanceWeight, double loadWeight) {
    routing.set("importanceWeight", importanceWeight).set("loadWeight", loadWeight);
    return routing(top);
  }

  /** Mean and standard deviation that pixels in [0, 1] are normalised by; 0.5 each unless set. */
  public ModelSpecBuilder normalization(double mean, double std) {
    return normalization(List.of(mean), List.of(std));
  }

  /** As {@link #normalization(double, double)}, with one value, or one per channel. */
  public ModelSpecBuilder normalization(List<Double> mean, List<Double> std) {
    return set("normalization", new Normalization(mean, std));
  }

  /** How tokens become the features; {@link Pooling#CLASS_TOKEN} unless set. */
  public ModelSpecBuilder pooling(Pooling pooling) {
    return set("pooling", pooling);
  }

  /** The number of classes, 1 to 1,000,000; 0 for an autoencoder, which has none. */
  public ModelSpecBuilder classes(int classes) {
    return set("classes", classes);
  }

  /** The share of the patches that an autoencoder hides, above 0 and below 1, such as 0.75. */
  public ModelSpecBuilder mask(double share) {
    return set("mask", share);
  }

  /**
   * The decoder of an autoencoder.
   *
   * @param layers blocks, 1 to 1000
   * @param embedding width of its tokens, 1 to 16,384; a multiple of {@code heads}
   * @param hidden width of its experts, 1 to 65,536
   * @param experts experts of each block, 1 to 1024; at least the routing's top
   * @param heads query heads, 1 to 1024
   * @param groups key/value groups; divides {@code heads}
   */
  public ModelSpecBuilder decoder(
      int layers, int embedding, int hidden, int experts, int heads, int groups) {
    return set("decoder", new Decoder(layers, embedding, hidden, experts, heads, groups));
  }

  /**
   * Whether an autoencoder reconstructs patches that are normalised each by itself, by its mean and
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
