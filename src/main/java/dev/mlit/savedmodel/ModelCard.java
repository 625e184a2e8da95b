package dev.mlit.savedmodel;

import dev.mlit.model.RouterLoad;
import dev.mlit.spec.EarlyStopping;
import dev.mlit.spec.ModelSpec;
import dev.mlit.spec.NeighboursSpec;
import dev.mlit.spec.OptimizerSpec;
import dev.mlit.spec.ProbeSpec;
import dev.mlit.spec.RunSpec;
import dev.mlit.spec.Specs;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.apiguardian.api.API;
import org.apiguardian.api.API.Status;
import org.jspecify.annotations.Nullable;

/**
 * The origin of a model, for the README.md of its SavedModel.
 *
 * @param facts rows of its table, name and value
 * @param routing what the router did with images that were not trained on, block by block; empty if
 *     it is not known
 * @param recipe the run that trained it, as YAML; empty if it is not known
 * @param measured what was measured of it; null if it is not known
 * @since 0.1.0
 */
@API(status = Status.INTERNAL)
public record ModelCard(
    Map<String, String> facts,
    List<RouterLoad> routing,
    String recipe,
    @Nullable Measured measured) {
  public ModelCard {
    facts = new LinkedHashMap<>(facts);
    routing = List.copyOf(routing);
  }

  /**
   * Measurements of a trained model; accuracies in [0, 1].
   *
   * @param dataset the name of the dataset
   * @param trainImages images that it was trained on
   * @param validationImages images that choices were made on; 0 if there were none
   * @param testImages images of the test part
   * @param validationAccuracy share of the validation images that are classified correctly; NaN if
   *     it was not measured, or for an autoencoder
   * @param validationLoss of the validation images, of an autoencoder the mean squared error of
   *     hidden patches; NaN if it was not measured
   * @param testAccuracy as {@code validationAccuracy}, of the test images
   * @param testLoss as {@code validationLoss}, of the test images
   * @param chosenOnTest whether the test images had a say in which epoch it is of, so that they say
   *     too much good of other images
   */
  public record Measured(
      String dataset,
      int trainImages,
      int validationImages,
      int testImages,
      double validationAccuracy,
      double validationLoss,
      double testAccuracy,
      double testLoss,
      boolean chosenOnTest) {}

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
    return new ModelCard(facts, routing, Specs.yaml(run), measured);
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

  /** Whose images the neighbours are, where that is not the dataset that the card names. */
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
    return new ModelCard(Map.of("weights", "imported from " + origin), List.of(), "", null);
  }

  /** This card with a row more. */
  ModelCard with(String fact, String value) {
    Map<String, String> more = new LinkedHashMap<>(facts);
    more.put(fact, value);
    return new ModelCard(more, routing, recipe, measured);
  }

  /** The text of README.md. */
  String markdown(ModelSpec model, List<String> labels) {
    return new ModelPage(this, model, labels).markdown();
  }
}
