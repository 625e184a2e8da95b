package dev.mlit.spec;

import dev.mlit.spec.field.Absent;
import dev.mlit.spec.field.Default;
import dev.mlit.spec.field.Doc;
import dev.mlit.spec.field.Range;
import dev.mlit.spec.field.Together;
import java.util.List;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/**
 * A staged mixture-of-experts vision transformer, as in "How Lightweight Can A Vision Transformer
 * Be" (arXiv 2407.17783).
 *
 * <pre>{@code
 * ModelSpec xxs = ModelSpec.builder("mlit-xxs")
 *     .image(36, 36, 3).patch(3).embedding(108)
 *     .attention(6, 3)
 *     .stage(3, 3).stage(3, 4).stage(3, 5)      // layers, experts
 *     .hidden(81, 27)
 *     .classes(100)
 *     .build();
 * }</pre>
 *
 * <p>With {@code mask} and {@code decoder} in place of {@code classes} it is a masked autoencoder
 * (He et al. 2022), which learns from images without labels; {@link #classifier} is its encoder
 * with a head.
 *
 * <p>A spec that exists is valid: the constructor checks every rule.
 *
 * <p>It is a record, because reading, writing, the JSON Schema and equality follow its components
 * in order. Make one with {@link #builder}: a new field changes the constructor, not the builder.
 *
 * @param name a short name, used for files and directories
 * @param image the size of the images
 * @param patch the side of a square patch in pixels; divides the image's height and width
 * @param embedding the width m of a token
 * @param attention grouped query attention
 * @param stages the blocks, in stages that grow in experts
 * @param hidden the widths of the experts, from the first block to the last
 * @param routing how tokens choose experts
 * @param normalization mean and standard deviation that pixels are normalised by
 * @param pooling how tokens become the features of an image
 * @param classes the number of classes; 0 for an autoencoder, which has no head
 * @param mask share of the patches that are hidden, in (0, 1); null for a classifier
 * @param decoder reconstructs the hidden patches; null for a classifier
 * @param normPixels whether an autoencoder reconstructs patches that are normalised each by itself,
 *     (x - mean) / sqrt(variance + 1e-6) over the values of a patch, the variance unbiased
 *     (norm_pix_loss of He et al. 2022); false for a classifier
 * @since 0.1.0
 */
