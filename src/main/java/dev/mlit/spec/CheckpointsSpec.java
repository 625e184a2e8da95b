package dev.mlit.spec;

import dev.mlit.spec.field.Default;
import dev.mlit.spec.field.Doc;
import dev.mlit.spec.field.Range;
import org.jspecify.annotations.Nullable;

/**
 * When a run is saved so that it can be resumed: after every epoch, and within an epoch whenever so
 * many minutes or steps have passed, whichever comes first.
 *
 * <p>It is a record, because reading, writing, the JSON Schema and equality follow its components
 * in order. Set its fields with {@link RunSpecBuilder#checkpoints}: a new field changes the
 * constructor, not the builder.
 *
 * @param everyMinutes minutes between two checkpoints, at most; 0 for only after epochs
 * @param everySteps steps between two checkpoints, at most; null for no limit
 * @since 0.1.0
 */
public record CheckpointsSpec(
    @Range(min = 0, max = 100_000)
        @Default("5")
        @Doc("save within an epoch when so many minutes have passed; 0 is never")
        double everyMinutes,
    @Range(min = 1, max = 2_000_000_000) @Doc("save within an epoch after so many steps")
        @Nullable Integer everySteps) {

  /**
   * Changes the defaults. A value out of its range is refused in {@link RunSpecBuilder#build}, a
   * field that is set again to another value with an {@link IllegalStateException}.
   */
  public static final class Builder {
    private final Draft<CheckpointsSpec> fields;

    Builder(Draft<CheckpointsSpec> fields) {
      this.fields = fields;
    }

    CheckpointsSpec spec() {
      return fields.part();
    }

    private Builder set(String field, Object value) {
      fields.set(field, value);
      return this;
    }

    /** Saves when so many minutes have passed; 5 unless set, 0 for only after epochs. */
    public Builder everyMinutes(double minutes) {
      return set("everyMinutes", minutes);
    }

    /** Saves also after so many steps, at least 1; no limit unless set. */
    public Builder everySteps(int steps) {
      return set("everySteps", steps);
    }
  }
}
