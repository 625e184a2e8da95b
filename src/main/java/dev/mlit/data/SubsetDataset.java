package dev.mlit.data;

import dev.mlit.spec.ImageShape;
import java.util.List;
import java.util.Optional;

/**
 * A dataset of which some training images are used, and others may be validated on. It resizes what
 * it is a part of, so that image files are still decoded straight to the size that is asked for.
 */
final class SubsetDataset implements Dataset {
  private final Dataset whole;
  private final int[] trained;
  private final Optional<int[]> validated;
  private final Split train;
  private final Optional<Split> validation;

  private SubsetDataset(Dataset whole, int[] trained, Optional<int[]> validated) {
    this.whole = whole;
    this.trained = trained;
    this.validated = validated;
    this.train = new Subset(whole.train(), trained);
    this.validation =
        validated.isEmpty()
            ? whole.validation()
            : validated.map(images -> new Subset(whole.train(), images));
  }

  /** See {@link Dataset#withLabels}. */
  static Dataset labelled(Dataset whole, double fraction, long seed) {
    return new SubsetDataset(whole, Stratified.labelled(whole, fraction, seed), Optional.empty());
  }

  /** See {@link Dataset#withValidation}. */
  static Dataset validated(Dataset whole, double fraction, long seed) {
    Stratified.Cut cut = Stratified.cut(whole, fraction, seed);
    return new SubsetDataset(whole, cut.train(), Optional.of(cut.validation()));
  }

  @Override
  public String name() {
    return whole.name();
  }

  @Override
  public List<String> labels() {
    return whole.labels();
  }

  @Override
  public ImageShape shape() {
    return whole.shape();
  }

  @Override
  public Split train() {
    return train;
  }

  @Override
  public Optional<Split> validation() {
    return validation;
  }

  @Override
  public Split test() {
    return whole.test();
  }

  @Override
  public Dataset resizedTo(ImageShape shape) {
    return shape.equals(shape())
        ? this
        : new SubsetDataset(whole.resizedTo(shape), trained, validated);
  }

  @Override
  public String toString() {
    return SimpleDataset.describe(this);
  }
}
