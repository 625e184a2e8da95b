package dev.mlit.data;

import static java.util.stream.Collectors.joining;

import dev.mlit.spec.ImageShape;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.function.UnaryOperator;

/**
 * Several datasets as one: the images of the first one, then those of the second, and so on, in all
 * parts. Classes of different datasets stay different, and are named with their dataset where
 * another one has a class of the same name.
 */
final class JoinedDataset implements Dataset {
  private static final Split NO_IMAGES = new MemorySplit(new byte[0], new int[0], 1);

  private final List<Dataset> originals;
  private final List<Dataset> parts;
  private final ImageShape shape;
  private final List<String> labels;
  private final Split train;
  private final Optional<Split> validation;
  private final Split test;

  private JoinedDataset(List<Dataset> originals, ImageShape shape) {
    this.originals = List.copyOf(originals);
    this.shape = shape;
    this.parts = originals.stream().map(part -> part.resizedTo(shape)).toList();
    this.labels = labels(originals);
    int[] firstLabels = new int[parts.size()];
    for (int i = 1; i < firstLabels.length; i++) {
      firstLabels[i] = firstLabels[i - 1] + originals.get(i - 1).labels().size();
    }
    this.train = new JoinedSplit(parts.stream().map(Dataset::train).toList(), firstLabels);
    this.validation =
        parts.stream().anyMatch(part -> part.validation().isPresent())
            ? Optional.of(
                new JoinedSplit(
                    parts.stream().map(part -> part.validation().orElse(NO_IMAGES)).toList(),
                    firstLabels))
            : Optional.empty();
    this.test = new JoinedSplit(parts.stream().map(Dataset::test).toList(), firstLabels);
  }

  /**
   * Joins datasets, whose images get the size of the first one's until another is asked for.
   *
   * @throws IllegalArgumentException if there is none
   */
  static Dataset of(List<Dataset> parts) {
    if (parts.isEmpty()) {
      throw new IllegalArgumentException("0 datasets, must be at least 1");
    }
    return new JoinedDataset(parts, parts.get(0).shape());
  }

  private static List<String> labels(List<Dataset> parts) {
    List<String> names = parts.stream().flatMap(part -> part.labels().stream()).toList();
    if (new HashSet<>(names).size() == names.size()) {
      return names;
    }
    List<String> full = new ArrayList<>();
    for (Dataset part : parts) {
      part.labels().forEach(label -> full.add(part.name() + ": " + label));
    }
    return List.copyOf(full);
  }

  /** Changes every part, from its original, so that nothing is resized twice. */
  private Dataset each(UnaryOperator<Dataset> change) {
    return new JoinedDataset(originals.stream().map(change).toList(), shape);
  }

  @Override
  public String name() {
    return originals.stream().map(Dataset::name).collect(joining(" + "));
  }

  @Override
  public List<String> labels() {
    return labels;
  }

  @Override
  public ImageShape shape() {
    return shape;
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
    return test;
  }

  @Override
  public List<Dataset> parts() {
    return parts;
  }

  @Override
  public Dataset resizedTo(ImageShape target) {
    return target.equals(shape) ? this : new JoinedDataset(originals, target);
  }

  @Override
  public Dataset withLabels(double fraction, long seed) {
    return each(part -> part.withLabels(fraction, seed));
  }

  /** Cuts images off the parts that have no validation part yet. */
  @Override
  public Dataset withValidation(double fraction, long seed) {
    if (originals.stream().allMatch(part -> part.validation().isPresent())) {
      throw new IllegalStateException(name() + " has a validation part already");
    }
    return each(part -> part.validation().isPresent() ? part : part.withValidation(fraction, seed));
  }

  @Override
  public String toString() {
    return SimpleDataset.describe(this);
  }
}
