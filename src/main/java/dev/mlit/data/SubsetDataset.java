package dev.mlit.data;

import dev.mlit.spec.ImageShape;
import java.util.List;
import java.util.Optional;

/**
 * A dataset of which some training images are used, and others may be validated on. It resizes what
 * it is a part of, so that image files are still decoded straight to the size that is asked for.
 */
final class SubsetDataset implements Dataset {
  private final Dataset dataset;
  private final int[] trained;
  private final Optional<int[]> validated;
  private final Split train;
  private final Optional<Split> validation;

  private SubsetDataset(Dataset dataset, int[] trained, Optional<int[]> validated) {
    this.dataset = dataset;
    this.trained = trained;
    this.validated = validated;
    this.train = new Subset(dataset.train(), trained);
    this.validation =
        validated.isEmpty()
            ? dataset.validation()
            : validated.map(images -> new Subset(dataset.train(), images));
  }

  /** See {@link Dataset#withLabels}. */
  static Dataset labelled(Dataset dataset, double fraction, long seed) {
    return new SubsetDataset(
        dataset, Stratified.labelled(dataset, fraction, seed), Optional.empty());
  }

  /** See {@link Dataset#withValidation}. */
  static Dataset validated(Dataset dataset, double fraction, long seed) {
    Stratified.Cut cut = Stratified.cut(dataset, fraction, seed);
    return new SubsetDataset(dataset, cut.train(), Optional.of(cut.validation()));
  }

  @Override
  public String name() {
    return dataset.name();
  }

  @Override
  public List<String> labels() {
    return dataset.labels();
  }

  @Override
  public ImageShape shape() {
    return dataset.shape();
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
    return dataset.test();
  }

  @Override
  public Dataset resizedTo(ImageShape shape) {
    return shape.equals(shape())
        ? this
        : new SubsetDataset(dataset.resizedTo(shape), trained, validated);
  }

  @Override
  public String toString() {
    return SimpleDataset.describe(this);
  }
}
