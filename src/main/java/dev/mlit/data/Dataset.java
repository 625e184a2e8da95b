package dev.mlit.data;

import dev.mlit.spec.ImageShape;
import java.util.List;
import java.util.Optional;

/**
 * Labelled images of one size, in a part to train on, a part to test on, and maybe one that choices
 * are made on while training.
 *
 * <p>Your own data is a dataset as soon as its two parts are {@link Split}s; if they fit in memory:
 *
 * <pre>{@code
 * Dataset stamps =
 *     Dataset.of(
 *         "stamps",
 *         List.of("used", "unused"),
 *         new ImageShape(32, 32, 3),
 *         new MemorySplit(trainPixels, trainLabels, 32 * 32 * 3),
 *         new MemorySplit(testPixels, testLabels, 32 * 32 * 3));
 * }</pre>
 *
 * @since 0.1.0
 */
public interface Dataset {
  /** What users call it, such as {@code fashion-mnist}. */
  String name();

  /** The names of the classes; the one of label 0 comes first. */
  List<String> labels();

  /** The size of every image, in all parts. */
  ImageShape shape();

  /** The images to train on. */
  Split train();

  /**
   * The images that choices are made on, such as which epoch is the best, none of which is trained
   * or tested on; empty if there are none, as in most datasets: {@link #withValidation} cuts some
   * off.
   */
  default Optional<Split> validation() {
    return Optional.empty();
  }

  /**
   * The images to measure accuracy on, none of which is trained on. Where there are images to
   * validate on, these are read once, when training is done.
   */
  Split test();

  /**
   * This dataset with images of another size: each is resized as a whole with an antialiasing
   * filter, so that its proportions change if those of the two shapes differ, and turned from RGB
   * to gray (ITU-R BT.601 luma) or from gray to RGB. The values are those that Pillow's {@code
   * convert} and {@code resize} with {@code BILINEAR} give in Python. An image is resized when it
   * is read, every time.
   *
   * @return this, if it has that shape already
   * @throws IllegalArgumentException if height or width is below 1 or channels neither 1 nor 3
   */
  default Dataset resizedTo(ImageShape shape) {
    return shape.equals(shape()) ? this : ResizedSplit.resize(this, shape);
  }

  /**
   * This dataset with a share of the training images of every class, at least one of each. Of the
   * same seed, a smaller share is a part of a larger one. The other parts are all there.
   *
   * @param fraction of the images of a class, in (0, 1]; their number is rounded
   * @param seed decides which
   * @throws IllegalArgumentException if the fraction is not in (0, 1]
   */
  default Dataset withLabels(double fraction, long seed) {
    return SubsetDataset.labelled(this, fraction, seed);
  }

  /**
   * This dataset with a share of the training images of every class as its {@link #validation}
   * part, which is then no longer trained on: of every class at least one image, and at most all
   * but one. Of the same seed, a smaller share is a part of a larger one.
   *
   * @param fraction of the images of a class, in (0, 1); their number is rounded
   * @param seed decides which
   * @throws IllegalArgumentException if the fraction is not in (0, 1), or every class has at most
   *     one image
   * @throws IllegalStateException if there is a validation part already
   */
  default Dataset withValidation(double fraction, long seed) {
    if (validation().isPresent()) {
      throw new IllegalStateException(name() + " has a validation part already");
    }
    return SubsetDataset.validated(this, fraction, seed);
  }

  /**
   * This dataset with other names for its classes, whose images and labels stay as they are: where
   * a model calls the same classes otherwise, in the same order, {@code
   * data.withClassNames(classifier.labels())} has them taken for the same.
   *
   * @param names the name of the class of label 0 first
   * @throws IllegalArgumentException if there is not one for every class
   */
  default Dataset withClassNames(List<String> names) {
    return new RenamedDataset(this, names);
  }

  /** The datasets that this one was {@linkplain #join joined} from; only itself, if it was not. */
  default List<Dataset> parts() {
    return List.of(this);
  }

  /**
   * Several datasets as one, such as to pre-train on: the images of the first, then those of the
   * second, and so on, in all parts. They get the size of the first one's images until {@link
   * #resizedTo} says another. Its name is such as {@code cifar10 + cifar100}; classes of different
   * datasets stay different, and are called such as {@code cifar10: cat} where several have the
   * same name.
   *
   * @return the dataset, if there is only one
   * @throws IllegalArgumentException if there is none
   */
  static Dataset join(List<Dataset> datasets) {
    return datasets.size() == 1 ? datasets.get(0) : JoinedDataset.of(datasets);
  }

  /**
   * A dataset of these parts.
   *
   * @param name what users call it
   * @param labels the names of the classes; the one of label 0 comes first
   * @param shape the size of every image
   * @throws IllegalArgumentException if there is no class
   */
  static Dataset of(String name, List<String> labels, ImageShape shape, Split train, Split test) {
    return new SimpleDataset(name, labels, shape, train, Optional.empty(), test);
  }

  /**
   * A dataset of these parts.
   *
   * @param name what users call it
   * @param labels the names of the classes; the one of label 0 comes first
   * @param shape the size of every image
   * @param validation the images that choices are made on
   * @throws IllegalArgumentException if there is no class
   */
  static Dataset of(
      String name,
      List<String> labels,
      ImageShape shape,
      Split train,
      Split validation,
      Split test) {
    return new SimpleDataset(name, labels, shape, train, Optional.of(validation), test);
  }
}
