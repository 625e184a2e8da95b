package dev.mlit.savedmodel;

import static java.util.stream.Collectors.joining;

import dev.mlit.spec.ModelCost;
import dev.mlit.spec.ModelSpec;
import dev.mlit.spec.RunSpec;
import dev.mlit.spec.Specs;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.tensorflow.TensorFlow;

/**
 * What a SavedModel's README.md says of its origin.
 *
 * @param facts rows of its table, what and how much
 * @param recipe the run that trained it, as YAML; empty if it is not known
 */
public record ModelCard(Map<String, String> facts, String recipe) {
  private static final int LABELS_SHOWN = 20;

  /**
   * The card of a model that mlit trained.
   *
   * @param accuracy share of the test images that are classified rightly, in [0, 1]; of no meaning
   *     for an autoencoder
   * @param loss of the test images
   * @param testImages the number of test images
   * @param steps steps that were trained
   */
  public static ModelCard trained(
      RunSpec run, String dataset, double accuracy, double loss, int testImages, long steps) {
    Map<String, String> facts = new LinkedHashMap<>();
    boolean autoencoder = run.model().isAutoencoder();
    facts.put(
        autoencoder ? "mean squared error of hidden patches" : "test accuracy",
        String.format(
            Locale.ROOT,
            "%.4f on %,d images of %s",
            autoencoder ? loss : accuracy,
            testImages,
            dataset));
    facts.put(
        "trained",
        String.format(
            Locale.ROOT,
            "%,d steps of %,d images, seed %d",
            steps,
            run.training().batch(),
            run.training().seed()));
    return new ModelCard(facts, Specs.yaml(run));
  }

  /** The card of a model whose weights came from elsewhere, such as the name of a file. */
  public static ModelCard imported(String origin) {
    return new ModelCard(Map.of("weights", "imported from " + origin), "");
  }

  String markdown(ModelSpec model, List<String> labels) {
    return model.isAutoencoder() ? ofAutoencoder(model) : ofClassifier(model, labels);
  }

  private String ofAutoencoder(ModelSpec model) {
    ModelCost cost = ModelCost.of(model);
    return String.format(
        Locale.ROOT,
        """
        # %s

        A masked autoencoder: a mixture-of-experts vision transformer (arXiv 2407.17783) that has learned, without
        labels, to paint the %d of %d patches of an image that are hidden from it, made with mlit.

        | | |
        |---|---|
        %s
        | parameters | %,d |
        | multiply-accumulates per image | %,d |
        | images | float32 [batch, %d, %d, %d] in [0, 1] |
        | versions | TensorFlow %s, Java %s |

        ## Use it

        In a run of mlit, to train a classifier from it:
        ```yaml
        initialize: {from: DIR}
        ```
        ```python
        model = tf.saved_model.load("DIR")
        noise = tf.random.uniform([len(images), %d])          # the patches with the smallest stay visible
        painted = model.signatures["reconstruct"](images=images, noise=noise)
        tokens = model.signatures["features"](images=images)["tokens"]
        ```
        `model.variables` are all weights, and all are trainable. Signatures: `reconstruct` (`patches` [batch, %d, %d],
        the normalised pixels of every patch, and `mask` [batch, %d], 1 for hidden ones) and `features` (`features`
        [batch, %d], `tokens` [batch, %d, %d]; all patches are visible then).

        %s""",
        model.name(),
        model.patches() - model.visiblePatches(),
        model.patches(),
        rows(),
        cost.parameters(),
        cost.macs(),
        model.image().height(),
        model.image().width(),
        model.image().channels(),
        TensorFlow.version(),
        Runtime.version().feature(),
        model.patches(),
        model.patches(),
        model.patchValues(),
        model.patches(),
        model.embedding(),
        model.tokens(),
        model.embedding(),
        training());
  }

  private String training() {
    return recipe.isEmpty() ? "" : "## How it was trained\n\n```yaml\n" + recipe + "```\n";
  }

  private String ofClassifier(ModelSpec model, List<String> labels) {
    ModelCost cost = ModelCost.of(model);
    return String.format(
        Locale.ROOT,
        """
        # %s

        A mixture-of-experts vision transformer (arXiv 2407.17783) that tells %d classes apart, made with mlit.

        | | |
        |---|---|
        %s
        | parameters | %,d |
        | multiply-accumulates per image | %,d |
        | images | float32 [batch, %d, %d, %d] in [0, 1] |
        | classes | %s |
        | versions | TensorFlow %s, Java %s |

        ## Use it

        ```
        ./mlit predict DIR IMAGE.png
        ```
        ```java
        try (Classifier classifier = Mlit.load(Path.of("DIR"))) {
          Prediction best = classifier.classify(Path.of("IMAGE.png")).get(0);
        }
        ```
        ```python
        model = tf.saved_model.load("DIR")
        logits = model.signatures["serving_default"](images=images)["logits"]
        tokens = model.signatures["features"](images=images)["tokens"]
        ```
        `model.variables` are all weights, and all are trainable. Signatures: `serving_default`
        (`logits`, `probabilities`) and `features` (`features` [batch, %d], `tokens` [batch, %d, %d]).

        %s""",
        model.name(),
        model.classes(),
        rows(),
        cost.parameters(),
        cost.macs(),
        model.image().height(),
        model.image().width(),
        model.image().channels(),
        String.join(", ", labels.subList(0, Math.min(LABELS_SHOWN, labels.size())))
            + (labels.size() > LABELS_SHOWN ? ", ..." : ""),
        TensorFlow.version(),
        Runtime.version().feature(),
        model.embedding(),
        model.tokens(),
        model.embedding(),
        training());
  }

  private String rows() {
    return facts.entrySet().stream()
        .map(fact -> "| " + fact.getKey() + " | " + fact.getValue() + " |")
        .collect(joining("\n"));
  }
}
