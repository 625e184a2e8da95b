package dev.mlit.savedmodel;

import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.stream.IntStream;

/** Evaluations without a model, for tests of what shows them. */
public final class Evaluations {
  private Evaluations() {}

  /**
   * Random answers, of which some are right.
   *
   * @param labels the names of the classes
   * @param images one of every class in turn
   */
  public static Evaluation random(List<String> labels, int images) {
    Random random = new Random(1);
    EvaluationCounts counts = new EvaluationCounts(labels);
    for (int i = 0; i < images; i++) {
      float[] logits = new float[labels.size()];
      for (int c = 0; c < logits.length; c++) {
        logits[c] = (float) random.nextGaussian();
      }
      logits[i % labels.size()] += 1;
      counts.add(logits, 0, i % labels.size());
    }
    return counts.evaluation(i -> Optional.of("test/" + i + ".png"));
  }

  /** Names of so many classes. */
  public static List<String> names(int classes) {
    return IntStream.range(0, classes).mapToObj(i -> "class number " + i).toList();
  }
}
