package dev.mlit.spec;

import dev.mlit.spec.RunSpec.Data;
import dev.mlit.spec.RunSpec.Ema;
import dev.mlit.spec.RunSpec.Initialize;
import dev.mlit.spec.RunSpec.NamedDataset;
import java.util.List;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Collects the fields of a {@link RunSpec}; every rule is checked in {@link #build}.
 *
 * <p>Settings of a group add up: {@code training(t -> t.epochs(6)).training(t -> t.batch(64))}. A
 * field that is set again to another value is an {@link IllegalStateException}; {@link
 * RunSpec#toBuilder} gives a builder in which every field may be set once more.
 *
 * @since 0.1.0
 */
public final class RunSpecBuilder {
  private static final double USUAL_TEST_FRACTION = Draft.defaults(Data.class).testFraction();

  private final Draft<RunSpec> fields;
  private final Draft<Data> data;
  private final TrainingSpec.Builder training;
  private final OptimizerSpec.Builder optimizer;
  private final ScheduleSpec.Builder schedule;
  private final AugmentationSpecBuilder augmentation;
  private final CheckpointsSpec.Builder checkpoints;
  private final EarlyStopping.Builder earlyStopping;
  private final NeighboursSpec.Builder neighbours;
  private final ProbeSpec.Builder probe;

  private RunSpecBuilder(Draft<RunSpec> fields) {
    this.fields = fields;
    this.data = fields.group("data", Data.class);
    this.training = new TrainingSpec.Builder(fields.group("training", TrainingSpec.class));
    this.optimizer = new OptimizerSpec.Builder(fields.group("optimizer", OptimizerSpec.class));
    this.schedule = new ScheduleSpec.Builder(fields.group("schedule", ScheduleSpec.class));
    this.augmentation =
        new AugmentationSpecBuilder(fields.group("augmentation", AugmentationSpec.class));
    this.checkpoints =
        new CheckpointsSpec.Builder(fields.group("checkpoints", CheckpointsSpec.class));
    // Optional groups: even a finished run describes them from their defaults on.
    this.earlyStopping =
        new EarlyStopping.Builder(
            fields.group("earlyStopping", EarlyStopping.class).withDefaults());
    this.neighbours =
        new NeighboursSpec.Builder(fields.group("neighbours", NeighboursSpec.class).withDefaults());
    this.probe = new ProbeSpec.Builder(fields.group("probe", ProbeSpec.class).withDefaults());
  }

  RunSpecBuilder(String name) {
    this(new Draft<>(RunSpec.class, "", null).set("name", name));
  }

  RunSpecBuilder(RunSpec start) {
    this(new Draft<>(RunSpec.class, "", start));
  }

  private RunSpecBuilder set(String field, Object value) {
    fields.set(field, value);
    return this;
  }

  /** A short name, used for the run directory: 1 to 100 letters, digits, '.', '_' or '-'. */
  public RunSpecBuilder name(String name) {
    return set("name", name);
  }

  /** Whether classes are learned, or reconstruction; {@link RunSpec.Task#CLASSIFY} unless set. */
  public RunSpecBuilder task(RunSpec.Task task) {
    return set("task", task);
  }

  /** The model: a classifier, or an autoencoder where the task is to reconstruct. */
  public RunSpecBuilder model(ModelSpec model) {
    return set("model", model);
  }

  /** The dataset of this name, its files in the usual places. */
  public RunSpecBuilder data(String dataset) {
    return images(dataset, null, USUAL_TEST_FRACTION, List.of());
  }

  /** The dataset of this name, its files in this directory or archive. */
  public RunSpecBuilder data(String dataset, String directory) {
    return images(dataset, directory, USUAL_TEST_FRACTION, List.of());
  }

  /**
   * The dataset of this name, its files in this directory or archive.
   *
   * @param testFraction share of the images that is kept for the test, above 0 and below 1, where
   *     the dataset has no test part of its own
   */
  public RunSpecBuilder data(String dataset, String directory, double testFraction) {
    return images(dataset, directory, testFraction, List.of());
  }

  /**
   * Several datasets, at least one, that an autoencoder is pre-trained on together, such as {@code
   * datasets(NamedDataset.of("image-folder", "a.zip"), NamedDataset.of("cifar100"))}.
   */
  public RunSpecBuilder datasets(NamedDataset... datasets) {
    return images(null, null, USUAL_TEST_FRACTION, List.of(datasets));
  }

  /** Other images than those that the builder started from come without their shares. */
  private RunSpecBuilder images(
      @Nullable String dataset,
      @Nullable String directory,
      double testFraction,
      List<NamedDataset> datasets) {
    data.withDefaults()
        .set("dataset", dataset)
        .set("directory", directory)
        .set("testFraction", testFraction)
        .set("datasets", datasets);
    fields.replace("data", data.part());
    return this;
  }

  /**
   * Uses a share of the training images of every class, in (0, 1], and at least one of each, drawn
   * by {@code training.seed}; call it after {@code data}.
   *
   * @throws IllegalStateException if no dataset was named yet
   */
  public RunSpecBuilder labelFraction(double share) {
    return share("labelFraction", share);
  }

  /**
   * Keeps a share of the training images of every class, in [0, 1), for the choices that are made
   * while training, such as which epoch is the best; drawn by {@code training.seed}. Call it after
   * {@code data}; leave it out for a dataset that has a validation part of its own.
   *
   * @throws IllegalStateException if no dataset was named yet
   */
  public RunSpecBuilder validationFraction(double share) {
    return share("validationFraction", share);
  }

  /**
   * Leaves image files out, such as damaged ones: their paths in the folder or archive. Call it
   * after {@code data}.
   *
   * @throws IllegalStateException if no dataset was named yet
   */
  public RunSpecBuilder exclude(List<String> files) {
    return share("exclude", List.copyOf(files));
  }

  private RunSpecBuilder share(String field, Object share) {
    if (fields.get("data", Data.class) == null) {
      throw new IllegalStateException("name the dataset with data(...) first");
    }
    fields.replace("data", data.set(field, share).part());
    return this;
  }

  /** Takes over what the settings of a group have become. */
  private <B> RunSpecBuilder group(
      String field, B builder, Consumer<B> settings, Supplier<? extends Record> value) {
    settings.accept(builder);
    fields.replace(field, value.get());
    return this;
  }

  /** Length, batch, seed and regularisation. */
  public RunSpecBuilder training(Consumer<TrainingSpec.Builder> settings) {
    return group("training", training, settings, training::spec);
  }

  /** AdamW or Muon. */
  public RunSpecBuilder optimizer(Consumer<OptimizerSpec.Builder> settings) {
    return group("optimizer", optimizer, settings, optimizer::spec);
  }

  /** The learning rate over time. */
  public RunSpecBuilder schedule(Consumer<ScheduleSpec.Builder> settings) {
    return group("schedule", schedule, settings, schedule::spec);
  }

  /** Random changes of the training images; none unless set. */
  public RunSpecBuilder augmentation(Consumer<AugmentationSpecBuilder> settings) {
    return group("augmentation", augmentation, settings, augmentation::spec);
  }

  /**
   * Tests and exports a moving average in place of the weights; none unless set.
   *
   * @param decay part of the average that stays with every step, above 0 and below 1, such as 0.999
   */
  public RunSpecBuilder ema(double decay) {
    return set("ema", new Ema(decay));
  }

  /**
   * Starts from these weights, the head included if it has as many classes; from random ones unless
   * set.
   *
   * @param from a SavedModel that mlit wrote or the name of one that comes along, the directory of
   *     a run, or a safetensors file
   */
  public RunSpecBuilder initialize(String from) {
    return initialize(from, true);
  }

  /**
   * Starts from these weights.
   *
   * @param from a SavedModel that mlit wrote or the name of one that comes along, the directory of
   *     a run, or a safetensors file
   * @param head whether the head is loaded too, if it has as many classes; false for a new head in
   *     any case
   */
  public RunSpecBuilder initialize(String from, boolean head) {
    return set("initialize", new Initialize(from, head));
  }

  /**
   * Variables that are not trained: names or groups, such as {@code encoder/block_0}, or patterns
   * of them, such as {@code encoder/block_[0-3]}; {@code **} goes across groups.
   */
  public RunSpecBuilder freeze(String... patterns) {
    return set("freeze", List.of(patterns));
  }

  /** When the run is saved, apart from after every epoch. */
  public RunSpecBuilder checkpoints(Consumer<CheckpointsSpec.Builder> settings) {
    return group("checkpoints", checkpoints, settings, checkpoints::spec);
  }

  /** Ends the run when its metric no longer improves; all epochs are trained unless set. */
  public RunSpecBuilder earlyStopping(Consumer<EarlyStopping.Builder> settings) {
    return group("earlyStopping", earlyStopping, settings, earlyStopping::spec);
  }

  /** The directory of the SavedModel; without it, {@code savedmodel} in the run directory. */
  public RunSpecBuilder export(String directory) {
    return set("export", directory);
  }

  /**
   * Measures after every so many epochs how well the nearest neighbours classify images by their
   * features; not measured unless set.
   */
  public RunSpecBuilder neighbours(Consumer<NeighboursSpec.Builder> settings) {
    return group("neighbours", neighbours, settings, neighbours::spec);
  }

  /**
   * Evaluates the features of the encoder with a probe, in place of training: the encoder stays as
   * it is, and what only training steps use (optimizer, schedule, epochs, batch) has no effect.
   */
  public RunSpecBuilder probe(Consumer<ProbeSpec.Builder> settings) {
    return group("probe", probe, settings, probe::spec);
  }

  /**
   * Checks every rule and makes the spec.
   *
   * @throws InvalidSpecException with all broken rules, missing fields among them
   */
  public RunSpec build() {
    return fields.spec();
  }
}
