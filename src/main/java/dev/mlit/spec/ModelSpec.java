package dev.mlit.spec;

import dev.mlit.spec.field.Absent;
import dev.mlit.spec.field.Default;
import dev.mlit.spec.field.Doc;
import dev.mlit.spec.field.Range;
import dev.mlit.spec.field.Together;
import java.util.ArrayList;
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
 * @param name a short name, used for files and directories
 * @param image the size of the images
 * @param patch the side of a square patch in pixels; divides the image's height and width
 * @param embedding the width m of a token
 * @param attention grouped query attention
 * @param stages the blocks, in stages that grow in experts
 * @param hidden the widths of the experts, from the first block to the last
 * @param routing how tokens choose experts
 * @param normalization what is subtracted from and divided out of the pixels
 * @param pooling what becomes the features
 * @param classes the number of classes; 0 for an autoencoder, which has no head
 * @param mask share of the patches that are hidden, in (0, 1); null for a classifier
 * @param decoder what paints the hidden patches; null for a classifier
 * @param normPixels whether an autoencoder paints patches that are normalised each by itself, (x -
 *     mean) / sqrt(variance + 1e-6) over the values of a patch, the variance unbiased
 *     (norm_pix_loss of He et al. 2022); false for a classifier
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

  /** What becomes the features of an image. */
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

  /**
   * As above, without normalisation of single patches.
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
      @Nullable Decoder decoder) {
    this(
        name,
        image,
        patch,
        embedding,
        attention,
        stages,
        hidden,
        routing,
        normalization,
        pooling,
        classes,
        mask,
        decoder,
        false);
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

  /** The encoder of this model with a head for so many classes, and no decoder. */
  public ModelSpec classifier(int classes) {
    Builder builder = toBuilder();
    builder.mask = null;
    builder.decoder = null;
    builder.normPixels = false;
    return builder.classes(classes).build();
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
  public static Builder builder(String name) {
    return new Builder(name);
  }

  /** A builder that starts from this spec. */
  public Builder toBuilder() {
    Builder builder = new Builder(name);
    builder.image = image;
    builder.patch = patch;
    builder.embedding = embedding;
    builder.attention = attention;
    builder.stages.addAll(stages);
    builder.hidden = hidden;
    builder.routing = routing;
    builder.normalization = normalization;
    builder.pooling = pooling;
    builder.classes = classes;
    builder.mask = mask;
    builder.decoder = decoder;
    builder.normPixels = normPixels;
    return builder;
  }

  /** Collects the fields of a {@link ModelSpec}; every rule is checked in {@link #build}. */
  public static final class Builder {
    private String name;
    private @Nullable ImageShape image;
    private @Nullable Integer patch;
    private @Nullable Integer embedding;
    private @Nullable Attention attention;
    private final List<Stage> stages = new ArrayList<>();
    private @Nullable Hidden hidden;
    private Routing routing = SpecBinder.defaults(Routing.class);
    private Normalization normalization = SpecBinder.defaults(Normalization.class);
    private Pooling pooling = Pooling.CLASS_TOKEN;
    private int classes;
    private @Nullable Double mask;
    private @Nullable Decoder decoder;
    private boolean normPixels;

    private Builder(String name) {
      this.name = name;
    }

    /** The name. */
    public Builder name(String name) {
      this.name = name;
      return this;
    }

    /** The size of the images, in pixels; {@code channels} 1 for gray, 3 for RGB. */
    public Builder image(int height, int width, int channels) {
      this.image = new ImageShape(height, width, channels);
      return this;
    }

    /** The side of a square patch in pixels; divides the image's height and width. */
    public Builder patch(int pixels) {
      this.patch = pixels;
      return this;
    }

    /** The width of a token; a multiple of the attention's heads. */
    public Builder embedding(int width) {
      this.embedding = width;
      return this;
    }

    /** {@code heads} query heads that share {@code groups} key/value groups. */
    public Builder attention(int heads, int groups) {
      this.attention = new Attention(heads, groups);
      return this;
    }

    /** Adds a stage of {@code layers} blocks with {@code experts} experts each. */
    public Builder stage(int layers, int experts) {
      stages.add(new Stage(layers, experts));
      return this;
    }

    /** Replaces all stages. */
    public Builder stages(List<Stage> stages) {
      this.stages.clear();
      this.stages.addAll(stages);
      return this;
    }

    /** The widths of the experts in the first and the last block. */
    public Builder hidden(int first, int last) {
      this.hidden = new Hidden(first, last);
      return this;
    }

    /** The number of experts that each token uses; 2 unless set. */
    public Builder routing(int top) {
      return routing(top, routing.importanceWeight(), routing.loadWeight());
    }

    /** The number of experts that each token uses, and the factors of the two balance losses. */
    public Builder routing(int top, double importanceWeight, double loadWeight) {
      this.routing = new Routing(top, importanceWeight, loadWeight);
      return this;
    }

    /** What is subtracted from and divided out of every pixel; 0.5 and 0.5 unless set. */
    public Builder normalization(double mean, double std) {
      return normalization(List.of(mean), List.of(std));
    }

    /** What is subtracted from and divided out of the pixels, one value per channel. */
    public Builder normalization(List<Double> mean, List<Double> std) {
      this.normalization = new Normalization(mean, std);
      return this;
    }

    /** What becomes the features; the class token unless set. */
    public Builder pooling(Pooling pooling) {
      this.pooling = pooling;
      return this;
    }

    /** The number of classes; an autoencoder has none. */
    public Builder classes(int classes) {
      this.classes = classes;
      return this;
    }

    /** The share of the patches that is hidden from an autoencoder's encoder, such as 0.75. */
    public Builder mask(double share) {
      this.mask = share;
      return this;
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
    public Builder decoder(
        int layers, int embedding, int hidden, int experts, int heads, int groups) {
      this.decoder = new Decoder(layers, embedding, hidden, experts, heads, groups);
      return this;
    }

    /**
     * Whether an autoencoder paints patches that are normalised each by itself, by its mean and
     * unbiased variance; false unless set.
     */
    public Builder normPixels(boolean each) {
      this.normPixels = each;
      return this;
    }

    /**
     * Checks every rule and makes the spec.
     *
     * @throws InvalidSpecException with all broken rules, missing fields among them
     */
    public ModelSpec build() {
      return SpecBinder.build(
          ModelSpec.class,
          name,
          image,
          patch,
          embedding,
          attention,
          stages.isEmpty() ? null : List.copyOf(stages),
          hidden,
          routing,
          normalization,
          pooling,
          classes,
          mask,
          decoder,
          normPixels);
    }
  }
}
