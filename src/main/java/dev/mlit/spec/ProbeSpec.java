package dev.mlit.spec;

import dev.mlit.spec.field.Default;
import dev.mlit.spec.field.Doc;
import dev.mlit.spec.field.Range;

/**
 * A probe of frozen features. They are computed once, of images without augmentation, and by them
 * the classes are told; the encoder stays as it is.
 *
 * @param kind by what the classes are told
 * @param l2 the weight of a logistic regression's penalty: the sum of the images' cross-entropies,
 *     plus l2 / 2 times the squares of the kernel of the standardised features, is made as small as
 *     can be. It is 1 / C of scikit-learn's {@code LogisticRegression}
 * @param k how many nearest neighbours vote
 */
public record ProbeSpec(
    @Default("logistic-regression") @Doc("by what the classes are told") Kind kind,
    @Range(min = 0, max = 1_000_000_000)
        @Default("1")
        @Doc("penalty of a logistic regression on standardised features, 1 / C of scikit-learn")
        double l2,
    @Range(min = 1, max = 100_000) @Default("20") @Doc("how many nearest neighbours vote") int k) {

  /** By what the classes are told. */
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

  /** Changes the defaults. */
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

    /** By what the classes are told; {@link Kind#LOGISTIC_REGRESSION} unless set. */
    public Builder kind(Kind kind) {
      return set("kind", kind);
    }

    /** The penalty of a logistic regression, 0 or above; 1 unless set. */
    public Builder l2(double weight) {
      return set("l2", weight);
    }

    /** How many nearest neighbours vote, 1 to 100,000; 20 unless set. */
    public Builder k(int neighbours) {
      return set("k", neighbours);
    }
  }
}
