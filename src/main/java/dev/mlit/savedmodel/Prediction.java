package dev.mlit.savedmodel;

import dev.mlit.spec.text.NumberRule;
import java.util.Comparator;
import java.util.List;
import java.util.stream.IntStream;
import org.apiguardian.api.API;
import org.apiguardian.api.API.Status;

/**
 * A class of an image, with its probability.
 *
 * @param index the class, counted from 0
 * @param label the name of the class
 * @param probability in [0, 1]
 * @since 0.1.0
 */
public record Prediction(int index, String label, double probability) {

  /**
   * The classes of images, the most probable first.
   *
   * @param probabilities [images, classes], image by image
   * @param labels the names of the classes
   * @param top how many classes of each image; all if there are fewer
   * @throws IllegalArgumentException if {@code top} is below 1
   */
  @API(status = Status.INTERNAL)
  public static List<List<Prediction>> ranked(float[] probabilities, List<String> labels, int top) {
    requireTop(top);
    int classes = labels.size();
    return IntStream.range(0, probabilities.length / classes)
        .mapToObj(
            image ->
                IntStream.range(0, classes)
                    .mapToObj(
                        c -> new Prediction(c, labels.get(c), probabilities[image * classes + c]))
                    .sorted(Comparator.comparingDouble(Prediction::probability).reversed())
                    .limit(top)
                    .toList())
        .toList();
  }

  /**
   * Checks a number of classes.
   *
   * @throws IllegalArgumentException if it is below 1
   */
  static void requireTop(int top) {
    NumberRule.atLeast(1).require("top", top);
  }
}
