package dev.mlit.spec;

import dev.mlit.spec.field.Default;
import dev.mlit.spec.field.Doc;
import dev.mlit.spec.field.Range;
import org.jspecify.annotations.Nullable;

/**
 * How well the nearest neighbours classify validation images by their features, measured while a
 * model trains: it tells whether pre-training helps before there is a classifier. The features are
 * those of whole images, nothing hidden; labelled training images have a vote each, by cosine
 * similarity. It changes no weight and reads no test image.
 *
 * <p>It is a record, because reading, writing, the JSON Schema and equality follow its components
 * in order. Set its fields with {@link RunSpecBuilder#neighbours}: a new field changes the
 * constructor, not the builder.
 *
 * @param every epochs from one measurement to the next, 1 to 100,000; the last epoch is measured
 *     too
 * @param k how many nearest neighbours vote, 1 to 100,000
 * @param images training images that vote, and validation images that are classified, at most, 1 to
 *     1,000,000; the same share of every class
 * @param dataset whose images and labels are used; of one without a validation part, a tenth of the
 *     training images of every class is classified by the others. Null for the run's own, of
 *     several the first, which must have a validation part
 * @param directory where its files lie, or the archive of them; null for the usual places
 * @since 0.1.0
 */
public record NeighboursSpec(
    @Range(min = 1, max = 100_000) @Default("1") @Doc("epochs from one measurement to the next")
        int every,
    @Range(min = 1, max = 100_000) @Default("20") @Doc("how many nearest neighbours vote") int k,
    @Range(min = 1, max = 1_000_000)
        @Default("5000")
        @Doc("training images that vote, and validation images that are classified, at most")
        int images,
    @Doc("whose labels are used; without it, the run's own dataset, of several the first")
        @Nullable String dataset,
    @Doc("where its files lie, or their archive; without it, $MLIT_DATA/NAME and data/NAME")
        @Nullable String directory) {

  /**
   * Changes the defaults. A value out of its range is refused in {@link RunSpecBuilder#build}, a
   * field that is set again to another value with an {@link IllegalStateException}.
   */
  public static final class Builder {
    private final Draft<NeighboursSpec> fields;

    Builder(Draft<NeighboursSpec> fields) {
      this.fields = fields;
    }

    NeighboursSpec spec() {
      return fields.part();
    }

    private Builder set(String field, Object value) {
      fields.set(field, value);
      return this;
    }

    /** Epochs from one measurement to the next, 1 to 100,000; 1 unless set. */
    public Builder every(int epochs) {
      return set("every", epochs);
    }

    /** How many nearest neighbours vote, 1 to 100,000; 20 unless set. */
    public Builder k(int neighbours) {
      return set("k", neighbours);
    }

    /**
     * Training images that vote, and validation images, at most, 1 to 1,000,000; 5,000 unless set.
     */
    public Builder images(int most) {
      return set("images", most);
    }

    /** The dataset whose images and labels are used; the run's own unless set. */
    public Builder dataset(String name) {
      return set("dataset", name);
    }

    /** The dataset whose images and labels are used, its files in this directory or archive. */
    public Builder dataset(String name, String directory) {
      return set("dataset", name).set("directory", directory);
    }
  }
}
