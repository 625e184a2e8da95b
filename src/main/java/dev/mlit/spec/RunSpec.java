package dev.mlit.spec;

import dev.mlit.spec.field.Default;
import dev.mlit.spec.field.Doc;
import dev.mlit.spec.field.Range;
import dev.mlit.spec.field.Unless;
import java.nio.file.Path;
import java.util.List;
import java.util.function.Consumer;
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
 * @param name a short name, used for the run directory
 * @param task what is learned
 * @param model the model
 * @param data the images
 * @param training length, batch and seed
 * @param optimizer AdamW or Muon
 * @param schedule the learning rate over time
 * @param augmentation what is done to training images
 * @param ema a moving average of the weights, tested and exported in their place; null for none
 * @param initialize weights to start from; null to start from random ones
 * @param freeze variables that are not trained: names or groups, such as {@code encoder/block_0},
 *     or patterns of them, such as {@code encoder/block_[0-3]}
 * @param checkpoints when the run is saved, so that it can be resumed
 * @param earlyStopping ends the run when it no longer gets better; null to train all epochs
 * @param export where the SavedModel goes; null for {@code savedmodel} in the run directory
 * @param neighbours measures the features while training; null for no such measure
 * @param probe the encoder stays as it is and only its features are judged; null to train
 */
public record RunSpec(
    @Doc("a short name, used for the run directory") String name,
    @Default("classify") @Doc("what is learned") Task task,
    @Doc("a path relative to this file, a preset's name, or the model's fields") ModelSpec model,
    @Doc("the images") Data data,
    @Default("{}") @Doc("length, batch and seed") TrainingSpec training,
    @Default("{}") @Doc("AdamW or Muon") OptimizerSpec optimizer,
    @Default("{}") @Doc("the learning rate over time") ScheduleSpec schedule,
    @Default("{}") @Doc("what is done to training images") AugmentationSpec augmentation,
    @Doc("a moving average of the weights, tested and exported in their place") @Nullable Ema ema,
    @Doc("transfer learning: weights to start from") @Nullable Initialize initialize,
    @Default("[]")
        @Doc(
            "variables that are not trained: names, groups such as encoder, patterns such as **/bias")
        List<String> freeze,
    @Default("{}") @Doc("when the run is saved, apart from after every epoch")
        CheckpointsSpec checkpoints,
    @Doc("ends the run when it no longer gets better; without it, all epochs are trained")
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
    /** The patches that are hidden from a masked autoencoder; no labels are used. */
    RECONSTRUCT
  }

  /**
   * Where the images come from.
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
          List<NamedDataset> datasets) {

    public Data {
      datasets = List.copyOf(datasets);
    }

    /** A test fraction of 0.2, and all training images. */
    public Data(String dataset, @Nullable String directory) {
      this(dataset, directory, 0.2);
    }

    /** All training images. */
    public Data(String dataset, @Nullable String directory, double testFraction) {
      this(dataset, directory, testFraction, 1);
    }

    /** No images to validate on, unless the dataset has a part of its own. */
    public Data(
        String dataset, @Nullable String directory, double testFraction, double labelFraction) {
      this(dataset, directory, testFraction, labelFraction, 0);
    }

    /** One dataset. */
    public Data(
        String dataset,
        @Nullable String directory,
        double testFraction,
        double labelFraction,
        double validationFraction) {
      this(dataset, directory, testFraction, labelFraction, validationFraction, List.of());
    }
  }

  /**
   * One of several datasets.
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

    /**
     * What it is called beside the others: the dataset's name, or that of the folder or archive of
     * an {@code image-folder}, which says more.
     */
    public String title() {
      if (directory == null || !dataset.equals("image-folder")) {
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
   * @param head whether a head for as many classes is taken over, too; false for a new head in any
   *     case
   */
  public record Initialize(
      @Doc("a SavedModel, the directory of a run, or a safetensors file") String from,
      @Default("true") @Doc("whether a head for as many classes is taken over, too") boolean head) {

    /** Takes over the head, too, if it is for as many classes. */
    public Initialize(String from) {
      this(from, true);
    }
  }

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
   * Trains, and measures no nearest neighbours.
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
      @Nullable String export) {
    this(
        name,
        task,
        model,
        data,
        training,
        optimizer,
        schedule,
        augmentation,
        ema,
        initialize,
        freeze,
        checkpoints,
        earlyStopping,
        export,
        null,
        null);
  }

  /**
   * Whether what comes out of the run is a model that can be exported: of every run but of a probe
   * by nearest neighbours, which has no head.
   */
  public boolean isExportable() {
    return probe == null || probe.kind() != ProbeSpec.Kind.NEAREST_NEIGHBOURS;
  }

  /** Starts a description; what a method is called is what the field is called in YAML. */
  public static Builder builder(String name) {
    return new Builder(name);
  }

  /** This run, its optimizer named: this one, where it names none. */
  public RunSpec withOptimizer(OptimizerSpec.Name unlessNamed) {
    return optimizer.name() == null
        ? toBuilder().optimizer(o -> o.name(unlessNamed)).build()
        : this;
  }

  /** A builder that starts from this run. */
  public Builder toBuilder() {
    Builder builder = new Builder(name);
    builder.task = task;
    builder.model = model;
    builder.data = data;
    builder.training.start(training);
    builder.optimizer.start(optimizer);
    builder.schedule.start(schedule);
    builder.augmentation.start(augmentation);
    builder.ema = ema;
    builder.initialize = initialize;
    builder.freeze = freeze;
    builder.checkpoints.set(checkpoints);
    builder.earlyStopping = earlyStopping;
    builder.export = export;
    builder.neighbours = neighbours;
    builder.probe = probe;
    return builder;
  }

  /** Collects the fields of a {@link RunSpec}; every rule is checked in {@link #build}. */
  public static final class Builder {
    private String name;
    private Task task = Task.CLASSIFY;
    private @Nullable ModelSpec model;
    private @Nullable Data data;
    private final TrainingSpec.Builder training = new TrainingSpec.Builder();
    private final OptimizerSpec.Builder optimizer = new OptimizerSpec.Builder();
    private final ScheduleSpec.Builder schedule = new ScheduleSpec.Builder();
    private final AugmentationSpec.Builder augmentation = new AugmentationSpec.Builder();
    private @Nullable Ema ema;
    private @Nullable Initialize initialize;
    private List<String> freeze = List.of();
    private final CheckpointsSpec.Builder checkpoints = new CheckpointsSpec.Builder();
    private @Nullable EarlyStopping earlyStopping;
    private @Nullable String export;
    private @Nullable NeighboursSpec neighbours;
    private @Nullable ProbeSpec probe;

    private Builder(String name) {
      this.name = name;
    }

    /** The name. */
    public Builder name(String name) {
      this.name = name;
      return this;
    }

    /** What is learned; {@link Task#CLASSIFY} unless set. */
    public Builder task(Task task) {
      this.task = task;
      return this;
    }

    /** The model. */
    public Builder model(ModelSpec model) {
      this.model = model;
      return this;
    }

    /** The dataset of this name, its files in the usual places. */
    public Builder data(String dataset) {
      this.data = new Data(dataset, null);
      return this;
    }

    /** The dataset of this name, its files in this directory. */
    public Builder data(String dataset, String directory) {
      this.data = new Data(dataset, directory);
      return this;
    }

    /**
     * The dataset of this name, its files in this directory.
     *
     * @param testFraction share of the images that is kept for the test, above 0 and below 1, where
     *     the dataset has no test part of its own
     */
    public Builder data(String dataset, String directory, double testFraction) {
      this.data = new Data(dataset, directory, testFraction);
      return this;
    }

    /**
     * Several datasets that an autoencoder is pre-trained on together, such as {@code
     * datasets(NamedDataset.of("image-folder", "a.zip"), NamedDataset.of("cifar100"))}.
     */
    public Builder datasets(NamedDataset... datasets) {
      Data plain = SpecBinder.defaults(Data.class);
      this.data =
          new Data(
              null,
              null,
              plain.testFraction,
              plain.labelFraction,
              plain.validationFraction,
              List.of(datasets));
      return this;
    }

    /**
     * Uses a share of the training images of every class, in (0, 1], and at least one of each,
     * drawn by {@code training.seed}; call it after {@code data}.
     *
     * @throws IllegalStateException if no dataset was named yet
     */
    public Builder labelFraction(double share) {
      return set("labelFraction", share);
    }

    /**
     * Keeps a share of the training images of every class, in [0, 1), for the choices that are made
     * while training, such as which epoch is the best; drawn by {@code training.seed}. Call it
     * after {@code data}; leave it out for a dataset that has a validation part of its own.
     *
     * @throws IllegalStateException if no dataset was named yet
     */
    public Builder validationFraction(double share) {
      return set("validationFraction", share);
    }

    private Builder set(String field, double share) {
      Data named = data;
      if (named == null) {
        throw new IllegalStateException("name the dataset with data(...) first");
      }
      this.data = Fields.with(named, field, share);
      return this;
    }

    /** Length, batch and seed. */
    public Builder training(Consumer<TrainingSpec.Builder> settings) {
      settings.accept(training);
      return this;
    }

    /** AdamW or Muon. */
    public Builder optimizer(Consumer<OptimizerSpec.Builder> settings) {
      settings.accept(optimizer);
      return this;
    }

    /** The learning rate over time. */
    public Builder schedule(Consumer<ScheduleSpec.Builder> settings) {
      settings.accept(schedule);
      return this;
    }

    /** What is done to training images. */
    public Builder augmentation(Consumer<AugmentationSpec.Builder> settings) {
      settings.accept(augmentation);
      return this;
    }

    /** Tests and exports a moving average of the weights, of this decay, such as 0.999. */
    public Builder ema(double decay) {
      this.ema = new Ema(decay);
      return this;
    }

    /** Starts from these weights: a SavedModel that mlit wrote, a run, or a safetensors file. */
    public Builder initialize(String from) {
      this.initialize = new Initialize(from);
      return this;
    }

    /**
     * Starts from these weights.
     *
     * @param head whether a head for as many classes is taken over, too
     */
    public Builder initialize(String from, boolean head) {
      this.initialize = new Initialize(from, head);
      return this;
    }

    /**
     * Variables that are not trained: names or groups, such as {@code encoder/block_0}, or patterns
     * of them, such as {@code encoder/block_[0-3]}; {@code **} goes across groups.
     */
    public Builder freeze(String... patterns) {
      this.freeze = List.of(patterns);
      return this;
    }

    /** When the run is saved, apart from after every epoch. */
    public Builder checkpoints(Consumer<CheckpointsSpec.Builder> settings) {
      settings.accept(checkpoints);
      return this;
    }

    /** Ends the run when it no longer gets better; all epochs are trained unless set. */
    public Builder earlyStopping(Consumer<EarlyStopping.Builder> settings) {
      EarlyStopping.Builder builder = new EarlyStopping.Builder();
      settings.accept(builder);
      this.earlyStopping = builder.spec();
      return this;
    }

    /** The directory of the SavedModel; without it, {@code savedmodel} in the run directory. */
    public Builder export(String directory) {
      this.export = directory;
      return this;
    }

    /**
     * Measures after every so many epochs how well the nearest neighbours classify images by their
     * features; not measured unless set.
     */
    public Builder neighbours(Consumer<NeighboursSpec.Builder> settings) {
      NeighboursSpec.Builder builder = new NeighboursSpec.Builder();
      settings.accept(builder);
      this.neighbours = builder.spec();
      return this;
    }

    /**
     * Leaves the encoder as it is, and has a probe say what its features are worth: no step is
     * trained. What only steps use (optimizer, schedule, epochs, batch) has no effect then.
     */
    public Builder probe(Consumer<ProbeSpec.Builder> settings) {
      ProbeSpec.Builder builder = new ProbeSpec.Builder();
      settings.accept(builder);
      this.probe = builder.spec();
      return this;
    }

    /**
     * Checks every rule and makes the spec.
     *
     * @throws InvalidSpecException with all broken rules, missing fields among them
     */
    public RunSpec build() {
      return SpecBinder.build(
          RunSpec.class,
          name,
          task,
          model,
          data,
          training.spec(),
          optimizer.spec(),
          schedule.spec(),
          augmentation.spec(),
          ema,
          initialize,
          freeze,
          checkpoints.spec(),
          earlyStopping,
          export,
          neighbours,
          probe);
    }
  }
}
