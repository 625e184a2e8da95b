package dev.mlit.spec;

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
 * @param optimizer AdamW
 * @param schedule the learning rate over time
 * @param augmentation what is done to training images
 * @param initialize weights to start from; null to start from random ones
 * @param freeze variables that are not trained: names or groups, such as {@code encoder/block_0}
 * @param checkpoints when the run is saved, so that it can be resumed
 * @param earlyStopping ends the run when it no longer gets better; null to train all epochs
 * @param export where the SavedModel goes; null for {@code savedmodel} in the run directory
 */
public record RunSpec(
    @Doc("a short name, used for the run directory") String name,
    @Default("classify") @Doc("what is learned") Task task,
    @Doc("a path relative to this file, a preset's name, or the model's fields") ModelSpec model,
    @Doc("the images") Data data,
    @Default("{}") @Doc("length, batch and seed") Training training,
    @Default("{}") @Doc("AdamW") Optimizer optimizer,
    @Default("{}") @Doc("linear warm-up, then a cosine down") Schedule schedule,
    @Default("{}") @Doc("what is done to training images") Augmentation augmentation,
    @Doc("transfer learning: weights to start from") @Nullable Initialize initialize,
    @Default("[]") @Doc("variables that are not trained: names or groups, such as encoder/block_0")
        List<String> freeze,
    @Default("{}") @Doc("when the run is saved, apart from after every epoch")
        Checkpoints checkpoints,
    @Doc("ends the run when it no longer gets better; without it, all epochs are trained")
        @Nullable EarlyStopping earlyStopping,
    @Doc("directory of the SavedModel; without it, savedmodel in the run directory")
        @Nullable String export) {

  /** What a run learns. */
  public enum Task {
    /** The class of an image. */
    CLASSIFY
  }

  /**
   * Where the images come from.
   *
   * @param dataset a name that {@code ./mlit train} knows, such as {@code fashion-small}
   * @param directory where its files lie, or the archive of them; null for the usual places
   * @param testFraction share of every class that is kept for the test, where the images have no
   *     test part of their own, as in eurosat
   */
  public record Data(
      @Doc("name of a dataset, such as fashion-small") String dataset,
      @Doc("where its files lie, or their archive; without it, $MLIT_DATA/NAME and data/NAME")
          @Nullable String directory,
      @Range(min = 0, above = true, max = 1, below = true)
          @Default("0.2")
          @Doc("share of the images kept for the test, where the dataset has no test part")
          double testFraction) {

    /** A test fraction of 0.2. */
    public Data(String dataset, @Nullable String directory) {
      this(dataset, directory, 0.2);
    }
  }

  /**
   * The length of a run.
   *
   * @param epochs passes over the training images
   * @param batch images in a step
   * @param seed decides weights, order, augmentation and gate noise
   * @param steps ends the run early, after so many steps; null for no limit
   * @param threads of TensorFlow; 0 for one per core
   */
  public record Training(
      @Range(min = 1, max = 100_000) @Default("10") @Doc("passes over the training images")
          int epochs,
      @Range(min = 1, max = 65_536) @Default("64") @Doc("images in a step") int batch,
      @Default("1") @Doc("decides weights, order, augmentation and gate noise") long seed,
      @Range(min = 1, max = 2_000_000_000) @Doc("end after so many steps, whatever the epochs")
          @Nullable Integer steps,
      @Range(min = 0, max = 1024) @Default("0") @Doc("TensorFlow's threads; 0 is one per core")
          int threads) {

    /** Changes the defaults. */
    public static final class Builder {
      private Training spec = SpecBinder.defaults(Training.class);

      private Builder() {}

      /** Passes over the training images; 10 unless set. */
      public Builder epochs(int epochs) {
        spec = new Training(epochs, spec.batch, spec.seed, spec.steps, spec.threads);
        return this;
      }

      /** Images in a step; 64 unless set. */
      public Builder batch(int images) {
        spec = new Training(spec.epochs, images, spec.seed, spec.steps, spec.threads);
        return this;
      }

      /** Decides weights, order, augmentation and gate noise; 1 unless set. */
      public Builder seed(long seed) {
        spec = new Training(spec.epochs, spec.batch, seed, spec.steps, spec.threads);
        return this;
      }

      /** Ends the run after so many steps, whatever the epochs; no limit unless set. */
      public Builder steps(int steps) {
        spec = new Training(spec.epochs, spec.batch, spec.seed, steps, spec.threads);
        return this;
      }

      /** TensorFlow's threads; 0, one per core, unless set. */
      public Builder threads(int threads) {
        spec = new Training(spec.epochs, spec.batch, spec.seed, spec.steps, threads);
        return this;
      }
    }
  }

  /**
   * AdamW with decoupled weight decay (Loshchilov and Hutter 2019). Biases, norms, tokens and
   * position embeddings do not decay.
   *
   * @param learningRate the highest rate, reached after the warm-up
   * @param weightDecay each step takes {@code rate * weightDecay} of a kernel away
   * @param beta1 decay of the gradients' mean
   * @param beta2 decay of the gradients' mean square
   * @param epsilon keeps the division finite
   * @param clipNorm longest global gradient; 0 for no clipping
   */
  public record Optimizer(
      @Range(min = 0, above = true, max = 1000)
          @Default("1.0e-3")
          @Doc("the highest learning rate, reached after the warm-up")
          double learningRate,
      @Range(min = 0, max = 1000) @Default("0.05") @Doc("decoupled weight decay of the kernels")
          double weightDecay,
      @Range(min = 0, max = 1, below = true) @Default("0.9") @Doc("decay of the gradients' mean")
          double beta1,
      @Range(min = 0, max = 1, below = true)
          @Default("0.999")
          @Doc("decay of the gradients' mean square")
          double beta2,
      @Range(min = 0, above = true, max = 1) @Default("1.0e-8") @Doc("keeps the division finite")
          double epsilon,
      @Range(min = 0, max = 1_000_000) @Default("1.0") @Doc("longest global gradient; 0 is off")
          double clipNorm) {

    /** Changes the defaults. */
    public static final class Builder {
      private Optimizer spec = SpecBinder.defaults(Optimizer.class);

      private Builder() {}

      /** The highest learning rate; 1e-3 unless set. */
      public Builder learningRate(double rate) {
        return set(rate, spec.weightDecay, spec.beta1, spec.beta2, spec.epsilon, spec.clipNorm);
      }

      /** Decoupled weight decay of the kernels; 0.05 unless set. */
      public Builder weightDecay(double decay) {
        return set(spec.learningRate, decay, spec.beta1, spec.beta2, spec.epsilon, spec.clipNorm);
      }

      /** Decay of the gradients' mean and mean square; 0.9 and 0.999 unless set. */
      public Builder betas(double beta1, double beta2) {
        return set(spec.learningRate, spec.weightDecay, beta1, beta2, spec.epsilon, spec.clipNorm);
      }

      /** Keeps the division finite; 1e-8 unless set. */
      public Builder epsilon(double epsilon) {
        return set(
            spec.learningRate, spec.weightDecay, spec.beta1, spec.beta2, epsilon, spec.clipNorm);
      }

      /** The longest global gradient; 1 unless set, 0 for no clipping. */
      public Builder clipNorm(double norm) {
        return set(spec.learningRate, spec.weightDecay, spec.beta1, spec.beta2, spec.epsilon, norm);
      }

      private Builder set(
          double rate, double decay, double beta1, double beta2, double epsilon, double norm) {
        spec = new Optimizer(rate, decay, beta1, beta2, epsilon, norm);
        return this;
      }
    }
  }

  /**
   * The learning rate over time: linear from 0 in the warm-up, then half a cosine (Loshchilov and
   * Hutter 2017) down to {@code finalFactor} of the highest rate at the last step.
   *
   * @param warmupEpochs length of the warm-up; may be a fraction
   * @param finalFactor what is left of the rate at the end, in [0, 1]
   */
  public record Schedule(
      @Range(min = 0, max = 100_000) @Default("1") @Doc("length of the linear warm-up")
          double warmupEpochs,
      @Range(min = 0, max = 1) @Default("0") @Doc("part of the rate that is left at the end")
          double finalFactor) {

    /** Changes the defaults. */
    public static final class Builder {
      private Schedule spec = SpecBinder.defaults(Schedule.class);

      private Builder() {}

      /** The length of the linear warm-up; 1 unless set. */
      public Builder warmupEpochs(double epochs) {
        spec = new Schedule(epochs, spec.finalFactor);
        return this;
      }

      /** The part of the rate that is left at the end; 0 unless set. */
      public Builder finalFactor(double factor) {
        spec = new Schedule(spec.warmupEpochs, factor);
        return this;
      }
    }
  }

  /**
   * What is done to training images, never to test images.
   *
   * @param flip mirrors every other image, left to right
   */
  public record Augmentation(
      @Default("false") @Doc("mirror every other image, left to right") boolean flip) {

    /** Changes the defaults. */
    public static final class Builder {
      private Augmentation spec = SpecBinder.defaults(Augmentation.class);

      private Builder() {}

      /** Mirrors every other image; false unless set. */
      public Builder flip(boolean flip) {
        spec = new Augmentation(flip);
        return this;
      }
    }
  }

  /**
   * Weights to start from.
   *
   * @param from a directory: a SavedModel that mlit wrote, or a run
   */
  public record Initialize(@Doc("directory of a SavedModel or of a run") String from) {}

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
      Training training,
      Optimizer optimizer,
      Schedule schedule,
      Augmentation augmentation,
      @Nullable Initialize initialize,
      List<String> freeze,
      Checkpoints checkpoints,
      @Nullable EarlyStopping earlyStopping,
      @Nullable String export) {
    this.name = name;
    this.task = task;
    this.model = model;
    this.data = data;
    this.training = training;
    this.optimizer = optimizer;
    this.schedule = schedule;
    this.augmentation = augmentation;
    this.initialize = initialize;
    this.freeze = List.copyOf(freeze);
    this.checkpoints = checkpoints;
    this.earlyStopping = earlyStopping;
    this.export = export;
    Rules.of(this)
        .require(
            () -> schedule.warmupEpochs() <= training.epochs(),
            "schedule.warmup-epochs",
            Fields.text(schedule.warmupEpochs())
                + " must be at most training.epochs "
                + training.epochs(),
            "training.epochs")
        .verify();
  }

  /** Starts a description; what a method is called is what the field is called in YAML. */
  public static Builder builder(String name) {
    return new Builder(name);
  }

  /** A builder that starts from this run. */
  public Builder toBuilder() {
    Builder builder = new Builder(name);
    builder.task = task;
    builder.model = model;
    builder.data = data;
    builder.training.spec = training;
    builder.optimizer.spec = optimizer;
    builder.schedule.spec = schedule;
    builder.augmentation.spec = augmentation;
    builder.initialize = initialize;
    builder.freeze = freeze;
    builder.checkpoints.set(checkpoints);
    builder.earlyStopping = earlyStopping;
    builder.export = export;
    return builder;
  }

  /** Collects the fields of a {@link RunSpec}; every rule is checked in {@link #build}. */
  public static final class Builder {
    private String name;
    private Task task = Task.CLASSIFY;
    private @Nullable ModelSpec model;
    private @Nullable Data data;
    private final Training.Builder training = new Training.Builder();
    private final Optimizer.Builder optimizer = new Optimizer.Builder();
    private final Schedule.Builder schedule = new Schedule.Builder();
    private final Augmentation.Builder augmentation = new Augmentation.Builder();
    private @Nullable Initialize initialize;
    private List<String> freeze = List.of();
    private final Checkpoints.Builder checkpoints = new Checkpoints.Builder();
    private @Nullable EarlyStopping earlyStopping;
    private @Nullable String export;

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

    /** Length, batch and seed. */
    public Builder training(Consumer<Training.Builder> settings) {
      settings.accept(training);
      return this;
    }

    /** AdamW. */
    public Builder optimizer(Consumer<Optimizer.Builder> settings) {
      settings.accept(optimizer);
      return this;
    }

    /** The learning rate over time. */
    public Builder schedule(Consumer<Schedule.Builder> settings) {
      settings.accept(schedule);
      return this;
    }

    /** What is done to training images. */
    public Builder augmentation(Consumer<Augmentation.Builder> settings) {
      settings.accept(augmentation);
      return this;
    }

    /** Starts from the weights in this directory, a SavedModel that mlit wrote, or a run. */
    public Builder initialize(String from) {
      this.initialize = new Initialize(from);
      return this;
    }

    /** Variables that are not trained: names or groups, such as {@code encoder/block_0}. */
    public Builder freeze(String... patterns) {
      this.freeze = List.of(patterns);
      return this;
    }

    /** When the run is saved, apart from after every epoch. */
    public Builder checkpoints(Consumer<Checkpoints.Builder> settings) {
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
          training.spec,
          optimizer.spec,
          schedule.spec,
          augmentation.spec,
          initialize,
          freeze,
          checkpoints.spec(),
          earlyStopping,
          export);
    }
  }
}
