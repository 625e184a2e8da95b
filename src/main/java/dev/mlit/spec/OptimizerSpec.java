package dev.mlit.spec;

import dev.mlit.spec.field.Default;
import dev.mlit.spec.field.Doc;
import dev.mlit.spec.field.Range;
import org.jspecify.annotations.Nullable;

/**
 * How gradients change the weights: AdamW with decoupled weight decay (Loshchilov and Hutter 2019),
 * or Muon (Jordan et al. 2024) for the kernels inside the blocks and AdamW for the rest. Biases,
 * norms, tokens and position embeddings do not decay.
 *
 * <p>{@link ScheduleSpec} and layer decay act on both rates alike: at every step each is the same
 * part of its highest value.
 *
 * <p>It is a record, because reading, writing, the JSON Schema and equality follow its components
 * in order. Set its fields with {@link RunSpecBuilder#optimizer}: a new field changes the
 * constructor, not the builder.
 *
 * @param learningRate the highest rate of AdamW, above 0 and at most 1000, reached after the
 *     warm-up
 * @param weightDecay 0 to 1000; each step takes {@code rate * weightDecay} of a kernel away
 * @param beta1 decay of the gradients' mean, in AdamW, in [0, 1)
 * @param beta2 decay of the gradients' mean square, in AdamW, in [0, 1)
 * @param epsilon keeps AdamW's division finite, in (0, 1]
 * @param clipNorm longest global gradient; 0 for no clipping
 * @param layerDecay for fine-tuning (Clark et al. 2020, Bao et al. 2022): the learning rate of
 *     every layer is that of the layer above times this, from the head, which has the full rate,
 *     down to the embeddings; in (0, 1], 1 for the same rate everywhere
 * @param name which optimizer; null for {@link #DEFAULT} in a new run, and for the one that it was
 *     started with in a run that is resumed. A run directory always states it
 * @param muonLearningRate the highest rate of Muon, in [0, 1000], above 0; null for {@value
 *     #MUON_RATE} times {@code learningRate}
 * @param momentum of Muon, in [0, 1): the share of it that stays with every step
 * @since 0.1.0
 */
public record OptimizerSpec(
    @Range(min = 0, above = true, max = 1000)
        @Default("1.0e-3")
        @Doc("the highest learning rate of AdamW, reached after the warm-up")
        double learningRate,
    @Range(min = 0, max = 1000) @Default("0.05") @Doc("decoupled weight decay of the kernels")
        double weightDecay,
    @Range(min = 0, max = 1, below = true)
        @Default("0.9")
        @Doc("AdamW: decay of the gradients' mean")
        double beta1,
    @Range(min = 0, max = 1, below = true)
        @Default("0.999")
        @Doc("AdamW: decay of the gradients' mean square")
        double beta2,
    @Range(min = 0, above = true, max = 1)
        @Default("1.0e-8")
        @Doc("AdamW: keeps the division finite")
        double epsilon,
    @Range(min = 0, max = 1_000_000) @Default("1.0") @Doc("longest global gradient; 0 is off")
        double clipNorm,
    @Range(min = 0, above = true, max = 1)
        @Default("1")
        @Doc("fine-tuning: a layer's learning rate by that of the layer above; 1 is off")
        double layerDecay,
    @Doc("muon for the kernels inside the blocks, or adamw for all; a resumed run keeps its own")
        @Nullable Name name,
    @Range(min = 0, above = true, max = 1000)
        @Doc("the highest learning rate of Muon; without it, four times learning-rate")
        @Nullable Double muonLearningRate,
    @Range(min = 0, max = 1, below = true)
        @Default("0.95")
        @Doc("Muon: share of the momentum that stays with every step")
        double momentum) {

  /** An optimizer. */
  public enum Name {
    /** AdamW for every variable. */
    ADAMW,
    /**
     * Muon for the kernels inside the blocks, those of gates excepted, and AdamW for all else:
     * embeddings, norms, biases, gates, the decoder's first and last projection, the head.
     */
    MUON
  }

  /** The optimizer of a new run that does not name one. */
  public static final Name DEFAULT = Name.MUON;

  /** Muon's rate by AdamW's, where it is not given. */
  public static final double MUON_RATE = 4;

  static final double MOMENTUM = 0.95;

  /** Whether Muon trains the kernels inside the blocks. */
  public boolean isMuon() {
    return (name == null ? DEFAULT : name) == Name.MUON;
  }

  /** The highest rate of Muon, given or not. */
  public double muonRate() {
    return muonLearningRate == null ? MUON_RATE * learningRate : muonLearningRate;
  }

  /**
   * Changes the defaults. A value out of its range is refused in {@link RunSpecBuilder#build}, a
   * field that is set again to another value with an {@link IllegalStateException}.
   */
  public static final class Builder {
    private final Draft<OptimizerSpec> fields;

    Builder(Draft<OptimizerSpec> fields) {
      this.fields = fields;
    }

    OptimizerSpec spec() {
      return fields.part();
    }

    private Builder set(String field, Object value) {
      fields.set(field, value);
      return this;
    }

    /**
     * Which optimizer; {@link OptimizerSpec#DEFAULT} unless set, and in a run that is resumed the
     * one that it was started with.
     */
    public Builder name(Name name) {
      return set("name", name);
    }

    /**
     * The highest learning rate of Muon, above 0 and at most 1000; four times {@link #learningRate}
     * unless set.
     */
    public Builder muonLearningRate(double rate) {
      return set("muonLearningRate", rate);
    }

    /**
     * Of Muon: the share of the momentum that stays with every step, in [0, 1); 0.95 unless set.
     */
    public Builder momentum(double momentum) {
      return set("momentum", momentum);
    }

    /** The highest learning rate of AdamW, above 0 and at most 1000; 1e-3 unless set. */
    public Builder learningRate(double rate) {
      return set("learningRate", rate);
    }

    /** Decoupled weight decay of the kernels, 0 to 1000; 0.05 unless set. */
    public Builder weightDecay(double decay) {
      return set("weightDecay", decay);
    }

    /**
     * Of AdamW: decay of the gradients' mean and mean square, in [0, 1); 0.9 and 0.999 unless set.
     */
    public Builder betas(double beta1, double beta2) {
      return set("beta1", beta1).set("beta2", beta2);
    }

    /** Of AdamW: keeps the division finite, in (0, 1]; 1e-8 unless set. */
    public Builder epsilon(double epsilon) {
      return set("epsilon", epsilon);
    }

    /** The longest global gradient, at least 0; 1 unless set, 0 for no clipping. */
    public Builder clipNorm(double norm) {
      return set("clipNorm", norm);
    }

    /** A layer's learning rate divided by that of the layer above, in (0, 1]; 1 unless set. */
    public Builder layerDecay(double decay) {
      return set("layerDecay", decay);
    }
  }
}
