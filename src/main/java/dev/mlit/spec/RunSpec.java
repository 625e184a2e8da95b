package dev.mlit.spec;

import dev.mlit.spec.field.Default;
import dev.mlit.spec.field.Doc;
import dev.mlit.spec.field.Range;
import dev.mlit.spec.field.Unless;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * A training run: which model, on what data, by which recipe.
 *
 * <pre>{@code
 * RunSpec run = RunSpec.builder("quickstart")
 *     .model(model)
 *     .data("fashion-small")
 *     .training(t -> t.epochs(6).batch(64).seed(1))
 *     .optimizer(o -> o.learningRate(1e-3).weightDecay(0.05))
 *     .augmentation(a -> a.flip(true))
 *     .export("savedmodels/quickstart")
 *     .build();
 * }</pre>
 *
 * <p>It is a record, because reading, writing, the JSON Schema and equality follow its components
 * in order. Make one with {@link #builder}: a new field changes the constructor, not the builder.
 *
 * @param name a short name, used for the run directory
 * @param task whether classes are learned, or reconstruction
 * @param model the model
 * @param data the images
 * @param training length, batch and seed
 * @param optimizer AdamW or Muon
 * @param schedule the learning rate over time
 * @param augmentation random changes of the training images
 * @param ema a moving average of the weights, which is tested and exported in place of the weights;
 *     null for none
 * @param initialize weights to start from; null to start from random ones
 * @param freeze variables that are not trained: names or groups, such as {@code encoder/block_0},
 *     or patterns of them, such as {@code encoder/block_[0-3]}
 * @param checkpoints when the run is saved, so that it can be resumed
 * @param earlyStopping ends the run when its metric no longer improves; null to train all epochs
 * @param export where the SavedModel goes; null for {@code savedmodel} in the run directory
 * @param neighbours how well nearest neighbours classify by the features, measured while training;
 *     null to leave it out
 * @param probe evaluates the features of a frozen encoder in place of training; null to train
 * @since 0.1.0
 */
public record RunSpec(
    @Doc("a short name, used for the run directory") String name,
    @Default("classify") @Doc("what is learned") Task task,
    @Doc("a path relative to this file, a preset's name, or the model's fields") ModelSpec model,
    @Doc("the images") Data data,
    @Default("{}") @Doc("length, batch and seed") TrainingSpec training,
    @Default("{}") @Doc("AdamW or Muon") OptimizerSpec optimizer,
    @Default("{}") @Doc("the learning rate over time") ScheduleSpec schedule,
    @Default("{}") @Doc("random changes of the training images") AugmentationSpec augmentation,
    @Doc("a moving average of the weights, tested and exported in their place") @Nullable Ema ema,
    @Doc("transfer learning: weights to start from") @Nullable Initialize initialize,
    @Default("[]")
        @Doc(
            "variables that are not trained: names, groups such as encoder, patterns such as **/bias")
        List<String> freeze,
    @Default("{}") @Doc("when the run is saved, apart from after every epoch")
        CheckpointsSpec checkpoints,
    @Doc("ends the run when its metric no longer improves; without it, all epochs are trained")
        @Nullable EarlyStopping earlyStopping,
    @Doc("directory of the SavedModel; without it, savedmodel in the run directory")
        @Nullable String export,
    @Doc("how well nearest neighbours classify by the features, measured while training")
        @Nullable NeighboursSpec neighbours,
    @Doc("linear or nearest-neighbour probe: the encoder stays as it is, no step is trained")
        @Nullable ProbeSpec probe) {

  /** What a run learns. */
  public enum Task {
    /** The class of an image. */
    CLASSIFY,
    /** The patches that are hidden from the encoder of a masked autoencoder; needs no labels. */
    RECONSTRUCT
  }

  /**
   * Where the images come from. Make one with {@code Data.of("eurosat").testFraction(0.1)}, or as a
   * part of a run with {@link RunSpecBuilder#data(String)}.
   *
   * @param dataset a name that {@code ./mlit train} knows, such as {@code fashion-small}; null
   *     where there are {@code datasets}
   * @param directory where its files lie, or the archive of them; null for the usual places
   * @param testFraction share of every class that is kept for the test, where the images have no
   *     test part of their own, as in eurosat
   * @param labelFraction share of the training images of every class that is used, in (0, 1]; at
   *     least one of each, drawn by {@code training.seed}
   * @param validationFraction share of the training images of every class that choices are made on
   *     and that is not trained on, in [0, 1), drawn by {@code training.seed}; it is cut off before
   *     the label fraction. 0 for none, or where the dataset has a validation part of its own, as
   *     flowers102
   * @param datasets several datasets that an autoencoder is pre-trained on together, in place of
   *     {@code dataset}: their images, each of the model's size, are one dataset, named such as
   *     {@code cifar10 + cifar100}; the fractions are of every class of each. Empty where there is
   *     a {@code dataset}
   * @param exclude image files that are left out, such as damaged ones: their paths in the folder
   *     or archive. They are left out of the part that they would be in; which part that is of all
   *     others stays the same
   */
  public record Data(
      @Unless("datasets")
          @Doc("name of a dataset, such as fashion-small; left out where there are datasets")
          @Nullable String dataset,
      @Doc("where its files lie, or their archive; without it, $MLIT_DATA/NAME and data/NAME")
          @Nullable String directory,
      @Range(min = 0, above = true, max = 1, below = true)
          @Default("0.2")
          @Doc("share of the images kept for the test, where the dataset has no test part")
          double testFraction,
      @Range(min = 0, above = true, max = 1)
          @Default("1")
          @Doc("share of the training images of every class that is used, drawn by training.seed")
          double labelFraction,
      @Range(min = 0, max = 1, below = true)
          @Default("0")
          @Doc(
              "share of the training images of every class that choices are made on instead of"
                  + " training, drawn by training.seed")
          double validationFraction,
      @Default("[]") @Doc("several datasets to pre-train on together, where task is reconstruct")
          List<NamedDataset> datasets,
      @Default("[]")
          @Doc(
              "image files that are left out, such as damaged ones: paths in the folder or archive")
          List<String> exclude) {

    public Data {
      datasets = List.copyOf(datasets);
      exclude = List.copyOf(exclude);
    }

    /** The dataset of this name, its files in the usual places. */
    public static Data of(String dataset) {
      return images(dataset, null, List.of());
    }

    /** The dataset of this name, its files in this directory or archive. */
    public static Data of(String dataset, String directory) {
      return images(dataset, directory, List.of());
    }

    /** Several datasets together, the images of each. */
    public static Data of(NamedDataset first, NamedDataset... others) {
      return images(null, null, Stream.concat(Stream.of(first), Stream.of(others)).toList());
    }

    private static Data images(
        @Nullable String dataset, @Nullable String directory, List<NamedDataset> datasets) {
      Data usual = Draft.defaults(Data.class);
      return new Data(
          dataset,
          directory,
          usual.testFraction,
          usual.labelFraction,
          usual.validationFraction,
          datasets,
          usual.exclude);
    }

    /** With another share of the images kept for the test. */
    public Data testFraction(double share) {
      return new Data(
          dataset, directory, share, labelFraction, validationFraction, datasets, exclude);
    }

    /** With another share of the training images used. */
    public Data labelFraction(double share) {
      return new Data(
          dataset, directory, testFraction, share, validationFraction, datasets, exclude);
    }

    /** With another share of the training images kept to make choices on. */
    public Data validationFraction(double share) {
      return new Data(dataset, directory, testFraction, labelFraction, share, datasets, exclude);
    }
  }

  /**
   * One of several datasets that are used together.
   *
   * @param dataset a name that {@code ./mlit train} knows, such as {@code cifar10}
   * @param directory where its files lie, or the archive of them; null for the usual places
   * @param testFraction share of every class that is kept for the test, where the images have no
   *     test part of their own; null for {@code data.test-fraction}
   */
  public record NamedDataset(
      @Doc("name of a dataset, such as cifar10") String dataset,
      @Doc("where its files lie, or their archive; without it, $MLIT_DATA/NAME and data/NAME")
          @Nullable String directory,
      @Range(min = 0, above = true, max = 1, below = true)
          @Doc("share of its images kept for the test; without it, data.test-fraction")
          @Nullable Double testFraction) {

    /** The dataset's name of a user's own pictures, one folder a class. */
    public static final String IMAGE_FOLDER = "image-folder";

    /**
     * The name that tells it from the others: the dataset's name, or for an {@code image-folder}
     * the name of its folder or archive.
     */
    public String title() {
      if (directory == null || !dataset.equals(IMAGE_FOLDER)) {
        return dataset;
      }
      Path name = Path.of(directory).toAbsolutePath().normalize().getFileName();
      return name == null ? dataset : name.toString();
    }

    /** The dataset of this name, its files in the usual places. */
    public static NamedDataset of(String dataset) {
      return new NamedDataset(dataset, null, null);
    }

    /** The dataset of this name, its files in this directory or archive. */
    public static NamedDataset of(String dataset, String directory) {
      return new NamedDataset(dataset, directory, null);
    }
  }

  /**
   * A moving average of the weights, which is tested and exported in their place (Polyak and
   * Juditsky 1992).
   *
   * @param decay of the average a with every step: a = d a + (1 - d) w, d = min(decay, t / (t +
   *     10)) after t steps, so that early weights are soon forgotten
   */
  public record Ema(
      @Range(min = 0, above = true, max = 1, below = true)
          @Default("0.999")
          @Doc("part of the average that stays with every step")
          double decay) {}

  /**
   * Weights to start from.
   *
   * @param from a SavedModel that mlit wrote, a run, or a safetensors file
   * @param head whether the head is loaded too, if it has as many classes; false for a new head in
   *     any case
   */
  public record Initialize(
      @Doc(
              "a SavedModel, the name of one that comes along, the directory of a run, or a"
                  + " safetensors file")
          String from,
      @Default("true") @Doc("whether a head for as many classes is taken over, too")
          boolean head) {}

  /**
   * Checks every rule.
   *
   * @throws InvalidSpecException with all broken rules
   */
  public RunSpec(
      String name,
      Task task,
      ModelSpec model,
      Data data,
      TrainingSpec training,
      OptimizerSpec optimizer,
      ScheduleSpec schedule,
      AugmentationSpec augmentation,
      @Nullable Ema ema,
      @Nullable Initialize initialize,
      List<String> freeze,
      CheckpointsSpec checkpoints,
      @Nullable EarlyStopping earlyStopping,
      @Nullable String export,
      @Nullable NeighboursSpec neighbours,
      @Nullable ProbeSpec probe) {
    this.name = name;
    this.task = task;
    this.model = model;
    this.data = data;
    this.training = training;
    this.optimizer = optimizer;
    this.schedule = schedule;
    this.augmentation = augmentation;
    this.ema = ema;
    this.initialize = initialize;
    this.freeze = List.copyOf(freeze);
    this.checkpoints = checkpoints;
    this.earlyStopping = earlyStopping == null ? null : earlyStopping.resolved(task);
    this.export = export;
    this.neighbours = neighbours;
    this.probe = probe;
    RunRules.check(this);
  }

  /**
   * Whether the run makes a model that can be exported: every run does, except a probe by nearest
   * neighbours, which has no head.
   */
  public boolean isExportable() {
    return probe == null || probe.kind() != ProbeSpec.Kind.NEAREST_NEIGHBOURS;
  }

  /** Starts a description; what a method is called is what the field is called in YAML. */
  public static RunSpecBuilder builder(String name) {
    return new RunSpecBuilder(name);
  }

  /** This run with its optimizer named; a run that names none gets this one. */
  public RunSpec withOptimizer(OptimizerSpec.Name unlessNamed) {
    return optimizer.name() == null
        ? toBuilder().optimizer(o -> o.name(unlessNamed)).build()
        : this;
  }

  /** A builder that starts from this run. */
  public RunSpecBuilder toBuilder() {
    return new RunSpecBuilder(this);
  }
}
