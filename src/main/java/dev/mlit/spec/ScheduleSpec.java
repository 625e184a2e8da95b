package dev.mlit.spec;

import dev.mlit.spec.field.Default;
import dev.mlit.spec.field.Doc;
import dev.mlit.spec.field.Range;

/**
 * The learning rate over time: linear from 0 in the warm-up, then down towards {@code finalFactor}
 * of the highest rate, which the step after the last one would have; or constant.
 *
 * <p>It is a record, because reading, writing, the JSON Schema and equality follow its components
 * in order. Set its fields with {@link RunSpecBuilder#schedule}: a new field changes the
 * constructor, not the builder.
 *
 * @param warmupEpochs length of the warm-up in epochs, from 0 to those of the run; may be a
 *     fraction
 * @param decay how the rate falls after the warm-up
 * @param finalFactor what would be left of the rate after the last step, in [0, 1]; 0 with a
 *     constant rate
 * @since 0.1.0
 */
public record ScheduleSpec(
    @Range(min = 0, max = 100_000) @Default("1") @Doc("length of the linear warm-up")
        double warmupEpochs,
    @Default("cosine") @Doc("how the rate falls after the warm-up") Decay decay,
    @Range(min = 0, max = 1) @Default("0") @Doc("part of the rate that is left after the last step")
        double finalFactor) {

  /** How the learning rate falls. */
  public enum Decay {
    /** Half a cosine (Loshchilov and Hutter 2017): slowly, fast, slowly. */
    COSINE,
    /** By the same amount with every step. */
    LINEAR,
    /** Not at all. */
    CONSTANT
  }

  /**
   * Changes the defaults. A value out of its range is refused in {@link RunSpecBuilder#build}, a
   * field that is set again to another value with an {@link IllegalStateException}.
   */
  public static final class Builder {
    private final Draft<ScheduleSpec> fields;

    Builder(Draft<ScheduleSpec> fields) {
      this.fields = fields;
    }

    ScheduleSpec spec() {
      return fields.part();
    }

    private Builder set(String field, Object value) {
      fields.set(field, value);
      return this;
    }

    /** The length of the linear warm-up in epochs, from 0 to those of the run; 1 unless set. */
    public Builder warmupEpochs(double epochs) {
      return set("warmupEpochs", epochs);
    }

    /** How the rate falls after the warm-up; {@link Decay#COSINE} unless set. */
    public Builder decay(Decay decay) {
      return set("decay", decay);
    }

    /** The part of the rate that would be left after the last step, 0 to 1; 0 unless set. */
    public Builder finalFactor(double factor) {
      return set("finalFactor", factor);
    }
  }
}
