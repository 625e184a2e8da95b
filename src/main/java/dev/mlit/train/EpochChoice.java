package dev.mlit.train;

/**
 * Which epoch of a run is meant.
 *
 * @since 0.1.0
 */
public enum EpochChoice {
  /** The last one that is done. */
  LAST,
  /**
   * The one with the highest validation accuracy, or of an autoencoder the lowest validation loss;
   * of several, the first. Only runs with validation images have one.
   */
  BEST,
  /**
   * As {@link #BEST}, on the test images. What is measured on them is then too good, as it was
   * chosen: it says nothing of other images. Only runs whose test images were read after every
   * epoch have one, which are those without validation images.
   */
  BEST_ON_TEST
}
