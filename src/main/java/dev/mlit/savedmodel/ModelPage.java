package dev.mlit.savedmodel;

import static java.util.stream.Collectors.joining;

import dev.mlit.model.RouterLoad;
import dev.mlit.spec.ImageShape;
import dev.mlit.spec.ModelCost;
import dev.mlit.spec.ModelSpec;
import dev.mlit.tensorflow.Versions;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/**
 * A SavedModel's README.md: the metadata of model hubs, what the model is and where it comes from,
 * what its routers do, and how to use it.
 *
 * @param labels the names of the classes
 */
record ModelPage(ModelCard card, ModelSpec model, List<String> labels) {
  private static final int LABELS_SHOWN = 20;

  /** What a user must know to paint with the model, or to compare its error. */
  private static final String NORM_PIXELS =
      """

      The model was trained with `norm-pixels`: `patches` are normalised once more, every patch by its own mean and
      variance, and so is the error above. For a picture, multiply a painted patch by sqrt(variance + 1e-6) of the
      original's normalised pixels (variance unbiased) and add their mean.
      """;

  /** The whole page. */
  String markdown() {
    String use = model.isAutoencoder() ? useOfAutoencoder() : use();
    String metadata = HubMetadata.of(model, card.measured()).block();
    return metadata + String.join("\n", what(), routers(), use, training());
  }

  private String what() {
    ModelCost cost = ModelCost.of(model);
    Versions versions = Versions.current();
    Map<String, String> rows = new LinkedHashMap<>();
    card.facts().forEach((what, value) -> rows.put(Markdown.text(what), Markdown.text(value)));
    rows.put("parameters", String.format(Locale.ROOT, "%,d", cost.parameters()));
    rows.put("multiply-accumulates per image", String.format(Locale.ROOT, "%,d", cost.macs()));
    rows.put(
        "images",
        String.format(
            Locale.ROOT,
            "float32 [batch, %d, %d, %d] in [0, 1]",
            model.image().height(),
            model.image().width(),
            model.image().channels()));
    if (!model.isAutoencoder()) {
      rows.put("classes", classes());
    }
    rows.put(
        "versions",
        "mlit "
            + versions.mlit()
            + ", TensorFlow "
            + versions.tensorflow()
            + ", Java "
            + versions.java());
    return String.format(
        Locale.ROOT,
        """
        # %s

        A mixture-of-experts vision transformer (arXiv 2407.17783) %s, made with mlit.

        | | |
        |---|---|
        %s
        """,
        Markdown.text(model.name()),
        purpose(),
        rows.entrySet().stream()
            .map(row -> "| " + row.getKey() + " | " + row.getValue() + " |")
            .collect(joining("\n")));
  }

  private String purpose() {
    return model.isAutoencoder()
        ? String.format(
            Locale.ROOT,
            "as a masked autoencoder: it has learned, without labels, to paint%nthe %d of %d"
                + " patches of an image that are hidden from it",
            model.patches() - model.visiblePatches(),
            model.patches())
        : String.format(Locale.ROOT, "that tells %d classes apart", model.classes());
  }

  private String useOfAutoencoder() {
    return String.format(
        Locale.ROOT,
        """
        ## Use it

        In a run of mlit, to train a classifier from it:

        ```yaml
        initialize: {from: DIR}
        ```

        Python:

        ```python
        import tensorflow as tf

        model = tf.saved_model.load("DIR")
        %s
        images = tf.round(tf.image.resize(pixels, (%d, %d), antialias=True))[tf.newaxis] / 255
        noise = tf.random.uniform([1, %d])   # the patches with the smallest stay visible
        painted = model.signatures["reconstruct"](images=images, noise=noise)
        features = model.signatures["features"](images=images)["features"]
        ```

        `model.variables` are all weights, and all are trainable. Signatures: `reconstruct` (`patches` [batch, %d, %d],
        the normalised pixels of every patch, and `mask` [batch, %d], 1 for hidden ones) and `features` (`features`
        [batch, %d], `tokens` [batch, %d, %d]; all patches are visible then).
        %s""",
        pythonPixels(),
        model.image().height(),
        model.image().width(),
        model.patches(),
        model.patches(),
        model.patchValues(),
        model.patches(),
        model.embedding(),
        model.tokens(),
        model.embedding(),
        model.normPixels() ? NORM_PIXELS : "");
  }

