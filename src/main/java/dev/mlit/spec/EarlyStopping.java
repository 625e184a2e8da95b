package dev.mlit.spec;

import dev.mlit.spec.field.Default;
import dev.mlit.spec.field.Doc;
import dev.mlit.spec.field.Range;
import org.jspecify.annotations.Nullable;

/**
 * Ends a run that no longer gets better.
 *
 * @param patience epochs without an improvement after which the run ends
 * @param minDelta a change smaller than this is no improvement
 * @param metric what is looked at; null for the validation accuracy, or the validation loss of an
 *     autoencoder, which has no accuracy: a {@link RunSpec} says which
 */
public record EarlyStopping(
    @Range(min = 1, max = 100_000)
        @Default("10")
        @Doc("epochs without an improvement after which the run ends")
        int patience,
    @Range(min = 0, max = 1_000_000) @Default("0") @Doc("what is less than this is no improvement")
        double minDelta,
    @Doc(
            "what is looked at; without it, validation-accuracy, or validation-loss of an"
                + " autoencoder. Choosing on test images makes their accuracy look too good")
        @Nullable Metric metric) {

  /** What an epoch is judged by. */
  public enum Metric {
    /** The share of the validation images that are classified rightly: the higher the better. */
    VALIDATION_ACCURACY,
    /**
     * The mean cross-entropy of the validation images, or of an autoencoder the mean squared error
     * of their hidden patches: the lower the better.
     */
    VALIDATION_LOSS,
    /**
     * The share of the test images that are classified rightly. They are then tested after every
     * epoch, and what is measured on them at the end is too good, as it was chosen.
     */
    TEST_ACCURACY,
    /** As {@link #VALIDATION_LOSS}, of the test images, with what {@link #TEST_ACCURACY} says. */
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
      return Fields.key(this);
    }
  }

  /** With the metric that is meant for a task, where none is given. */
  public EarlyStopping resolved(RunSpec.Task task) {
    Metric meant =
        task == RunSpec.Task.RECONSTRUCT ? Metric.VALIDATION_LOSS : Metric.VALIDATION_ACCURACY;
    return metric == null ? new EarlyStopping(patience, minDelta, meant) : this;
  }

  /** Changes the defaults. */
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

    /** Epochs without an improvement after which the run ends; 10 unless set. */
    public Builder patience(int epochs) {
      return set("patience", epochs);
    }

    /** A change smaller than this is no improvement; 0 unless set. */
    public Builder minDelta(double delta) {
      return set("minDelta", delta);
    }

    /**
     * What is looked at; {@link Metric#VALIDATION_ACCURACY} unless set, or of an autoencoder {@link
     * Metric#VALIDATION_LOSS}.
     */
    public Builder metric(Metric metric) {
      return set("metric", metric);
    }
  }
}