public record ModelSpec(
    @Doc("a short name, used for files and directories") String name,
    @Doc("the size of the images") ImageShape image,
    @Range(min = 1, max = 4096) @Doc("side of a square patch in pixels; divides height and width")
        int patch,
    @Range(min = 1, max = 16384) @Doc("width of a token; a multiple of attention.heads")
        int embedding,
    @Doc("grouped query attention") Attention attention,
    @Doc("the blocks, in stages that grow in experts") List<Stage> stages,
    @Doc("widths of the SwiGLU experts, linear from the first block to the last") Hidden hidden,
    @Default("{}") @Doc("how tokens choose experts") Routing routing,
    @Default("{}") @Doc("(pixel - mean) / std, inside the graph") Normalization normalization,
    @Default("class-token") @Doc("what becomes the features") Pooling pooling,
    @Absent(value = 0, whereThereIs = "decoder")
        @Range(min = 1, max = 1_000_000)
        @Doc("number of classes")
        int classes,
    @Together(with = "decoder")
        @Range(min = 0, above = true, max = 1, below = true)
        @Doc("masked autoencoder: share of the patches that are hidden from the encoder")
        @Nullable Double mask,
    @Together(with = "mask")
        @Doc("masked autoencoder: what paints the hidden patches, in place of a head")
        @Nullable Decoder decoder,
    @Default("false") @Doc("masked autoencoder: paint every patch by its own mean and variance")
        boolean normPixels) {

  /**
   * Grouped query attention: {@code heads} query heads share {@code groups} key/value groups.
   *
   * @param heads query heads; divides the embedding
   * @param groups key/value groups; divides {@code heads}; equal to it for multi-head, 1 for
   *     multi-query attention
   */
  public record Attention(
      @Range(min = 1, max = 1024) @Doc("query heads; divides embedding") int heads,
      @Range(min = 1, max = 1024) @Doc("key/value groups; divides heads") int groups) {}

  /**
   * Consecutive blocks with the same number of experts.
   *
   * @param layers blocks in the stage
   * @param experts experts of each block
   */
  public record Stage(
      @Range(min = 1, max = 1000) @Doc("blocks in this stage") int layers,
      @Range(min = 1, max = 1024) @Doc("experts of each block; at least routing.top")
          int experts) {}

  /**
   * Depth-wise scaling: the width of block i of L is {@code floor(first + (last - first) * i /
   * (L-1) + 0.5)}.
   *
   * @param first width of the first block's experts
   * @param last width of the last block's experts
   */
  public record Hidden(
      @Range(min = 1, max = 65536) @Doc("width in the first block") int first,
      @Range(min = 1, max = 65536) @Doc("width in the last block") int last) {}

  /**
   * Noisy top-k gating (Shazeer et al. 2017).
   *
   * @param top experts that each token uses, k
   * @param importanceWeight factor of the balance loss of the gates
   * @param loadWeight factor of the balance loss of the load
   */
  public record Routing(
      @Range(min = 1, max = 1024) @Default("2") @Doc("experts that each token uses") int top,
      @Range(min = 0, max = 1000) @Default("0.01") @Doc("factor of the importance loss")
          double importanceWeight,
      @Range(min = 0, max = 1000) @Default("0.01") @Doc("factor of the load loss")
          double loadWeight) {}

  /**
   * Normalisation of the pixels, (x - mean) / std with x in [0, 1].
   *
   * @param mean one value, or one per channel
   * @param std one value, or one per channel
   */
  public record Normalization(
      @Range(min = -1000, max = 1000)
          @Default("[0.5]")
          @Doc("mean of the pixels in [0, 1]: one value, or one per channel")
          List<Double> mean,
      @Range(min = 0, above = true, max = 1000)
          @Default("[0.5]")
          @Doc("standard deviation of the pixels: one value, or one per channel")
          List<Double> std) {
    public Normalization {
      mean = List.copyOf(mean);
      std = List.copyOf(std);
    }
  }

  /**
   * The decoder of a masked autoencoder: blocks as the encoder's, all of one width.
   *
   * @param layers blocks
   * @param embedding the width of its tokens; a multiple of {@code heads}
   * @param hidden the width of its experts
   * @param experts experts of each block; at least {@code routing.top}
   * @param heads query heads
   * @param groups key/value groups; divides {@code heads}
   */
  public record Decoder(
      @Range(min = 1, max = 1000) @Default("2") @Doc("blocks") int layers,
      @Range(min = 1, max = 16384)
          @Default("108")
          @Doc("width of its tokens; a multiple of decoder.heads")
          int embedding,
      @Range(min = 1, max = 65536) @Default("54") @Doc("width of its experts") int hidden,
      @Range(min = 1, max = 1024) @Default("3") @Doc("experts of each block; at least routing.top")
          int experts,
      @Range(min = 1, max = 1024) @Default("6") @Doc("query heads; divides decoder.embedding")
          int heads,
      @Range(min = 1, max = 1024) @Default("3") @Doc("key/value groups; divides decoder.heads")
          int groups) {

    /** Its grouped query attention. */
    public Attention attention() {
      return new Attention(heads, groups);
    }
  }

  /** How tokens become the features of an image. */
  public enum Pooling {
    /** The class token after the final norm. */
    CLASS_TOKEN,
    /** The mean of the patch tokens after the final norm. */
    MEAN
  }

  /**
   * Checks every rule.
   *
   * @throws InvalidSpecException with all broken rules
   */
  public ModelSpec(
      String name,
      ImageShape image,
      int patch,
      int embedding,
      Attention attention,
      List<Stage> stages,
      Hidden hidden,
      Routing routing,
      Normalization normalization,
      Pooling pooling,
      int classes,
      @Nullable Double mask,
      @Nullable Decoder decoder,
      boolean normPixels) {
    this.name = name;
    this.image = image;
    this.patch = patch;
    this.embedding = embedding;
    this.attention = attention;
    this.stages = List.copyOf(stages);
    this.hidden = hidden;
    this.routing = routing;
    this.normalization = normalization;
    this.pooling = pooling;
    this.classes = classes;
    this.mask = mask;
    this.decoder = decoder;
    this.normPixels = normPixels;
    ModelRules.check(this);
  }

  /** The number of blocks. */
  public int layers() {
    return stages.stream().mapToInt(Stage::layers).sum();
  }

  /** The number of patches, N. */
  public int patches() {
    return (image.height() / patch) * (image.width() / patch);
  }

  /** The number of tokens that the encoder sees: the class token and the patches. */
  public int tokens() {
    return patches() + 1;
  }

  /** Whether this is a masked autoencoder, which has no head. */
  public boolean isAutoencoder() {
    return decoder != null;
  }

  /**
   * The number of patches that an autoencoder's encoder sees, the integer part of N (1 - mask); all
   * N of a classifier.
   */
  public int visiblePatches() {
    return mask == null ? patches() : (int) (patches() * (1 - mask));
  }

  /** The encoder of this model with a head for so many classes, at least 1, and no decoder. */
  public ModelSpec classifier(int classes) {
    return toBuilder().withoutDecoder().classes(classes).build();
  }

  /** The values of one patch: patch * patch * channels. */
  public int patchValues() {
    return patch * patch * image.channels();
  }

  /** The width d of a head. */
  public int headWidth() {
    return embedding / attention.heads();
  }

  /** The number of experts of every block, in order. */
  public List<Integer> experts() {
    return stages.stream()
        .flatMap(s -> IntStream.range(0, s.layers()).mapToObj(i -> s.experts()))
        .toList();
  }

  /** The width of every block's experts, in order; see {@link Hidden}. */
  public List<Integer> hiddenWidths() {
    int layers = layers();
    return IntStream.range(0, layers).mapToObj(i -> hiddenWidth(hidden, i, layers)).toList();
  }

  static int hiddenWidth(Hidden hidden, int layer, int layers) {
    if (layers == 1) {
      return hidden.first();
    }
    int span = hidden.last() - hidden.first();
    // The product before the division, so that a half comes out as a half.
    return (int) Math.floor(hidden.first() + (double) span * layer / (layers - 1) + 0.5);
  }

  /** Starts a description; what a method is called is what the field is called in YAML. */
  public static ModelSpecBuilder builder(String name) {
    return new ModelSpecBuilder(name);
  }

  /** A builder that starts from this spec. */
  public ModelSpecBuilder toBuilder() {
    return new ModelSpecBuilder(this);
  }
}
