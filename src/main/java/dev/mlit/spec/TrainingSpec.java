package dev.mlit.spec;

import dev.mlit.spec.field.Default;
import dev.mlit.spec.field.Doc;
import dev.mlit.spec.field.Range;
import org.jspecify.annotations.Nullable;

/**
 * The length of a run, its batches, its seed and its regularisation.
 *
 * <p>It is a record, because reading, writing, the JSON Schema and equality follow its components
 * in order. Set its fields with {@link RunSpecBuilder#training}: a new field changes the
 * constructor, not the builder.
 *
 * @param epochs passes over the training images, 1 to 100,000
 * @param batch images in a step, 1 to 65,536
 * @param microBatch gradient accumulation: images computed at once; the gradients of a batch's
 *     parts add up to those of the batch before the weights change. Less memory, the same step, but
 *     for the balance losses, which look at every part by itself; null for the whole batch at once
 * @param seed decides weights, order, augmentation, dropout and gate noise
 * @param steps ends the run early, after so many steps; null for no limit
 * @param testEvery epochs from one measurement, and its checkpoint, to the next, on the validation
 *     images, or on the test images where there are none; the last epoch is measured in any case
 * @param threads threads of TensorFlow, 0 to 1024; 0 for one per core
 * @param labelSmoothing share of every label that is spread evenly over all classes (Szegedy et al.
 *     2016), in [0, 1)
 * @param dropout chance that a value which attention or the experts add to a token is dropped
 *     (Srivastava et al. 2014), in [0, 1)
 * @param dropPath stochastic depth (Huang et al. 2016): chance that the last block's attention, and
 *     its experts, add nothing to an image; linear from 0 at the first block, in [0, 1)
 * @param precision the number format of the matrix products
 * @param workerTimeout where several workers train together, seconds that one waits for the others
 *     before it takes them for lost, 5 to 86,400
 * @param patchDropout share of the patches of an image that is left out while training (Liu et al.
 *     2022), in [0, 1): the integer part of N (1 - share) patches is kept, at least one, drawn for
 *     every image of every step
 * @param sampling which images an epoch trains on: each once, or of every class as many
 * @param recompute whether the backward pass computes again what the forward pass could have kept
 *     for it (gradient checkpointing, Chen et al. 2016); the same numbers, bit by bit
 * @since 0.1.0
 */
