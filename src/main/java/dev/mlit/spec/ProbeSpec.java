package dev.mlit.spec;

import dev.mlit.spec.field.Default;
import dev.mlit.spec.field.Doc;
import dev.mlit.spec.field.Range;

/**
 * A probe: a classifier of frozen features. The features are computed once, of images without
 * augmentation; the encoder stays as it is.
 *
 * <p>It is a record, because reading, writing, the JSON Schema and equality follow its components
 * in order. Set its fields with {@link RunSpecBuilder#probe}: a new field changes the constructor,
 * not the builder.
 *
 * @param kind the classifier
 * @param l2 the weight of a logistic regression's penalty, 0 to 1e9: minimised is the sum of the
 *     images' cross-entropies plus l2 / 2 times the squares of the kernel of the standardised
 *     features. It is 1 / C of scikit-learn's {@code LogisticRegression}
 * @param k how many nearest neighbours vote, 1 to 100,000
 * @since 0.1.0
 */
public record ProbeSpec(
    @Default("logistic-regression") @Doc("the classifier of the features") Kind kind,
    @Range(min = 0, max = 1_000_000_000)
        @Default("1")
        @Doc("penalty of a logistic regression on standardised features, 1 / C of scikit-learn")
        double l2,
    @Range(min = 1, max = 100_000) @Default("20") @Doc("how many nearest neighbours vote") int k) {

  /** The classifier of the features. */
  public enum Kind {
    /**
     * Multinomial logistic regression on standardised features, solved to convergence. Mean and
     * deviation become part of the head, so that the model is one like any other.
     */
    LOGISTIC_REGRESSION,
    /**
     * The majority of the nearest training images by cosine similarity. There is no head then, and
     * nothing to export.
     */
    NEAREST_NEIGHBOURS
  }

  /**
   * Changes the defaults. A value out of its range is refused in {@link RunSpecBuilder#build}, a
   * field that is set again to another value with an {@link IllegalStateException}.
   */
  public static final class Builder {
    private final Draft<ProbeSpec> fields;

    Builder(Draft<ProbeSpec> fields) {
      this.fields = fields;
    }

    ProbeSpec spec() {
      return fields.part();
    }

    private Builder set(String field, Object value) {
      fields.set(field, value);
      return this;
    }

    /** The classifier; {@link Kind#LOGISTIC_REGRESSION} unless set. */
    public Builder kind(Kind kind) {
      return set("kind", kind);
    }

    /** The weight of a logistic regression's penalty, 0 to 1e9; 1 unless set. */
    public Builder l2(double weight) {
      return set("l2", weight);
    }

    /** How many nearest neighbours vote, 1 to 100,000; 20 unless set. */
    public Builder k(int neighbours) {
      return set("k", neighbours);
    }
  }
}