  /** Python that reads a picture; TensorFlow's reader turns none. */
  private String pythonPixels() {
    boolean gray = model.image().channels() == 1;
    if (model.image().orientation() == ImageShape.Orientation.EXIF) {
      return String.format(
          Locale.ROOT,
          "upright = PIL.ImageOps.exif_transpose(PIL.Image.open(\"IMAGE.png\"))   # import PIL.Image,"
              + " PIL.ImageOps%npixels = tf.keras.utils.img_to_array(upright.convert(\"%s\"))",
          gray ? "L" : "RGB");
    }
    return String.format(
        Locale.ROOT,
        "pixels = tf.io.decode_image(tf.io.read_file(\"IMAGE.png\"), channels=%d,"
            + " expand_animations=False)",
        model.image().channels());
  }

  private String classes() {
    return labels.stream().limit(LABELS_SHOWN).map(Markdown::text).collect(joining(", "))
        + (labels.size() > LABELS_SHOWN ? ", ..." : "");
  }

  private String routers() {
    if (card.routing().isEmpty()) {
      return "";
    }
    return String.format(
        Locale.ROOT,
        """
        ## Router balance

        A token goes to %d experts of a block. The share of the tokens that each expert gets, of images that were not trained on:

        | block | tokens of each expert | most loaded, of a fair share |
        |---|---|---|
        %s
        """,
        model.routing().top(),
        card.routing().stream().map(ModelPage::router).collect(joining("\n")));
  }

  private static String router(RouterLoad block) {
    double sum = block.tokens().stream().mapToDouble(Double::doubleValue).sum();
    double most = block.tokens().stream().mapToDouble(Double::doubleValue).max().orElse(0);
    return String.format(
        Locale.ROOT,
        "| %d | %s | %.2f |",
        block.block(),
        block.tokens().stream()
            .map(share -> String.format(Locale.ROOT, "%.2f", share))
            .collect(joining(" ")),
        most * block.tokens().size() / sum);
  }

  private String use() {
    return String.format(
        Locale.ROOT,
        """
        ## Use it

        ```sh
        ./mlit predict DIR IMAGE.png --top 3
        ```

        Java:

        ```java
        import dev.mlit.Mlit;
        import dev.mlit.savedmodel.Classifier;
        import java.nio.file.Path;

        try (Classifier classifier = Mlit.load(Path.of("DIR"))) {
          classifier.classify(Path.of("IMAGE.png"), 3).forEach(System.out::println);
        }
        ```

        Kotlin:

        ```kotlin
        Mlit.load(Path.of("DIR")).use { classifier ->
            classifier.classify(Path.of("IMAGE.png"), 3).forEach { println("${it.label} ${it.probability}") }
        }
        ```

        Python:

        ```python
        import tensorflow as tf

        model = tf.saved_model.load("DIR")
        %s
        images = tf.round(tf.image.resize(pixels, (%d, %d), antialias=True))[tf.newaxis] / 255
        probabilities = model.signatures["serving_default"](images=images)["probabilities"]
        features = model.signatures["features"](images=images)["features"]
        ```

        `model.variables` are all weights, and all are trainable. Signatures: `serving_default`
        (`logits`, `probabilities`) and `features` (`features` [batch, %d], `tokens` [batch, %d, %d]).
        What Python has fine-tuned and saved goes back with `./mlit import`.
        """,
        pythonPixels(),
        model.image().height(),
        model.image().width(),
        model.embedding(),
        model.tokens(),
        model.embedding());
  }

  private String training() {
    return card.recipe().isEmpty()
        ? ""
        : "## How it was trained\n\n" + Markdown.code("yaml", card.recipe());
  }
}
