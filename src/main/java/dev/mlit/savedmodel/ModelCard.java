package dev.mlit.savedmodel;

import static java.util.stream.Collectors.joining;

import dev.mlit.model.RouterLoad;
import dev.mlit.spec.EarlyStopping;
import dev.mlit.spec.ModelCost;
import dev.mlit.spec.ModelSpec;
import dev.mlit.spec.NeighboursSpec;
import dev.mlit.spec.OptimizerSpec;
import dev.mlit.spec.ProbeSpec;
import dev.mlit.spec.RunSpec;
import dev.mlit.spec.Specs;
import dev.mlit.tensorflow.Versions;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.apiguardian.api.API;
import org.apiguardian.api.API.Status;

/**
 * What a SavedModel's README.md says of its origin.
 *
 * @param facts rows of its table, what and how much
 * @param routing what the router did with images that were not trained on, block by block; empty if
 *     it is not known
 * @param recipe the run that trained it, as YAML; empty if it is not known
 * @since 0.1.0
 */
@API(status = Status.INTERNAL)
public record ModelCard(Map<String, String> facts, List<RouterLoad> routing, String recipe) {
  private static final int LABELS_SHOWN = 20;

  /** What who paints with the model must know, and who compares its error. */
  private static final String NORM_PIXELS =
      """

      The model was trained with `norm-pixels`: `patches` are normalised once more, every patch by its own mean and
      variance, and so is the error above. For a picture, multiply a painted patch by sqrt(variance + 1e-6) of the
      original's normalised pixels (variance unbiased) and add their mean.
      """;

  public ModelCard {
    facts = new LinkedHashMap<>(facts);
    routing = List.copyOf(routing);
  }

  /**
   * What was measured of a trained model; accuracies in [0, 1].
   *
   * @param dataset the name of the dataset
   * @param trainImages images that it was trained on
   * @param validationImages images that choices were made on; 0 if there were none
   * @param testImages images of the test part
   * @param validationAccuracy share of the validation images that are classified rightly; NaN if it
   *     was not measured, or for an autoencoder
   * @param validationLoss of the validation images, of an autoencoder the mean squared error of
   *     hidden patches; NaN if it was not measured
   * @param testAccuracy as {@code validationAccuracy}, of the test images
   * @param testLoss as {@code validationLoss}, of the test images
   */
  public record Measured(
      String dataset,
      int trainImages,
      int validationImages,
      int testImages,
      double validationAccuracy,
      double validationLoss,
      double testAccuracy,
      double testLoss) {}

  /**
   * The card of a model that mlit trained.
   *
   * @param measured what is known of it
   * @param steps steps that were trained
   * @param chosen how its epoch was chosen; empty for the last one of the run
   * @param routing what the router did with images that were not trained on, block by block
   * @param neighboursAccuracy of nearest neighbours by the features; NaN if it was not measured
   */
  public static ModelCard trained(
      RunSpec run,
      Measured measured,
      long steps,
      String chosen,
      List<RouterLoad> routing,
      double neighboursAccuracy) {
    Map<String, String> facts = new LinkedHashMap<>();
    boolean autoencoder = run.model().isAutoencoder();
    if (autoencoder) {
      String error = "mean squared error of hidden patches";
      put(facts, error, measured.testLoss, measured.testImages, measured.dataset);
      String validation = error + ", validation images";
      put(facts, validation, measured.validationLoss, measured.validationImages, measured.dataset);
    } else {
      put(facts, "test accuracy", measured.testAccuracy, measured.testImages, measured.dataset);
      put(
          facts,
          "validation accuracy",
          measured.validationAccuracy,
          measured.validationImages,
          measured.dataset);
    }
    if (!chosen.isEmpty()) {
      facts.put("chosen", chosen);
    }
    EarlyStopping early = run.earlyStopping();
    EarlyStopping.Metric metric = early == null ? null : early.metric();
    if (metric != null && metric.isOfTest()) {
      facts.put(
          "early stopping",
          "by "
              + metric.text()
              + ": chosen on test images, so that they say too much good of other images");
    }
    facts.put("data", data(measured));
    facts.put("trained", run.probe() == null ? steps(run, steps) : probe(run.probe()));
    if (run.probe() == null) {
      facts.put("optimizer", optimizer(run.optimizer()));
    }
    NeighboursSpec neighbours = run.neighbours();
    if (neighbours != null && !Double.isNaN(neighboursAccuracy)) {
      facts.put(
          "nearest neighbours",
          String.format(
              Locale.ROOT,
              "%.4f of the validation images%s, by the features, k = %d",
              neighboursAccuracy,
              labelled(run, neighbours),
              neighbours.k()));
    }
    RunSpec.Initialize initialize = run.initialize();
    if (initialize != null) {
      facts.put("began with", "the weights of " + initialize.from());
    }
    return new ModelCard(facts, routing, Specs.yaml(run));
  }

  private static void put(
      Map<String, String> facts, String what, double value, int images, String dataset) {
    if (!Double.isNaN(value)) {
      facts.put(
          what, String.format(Locale.ROOT, "%.4f on %,d images of %s", value, images, dataset));
    }
  }

