package dev.mlit.serve;

import dev.mlit.savedmodel.Classifier;
import dev.mlit.spec.ModelSpec;
import java.util.List;

/**
 * What computes behind a server: a classifier, or in a benchmark another runtime with the same
 * model, so that both meet the same requests. Safe for use by many threads.
 */
interface Backend extends AutoCloseable {
  ModelSpec spec();

  /** The names of the classes; that of class 0 first. */
  List<String> labels();

  /**
   * The logits of images.
   *
   * @param images [count, height, width, channels] in [0, 1]
   * @return [count, classes]
   */
  float[] logits(float[] images, int count);

  /** The features of images, [count, embedding]; as {@link #logits}. */
  float[] features(float[] images, int count);

  /** Frees the model: running calls are answered, later ones are refused. */
  @Override
  void close();

  /** A classifier, which the backend closes. */
  static Backend of(Classifier classifier) {
    return new Backend() {
      @Override
      public ModelSpec spec() {
        return classifier.spec();
      }

      @Override
      public List<String> labels() {
        return classifier.labels();
      }

      @Override
      public float[] logits(float[] images, int count) {
        return classifier.logits(images, count);
      }

      @Override
      public float[] features(float[] images, int count) {
        return classifier.features(images, count);
      }

      @Override
      public void close() {
        classifier.close();
      }
    };
  }
}