public record TrainingSpec(
    @Range(min = 1, max = 100_000) @Default("10") @Doc("passes over the training images")
        int epochs,
    @Range(min = 1, max = 65_536) @Default("64") @Doc("images in a step") int batch,
    @Range(min = 1, max = 65_536)
        @Doc(
            "gradient accumulation: images computed at once, for less memory; without it, the whole"
                + " batch")
        @Nullable Integer microBatch,
    @Default("1") @Doc("decides weights, order, augmentation, dropout and gate noise") long seed,
    @Range(min = 1, max = 2_000_000_000) @Doc("end after so many steps, whatever the epochs")
        @Nullable Integer steps,
    @Range(min = 1, max = 100_000)
        @Default("1")
        @Doc(
            "epochs from one measurement to the next, on the validation images or, without any, the"
                + " test images; the last epoch is measured in any case")
        int testEvery,
    @Range(min = 0, max = 1024) @Default("0") @Doc("TensorFlow's threads; 0 is one per core")
        int threads,
    @Range(min = 0, max = 1, below = true)
        @Default("0")
        @Doc("share of every label that is spread over all classes")
        double labelSmoothing,
    @Range(min = 0, max = 1, below = true)
        @Default("0")
        @Doc("chance that a value which attention or the experts add is dropped")
        double dropout,
    @Range(min = 0, max = 1, below = true)
        @Default("0")
        @Doc("stochastic depth: chance that a layer of the last block is skipped, linear from 0")
        double dropPath,
    @Default("float32") @Doc("of the matrix products; all else is float32") Precision precision,
    @Range(min = 5, max = 86_400)
        @Default("60")
        @Doc("seconds that a worker waits for the others before it takes them for lost")
        int workerTimeout,
    @Range(min = 0, max = 1, below = true)
        @Default("0")
        @Doc("share of the patches of an image that is left out while training")
        double patchDropout,
    @Default("shuffled")
        @Doc("the images of an epoch: shuffled, each once, or balanced, of every class as many")
        Sampling sampling,
    @Default("auto")
        @Doc(
            "whether the backward pass computes attention and experts again, which takes less"
                + " memory and longer: always, never, or by the size of what would be kept")
        Recompute recompute) {

  /** Which training images an epoch has, and in which order. */
  public enum Sampling {
    /** Every image once, in an order that is drawn for every epoch. */
    SHUFFLED,
    /**
     * As many images as there are, but of every class the same number, give or take one: images of
     * small classes come several times, some of those of large classes only in other epochs. For
     * classes of which some have many more images than others.
     */
    BALANCED
  }

  /** Whether the backward pass computes again what the forward pass could have kept for it. */
  public enum Recompute {
    /** Where all that could be kept for a batch takes more than 192 MiB. */
    AUTO,
    /** Less memory, and a step takes about a fifth longer. */
    ALWAYS,
    /**
     * Faster, and a batch's activations stay in memory: those of 64 images of 36x36 take 0.5 GB.
     */
    NEVER
  }

  /**
   * Changes the defaults. A value out of its range is refused in {@link RunSpecBuilder#build}, a
   * field that is set again to another value with an {@link IllegalStateException}.
   */
  public static final class Builder {
    private final Draft<TrainingSpec> fields;

    Builder(Draft<TrainingSpec> fields) {
      this.fields = fields;
    }

    TrainingSpec spec() {
      return fields.part();
    }

    private Builder set(String field, Object value) {
      fields.set(field, value);
      return this;
    }

    /** Passes over the training images, 1 to 100,000; 10 unless set. */
    public Builder epochs(int epochs) {
      return set("epochs", epochs);
    }

    /** Images in a step, 1 to 65,536; 64 unless set. */
    public Builder batch(int images) {
      return set("batch", images);
    }

    /**
     * Gradient accumulation: images computed at once, at most the batch, which it is unless set.
     */
    public Builder microBatch(int images) {
      return set("microBatch", images);
    }

    /** Decides weights, order, augmentation, dropout and gate noise; 1 unless set. */
    public Builder seed(long seed) {
      return set("seed", seed);
    }

    /** Ends the run after so many steps, at least 1, whatever the epochs; no limit unless set. */
    public Builder steps(int steps) {
      return set("steps", steps);
    }

    /**
     * Epochs from one measurement to the next, 1 to 100,000, on the validation images or, without
     * any, on the test images; 1 unless set. The last epoch is measured in any case.
     */
    public Builder testEvery(int epochs) {
      return set("testEvery", epochs);
    }

    /** TensorFlow's threads, 0 to 1024; 0, one per core, unless set. */
    public Builder threads(int threads) {
      return set("threads", threads);
    }

    /** The share of every label that is spread evenly over all classes, in [0, 1); 0 unless set. */
    public Builder labelSmoothing(double share) {
      return set("labelSmoothing", share);
    }

    /** The chance, in [0, 1), that a value of attention or experts is dropped; 0 unless set. */
    public Builder dropout(double chance) {
      return set("dropout", chance);
    }

    /** Stochastic depth: the chance to skip a layer of the last block, in [0, 1); 0 unless set. */
    public Builder dropPath(double chance) {
      return set("dropPath", chance);
    }

    /** The share of an image's patches left out while training, in [0, 1); 0 unless set. */
    public Builder patchDropout(double share) {
      return set("patchDropout", share);
    }

    /**
     * Seconds that a worker waits for the others, 5 to 86,400, before they count as lost; 60 unless
     * set.
     */
    public Builder workerTimeout(int seconds) {
      return set("workerTimeout", seconds);
    }

    /** Which images an epoch trains on; {@link Sampling#SHUFFLED} unless set. */
    public Builder sampling(Sampling sampling) {
      return set("sampling", sampling);
    }

    /**
     * Whether the backward pass computes attention and experts again, for less memory; {@link
     * Recompute#AUTO} unless set.
     */
    public Builder recompute(Recompute recompute) {
      return set("recompute", recompute);
    }

    /** The number format of the matrix products; {@link Precision#FLOAT32} unless set. */
    public Builder precision(Precision precision) {
      return set("precision", precision);
    }
  }
}
