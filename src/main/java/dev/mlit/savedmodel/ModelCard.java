package dev.mlit.savedmodel;

import dev.mlit.spec.ModelCost;
import dev.mlit.spec.ModelSpec;
import dev.mlit.spec.RunSpec;
import dev.mlit.spec.Specs;
import java.util.List;
import java.util.Locale;
import org.tensorflow.TensorFlow;

/**
 * What a SavedModel's README.md says of its origin.
 *
 * @param run the run that trained it
 * @param dataset the name of the dataset
 * @param accuracy share of the test images that are classified rightly, in [0, 1]
 * @param testImages the number of test images
 * @param steps steps that were trained
 */
public record ModelCard(RunSpec run, String dataset, double accuracy, int testImages, long steps) {

  String markdown(ModelSpec model, List<String> labels) {
    ModelCost cost = ModelCost.of(model);
    return String.format(
        Locale.ROOT,
        """
        # %s

        A mixture-of-experts vision transformer (arXiv 2407.17783) that tells %d classes apart,
        trained with mlit.

        | | |
        |---|---|
        | test accuracy | %.4f on %,d images of %s |
        | parameters | %,d |
        | multiply-accumulates per image | %,d |
        | images | float32 [batch, %d, %d, %d] in [0, 1] |
        | classes | %s |
        | trained | %,d steps of %d images, seed %d |
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

        ## How it was trained

        ```yaml
        %s```
        """,
        model.name(),
        model.classes(),
        accuracy,
        testImages,
        dataset,
        cost.parameters(),
        cost.macs(),
        model.image().height(),
        model.image().width(),
        model.image().channels(),
        String.join(", ", labels.subList(0, Math.min(20, labels.size())))
            + (labels.size() > 20 ? ", ..." : ""),
        steps,
        run.training().batch(),
        run.training().seed(),
        TensorFlow.version(),
        Runtime.version().feature(),
        model.embedding(),
        model.tokens(),
        model.embedding(),
        Specs.yaml(run));
  }
}
