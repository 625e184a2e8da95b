package dev.mlit.spec;

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
 * @param layerDecay for fine-tuning (Clark et al. 2020, Bao et al. 2022): the learning rate of
 *     every layer is that of the layer above times this, from the head, which has the full rate,
 *     down to the embeddings; 1 for the same rate everywhere
 */
public record OptimizerSpec(
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
        double clipNorm,
    @Range(min = 0, above = true, max = 1)
        @Default("1")
        @Doc("fine-tuning: a layer's learning rate by that of the layer above; 1 is off")
        double layerDecay) {

  /** The same learning rate in every layer. */
  public OptimizerSpec(
      double learningRate,
      double weightDecay,
      double beta1,
      double beta2,
      double epsilon,
      double clipNorm) {
    this(learningRate, weightDecay, beta1, beta2, epsilon, clipNorm, 1);
  }

  /** Changes the defaults. */
  public static final class Builder {
    private OptimizerSpec spec = SpecBinder.defaults(OptimizerSpec.class);

    Builder() {}

    OptimizerSpec spec() {
      return spec;
    }

    Builder start(OptimizerSpec start) {
      spec = start;
      return this;
    }

    private Builder set(String field, Object value) {
      spec = Fields.with(spec, field, value);
      return this;
    }

    /** The highest learning rate; 1e-3 unless set. */
    public Builder learningRate(double rate) {
      return set("learningRate", rate);
    }

    /** Decoupled weight decay of the kernels; 0.05 unless set. */
    public Builder weightDecay(double decay) {
      return set("weightDecay", decay);
    }

    /** Decay of the gradients' mean and mean square; 0.9 and 0.999 unless set. */
    public Builder betas(double beta1, double beta2) {
      return set("beta1", beta1).set("beta2", beta2);
    }

    /** Keeps the division finite; 1e-8 unless set. */
    public Builder epsilon(double epsilon) {
      return set("epsilon", epsilon);
    }

    /** The longest global gradient; 1 unless set, 0 for no clipping. */
    public Builder clipNorm(double norm) {
      return set("clipNorm", norm);
    }

    /** A layer's learning rate by that of the layer above; 1 unless set. */
    public Builder layerDecay(double decay) {
      return set("layerDecay", decay);
    }
  }
}