  private static String data(Measured measured) {
    return String.format(
        Locale.ROOT,
        "%s: %,d images to train on, %s%,d to test on",
        measured.dataset,
        measured.trainImages,
        measured.validationImages == 0
            ? ""
            : String.format(Locale.ROOT, "%,d to validate on, ", measured.validationImages),
        measured.testImages);
  }

  private static String steps(RunSpec run, long steps) {
    return String.format(
        Locale.ROOT,
        "%,d steps of %,d images, seed %d",
        steps,
        run.training().batch(),
        run.training().seed());
  }

  private static String probe(ProbeSpec probe) {
    return String.format(
        Locale.ROOT,
        "only the head: logistic regression on the standardised features, l2 %s",
        probe.l2());
  }

  /** Whose, where that is not the dataset that the card names. */
  private static String labelled(RunSpec run, NeighboursSpec neighbours) {
    String other = neighbours.dataset();
    if (other != null) {
      return " of " + new RunSpec.NamedDataset(other, neighbours.directory(), null).title();
    }
    return run.data().datasets().isEmpty() ? "" : " of " + run.data().datasets().get(0).title();
  }

  private static String optimizer(OptimizerSpec optimizer) {
    String rate = "learning rate up to " + optimizer.learningRate();
    return optimizer.isMuon()
        ? "Muon, learning rate up to "
            + optimizer.muonRate()
            + ", for the kernels inside the blocks; AdamW, "
            + rate
            + ", for the rest"
        : "AdamW, " + rate;
  }

  /** The card of a model whose weights came from elsewhere, such as the name of a file. */
  public static ModelCard imported(String origin) {
    return new ModelCard(Map.of("weights", "imported from " + origin), List.of(), "");
  }

  /** This card with a row more. */
  ModelCard with(String fact, String value) {
    Map<String, String> more = new LinkedHashMap<>(facts);
    more.put(fact, value);
    return new ModelCard(more, routing, recipe);
  }

  String markdown(ModelSpec model, List<String> labels) {
    String use = model.isAutoencoder() ? useOfAutoencoder(model) : use(model);
    return String.join("\n", what(model, labels), routers(model), use, training());
  }

  private String what(ModelSpec model, List<String> labels) {
    ModelCost cost = ModelCost.of(model);
    Versions versions = Versions.current();
    Map<String, String> rows = new LinkedHashMap<>();
    facts.forEach((what, value) -> rows.put(Markdown.text(what), Markdown.text(value)));
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
      rows.put("classes", classes(labels));
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
        purpose(model),
        rows.entrySet().stream()
            .map(row -> "| " + row.getKey() + " | " + row.getValue() + " |")
            .collect(joining("\n")));
  }

  private static String purpose(ModelSpec model) {
    return model.isAutoencoder()
        ? String.format(
            Locale.ROOT,
            "as a masked autoencoder: it has learned, without labels, to paint%nthe %d of %d"
                + " patches of an image that are hidden from it",
            model.patches() - model.visiblePatches(),
            model.patches())
        : String.format(Locale.ROOT, "that tells %d classes apart", model.classes());
  }

  private static String useOfAutoencoder(ModelSpec model) {
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
        pixels = tf.io.decode_image(tf.io.read_file("IMAGE.png"), channels=%d, expand_animations=False)
        images = tf.round(tf.image.resize(pixels, (%d, %d), antialias=True))[tf.newaxis] / 255
        noise = tf.random.uniform([1, %d])   # the patches with the smallest stay visible
        painted = model.signatures["reconstruct"](images=images, noise=noise)
        features = model.signatures["features"](images=images)["features"]
        ```

        `model.variables` are all weights, and all are trainable. Signatures: `reconstruct` (`patches` [batch, %d, %d],
        the normalised pixels of every patch, and `mask` [batch, %d], 1 for hidden ones) and `features` (`features`
        [batch, %d], `tokens` [batch, %d, %d]; all patches are visible then).
        %s""",
        model.image().channels(),
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

  private static String classes(List<String> labels) {
    return labels.stream().limit(LABELS_SHOWN).map(Markdown::text).collect(joining(", "))
        + (labels.size() > LABELS_SHOWN ? ", ..." : "");
  }

  private String routers(ModelSpec model) {
    if (routing.isEmpty()) {
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
        routing.stream().map(ModelCard::router).collect(joining("\n")));
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

  private static String use(ModelSpec model) {
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
        pixels = tf.io.decode_image(tf.io.read_file("IMAGE.png"), channels=%d, expand_animations=False)
        images = tf.round(tf.image.resize(pixels, (%d, %d), antialias=True))[tf.newaxis] / 255
        probabilities = model.signatures["serving_default"](images=images)["probabilities"]
        features = model.signatures["features"](images=images)["features"]
        ```

        `model.variables` are all weights, and all are trainable. Signatures: `serving_default`
        (`logits`, `probabilities`) and `features` (`features` [batch, %d], `tokens` [batch, %d, %d]).
        What Python has fine-tuned and saved goes back with `./mlit import`.
        """,
        model.image().channels(),
        model.image().height(),
        model.image().width(),
        model.embedding(),
        model.tokens(),
        model.embedding());
  }

  private String training() {
    return recipe.isEmpty() ? "" : "## How it was trained\n\n" + Markdown.code("yaml", recipe);
  }
}
