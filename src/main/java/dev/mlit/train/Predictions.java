package dev.mlit.train;

import dev.mlit.data.Dataset;
import dev.mlit.data.Split;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.stream.IntStream;

/**
 * What a model says of the validation or test images after an epoch, image by image.
 *
 * @since 0.1.0
 */
public final class Predictions {
  private final Dataset data;
  private final Part part;
  private final int epoch;
  private final long step;
  private final int[] predicted;
  private final float[] confidence;
  private final float[] loss;

  /** The images that were looked at. */
  public enum Part {
    /** Those that choices are made on. */
    VALIDATION,
    /** Those that accuracy is measured on. */
    TEST;

    /** Such as {@code validation}. */
    public String text() {
      return name().toLowerCase(Locale.ROOT);
    }

    /** The images of a dataset; it must have such a part. */
    Split of(Dataset data) {
      return this == TEST ? data.test() : data.validation().orElseThrow();
    }
  }

  Predictions(
      Dataset data,
      Part part,
      int epoch,
      long step,
      int[] predicted,
      float[] confidence,
      float[] loss) {
    this.data = data;
    this.part = part;
    this.epoch = epoch;
    this.step = step;
    this.predicted = predicted;
    this.confidence = confidence;
    this.loss = loss;
  }

  /** The images, of the size that the model sees; {@link #part} of them was predicted. */
  public Dataset data() {
    return data;
  }

  /** Which of the images were predicted. */
  public Part part() {
    return part;
  }

  /** The images that were predicted. */
  public Split images() {
    return part.of(data);
  }

  /** The epoch after which the images were predicted, counted from 1. */
  public int epoch() {
    return epoch;
  }

  /** Steps so far. */
  public long step() {
    return step;
  }

  /** The number of images. */
  public int size() {
    return predicted.length;
  }

  /**
   * The class of an image.
   *
   * @throws IndexOutOfBoundsException unless 0 &lt;= {@code image} &lt; {@link #size}
   */
  public int label(int image) {
    return images().label(image);
  }

  /**
   * The class that the model gives the highest probability.
   *
   * @throws IndexOutOfBoundsException unless 0 &lt;= {@code image} &lt; {@link #size}
   */
  public int predicted(int image) {
    return predicted[image];
  }

  /**
   * The probability of the {@link #predicted} class, in [0, 1].
   *
   * @throws IndexOutOfBoundsException unless 0 &lt;= {@code image} &lt; {@link #size}
   */
  public double confidence(int image) {
    return confidence[image];
  }

  /**
   * The cross-entropy: minus the logarithm of the probability of the {@link #label}.
   *
   * @throws IndexOutOfBoundsException unless 0 &lt;= {@code image} &lt; {@link #size}
   */
  public double loss(int image) {
    return loss[image];
  }

  /** The share of the images that are classified correctly, in [0, 1]. */
  public double accuracy() {
    return IntStream.range(0, size()).filter(i -> label(i) == predicted(i)).count()
        / (double) size();
  }

  /** The number of images by their class, the row, and the class they are taken for. */
  public int[][] confusion() {
    int classes = data.labels().size();
    int[][] counts = new int[classes][classes];
    for (int i = 0; i < size(); i++) {
      counts[label(i)][predicted(i)]++;
    }
    return counts;
  }

  /**
   * The images that are classified wrongly, the one with the highest loss first.
   *
   * @param most of them
   */
  public List<Integer> worstMistakes(int most) {
    return IntStream.range(0, size())
        .filter(i -> label(i) != predicted(i))
        .boxed()
        .sorted(Comparator.comparingDouble((Integer i) -> -loss[i]).thenComparing(i -> i))
        .limit(most)
        .toList();
  }
}
