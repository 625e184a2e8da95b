package dev.mlit.data;

import dev.mlit.data.image.Resampler;
import dev.mlit.spec.ImageShape;
import dev.mlit.spec.InvalidInputException;
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
  /** Files of which one must be an image that can be read. */
  private static final int TRIED = 100;

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
   * A dataset of these files, but for those that the options leave out.
   *
   * @param train may be none where there are some to test on
   * @throws dev.mlit.spec.InvalidInputException if the first images cannot be read, or none is left
   */
  public static Dataset of(
      String name,
      List<String> labels,
      LabelledFiles train,
      Optional<LabelledFiles> validation,
      LabelledFiles test,
      ReadOptions options) {
    LabelledFiles trained = train.without(options.exclude());
    LabelledFiles tested = test.without(options.exclude());
    return new ImageFileDataset(
        name,
        labels,
        trained,
        validation.map(files -> files.without(options.exclude())),
        tested,
        options.memory(),
        shape(name, trained.size() == 0 ? tested : trained));
  }

  /** That of the first image which can be read: a damaged one is found when all of them are. */
  private static ImageShape shape(String name, LabelledFiles files) {
    if (files.size() == 0) {
      throw new InvalidInputException(name + ": no image is left");
    }
    try {
      return files.shape(0);
    } catch (InvalidInputException first) {
      for (int i = 1; i < Math.min(TRIED, files.size()); i++) {
        try {
          return files.shape(i);
        } catch (InvalidInputException e) {
          // The message of the first one will do.
        }
      }
      throw first;
    }
  }

  /**
   * The files of each part.
   *
   * @param train those to train on
   * @param validation those to validate on
   * @param test those to test on
   */
  public record Files(
      LabelledFiles train, Optional<LabelledFiles> validation, LabelledFiles test) {}

  /** The files of all parts. */
  public Files files() {
    return new Files(trainFiles, validationFiles, testFiles);
  }

  @Override
  public Dataset withLabels(double fraction, long seed) {
    return with(trainFiles.chosen(Stratified.labelled(this, fraction, seed)), validationFiles);
  }

  @Override
  public Dataset withValidation(double fraction, long seed) {
    if (validationFiles.isPresent()) {
      throw new IllegalStateException(name + " has a validation part already");
    }
    Stratified.Cut cut = Stratified.cut(this, fraction, seed);
    return with(trainFiles.chosen(cut.train()), Optional.of(trainFiles.chosen(cut.validation())));
  }

  /** Each part has files of its own, so that those of no part are not decoded. */
  private Dataset with(LabelledFiles train, Optional<LabelledFiles> validation) {
    return new ImageFileDataset(name, labels, train, validation, testFiles, memory, shape);
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
