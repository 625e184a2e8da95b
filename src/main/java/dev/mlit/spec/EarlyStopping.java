package dev.mlit.spec;

/**
 * Ends a run that no longer gets better.
 *
 * @param patience epochs without an improvement after which the run ends
 * @param minDelta a change smaller than this is no improvement
 * @param metric what is looked at
 */
public record EarlyStopping(
    @Range(min = 1, max = 100_000)
        @Default("10")
        @Doc("epochs without an improvement after which the run ends")
        int patience,
    @Range(min = 0, max = 1_000_000) @Default("0") @Doc("what is less than this is no improvement")
        double minDelta,
    @Default("test-accuracy") @Doc("what is looked at") Metric metric) {

  /** What an epoch is judged by. */
  public enum Metric {
    /** The share of the test images that are classified rightly: the higher the better. */
    TEST_ACCURACY,
    /** The mean cross-entropy of the test images: the lower the better. */
    TEST_LOSS
  }

  /** Changes the defaults. */
  public static final class Builder {
    private EarlyStopping spec = SpecBinder.defaults(EarlyStopping.class);

    Builder() {}

    /** Epochs without an improvement after which the run ends; 10 unless set. */
    public Builder patience(int epochs) {
      spec = new EarlyStopping(epochs, spec.minDelta, spec.metric);
      return this;
    }

    /** A change smaller than this is no improvement; 0 unless set. */
    public Builder minDelta(double delta) {
      spec = new EarlyStopping(spec.patience, delta, spec.metric);
      return this;
    }

    /** What is looked at; {@link Metric#TEST_ACCURACY} unless set. */
    public Builder metric(Metric metric) {
      spec = new EarlyStopping(spec.patience, spec.minDelta, metric);
      return this;
    }

    EarlyStopping spec() {
      return spec;
    }
  }
}
