package dev.mlit.data;

import dev.mlit.data.image.Resampler;
import dev.mlit.spec.ImageShape;
import java.util.List;
import java.util.Optional;
import org.apiguardian.api.API;
import org.apiguardian.api.API.Status;

/**
 * Image files, each of its own size. The shape is that of the first image to train on, or to test
 * on where there is none, until another is asked for; every file is decoded straight to it, so that
 * nothing is resized twice.
 *
 * @since 0.1.0
 */
@API(status = Status.INTERNAL)
public final class ImageFileDataset implements Dataset {
  private final String name;
  private final List<String> labels;
  private final LabelledFiles trainFiles;
  private final Optional<LabelledFiles> validationFiles;
  private final LabelledFiles testFiles;
  private final long memory;
  private final ImageShape shape;
  private final Split train;
  private final Optional<Split> validation;
  private final Split test;

  private ImageFileDataset(
      String name,
      List<String> labels,
      LabelledFiles trainFiles,
      Optional<LabelledFiles> validationFiles,
      LabelledFiles testFiles,
      long memory,
      ImageShape shape) {
    this.name = name;
    this.labels = List.copyOf(labels);
    this.trainFiles = trainFiles;
    this.validationFiles = validationFiles;
    this.testFiles = testFiles;
    this.memory = memory;
    this.shape = shape;
    int validationImages = validationFiles.map(LabelledFiles::size).orElse(0);
    long images = (long) trainFiles.size() + validationImages + testFiles.size();
    boolean kept = images * shape.values() <= Math.min(memory, Integer.MAX_VALUE - 8);
    this.train = new ImageFileSplit(trainFiles, shape, kept);
    this.validation = validationFiles.map(files -> new ImageFileSplit(files, shape, kept));
    this.test = new ImageFileSplit(testFiles, shape, kept);
  }

  /**
   * A dataset of these files.
   *
   * @param train may be none where there are some to test on
   * @param memory bytes of decoded images that may be kept
   * @throws dev.mlit.spec.InvalidInputException if the first image cannot be read
   */
  public static Dataset of(
      String name, List<String> labels, LabelledFiles train, LabelledFiles test, long memory) {
    return of(name, labels, train, Optional.empty(), test, memory);
  }

  /** As above, with a validation part if there is one. */
  public static Dataset of(
      String name,
      List<String> labels,
      LabelledFiles train,
      Optional<LabelledFiles> validation,
      LabelledFiles test,
      long memory) {
    ImageShape shape = (train.size() == 0 ? test : train).shape(0);
    return new ImageFileDataset(name, labels, train, validation, test, memory, shape);
  }

  @Override
  public String name() {
    return name;
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
  public Dataset resizedTo(ImageShape target) {
    Resampler.requirePossible(target);
    return target.equals(shape)
        ? this
        : new ImageFileDataset(
            name, labels, trainFiles, validationFiles, testFiles, memory, target);
  }

  @Override
  public String toString() {
    return SimpleDataset.describe(this);
  }
}
