package dev.mlit.spec;

import dev.mlit.spec.field.Default;
import dev.mlit.spec.field.Doc;
import dev.mlit.spec.field.Range;
import dev.mlit.spec.text.KebabCase;
import org.jspecify.annotations.Nullable;

/**
 * Ends a run whose metric no longer improves.
 *
 * <p>It is a record, because reading, writing, the JSON Schema and equality follow its components
 * in order. Set its fields with {@link RunSpecBuilder#earlyStopping}: a new field changes the
 * constructor, not the builder.
 *
 * @param patience epochs without an improvement after which the run ends, 1 to 100,000
 * @param minDelta a change smaller than this, 0 to 1,000,000, is no improvement
 * @param metric the metric that is watched; null for the validation accuracy, or the validation
 *     loss of an autoencoder, which has no accuracy: a {@link RunSpec} says which
 * @since 0.1.0
 */
public record EarlyStopping(
    @Range(min = 1, max = 100_000)
        @Default("10")
        @Doc("epochs without an improvement after which the run ends")
        int patience,
    @Range(min = 0, max = 1_000_000)
        @Default("0")
        @Doc("a change smaller than this is no improvement")
        double minDelta,
    @Doc(
            "the metric that is watched; without it, validation-accuracy, or validation-loss of an"
                + " autoencoder. Choosing on test images makes their accuracy look too good")
        @Nullable Metric metric) {

  /** A metric that an epoch is judged by. */
  public enum Metric {
    /** The share of the validation images that are classified correctly: higher is better. */
    VALIDATION_ACCURACY,
    /**
     * The mean cross-entropy of the validation images, or of an autoencoder the mean squared error
     * of their hidden patches: lower is better.
     */
    VALIDATION_LOSS,
    /**
     * The share of the test images that are classified correctly. They are then tested after every
     * epoch, and the accuracy at the end is too optimistic, as the epoch was chosen by it.
     */
    TEST_ACCURACY,
    /**
     * As {@link #VALIDATION_LOSS}, of the test images; too optimistic as {@link #TEST_ACCURACY}.
     */
    TEST_LOSS;

    /** Whether it looks at test images. */
    public boolean isOfTest() {
      return this == TEST_ACCURACY || this == TEST_LOSS;
    }

    /** Whether lower is better. */
    public boolean isLoss() {
      return this == VALIDATION_LOSS || this == TEST_LOSS;
    }

    /** As it is written in YAML, such as {@code validation-accuracy}. */
    public String text() {
      return KebabCase.of(this);
    }
  }

  /** This with the usual metric of a task, where none is given. */
  public EarlyStopping resolved(RunSpec.Task task) {
    Metric meant =
        task == RunSpec.Task.RECONSTRUCT ? Metric.VALIDATION_LOSS : Metric.VALIDATION_ACCURACY;
    return metric == null ? new EarlyStopping(patience, minDelta, meant) : this;
  }

  /**
   * Changes the defaults. A value out of its range is refused in {@link RunSpecBuilder#build}, a
   * field that is set again to another value with an {@link IllegalStateException}.
   */
  public static final class Builder {
    private final Draft<EarlyStopping> fields;

    Builder(Draft<EarlyStopping> fields) {
      this.fields = fields;
    }

    EarlyStopping spec() {
      return fields.part();
    }

    private Builder set(String field, Object value) {
      fields.set(field, value);
      return this;
    }

    /** Epochs without an improvement after which the run ends, 1 to 100,000; 10 unless set. */
    public Builder patience(int epochs) {
      return set("patience", epochs);
    }

    /** A change smaller than this is no improvement, 0 to 1,000,000; 0 unless set. */
    public Builder minDelta(double delta) {
      return set("minDelta", delta);
    }

    /**
     * The metric that is watched; {@link Metric#VALIDATION_ACCURACY} unless set, or of an
     * autoencoder {@link Metric#VALIDATION_LOSS}.
     */
    public Builder metric(Metric metric) {
      return set("metric", metric);
    }
  }
}
