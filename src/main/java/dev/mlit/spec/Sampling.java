package dev.mlit.spec;

/**
 * Which training images an epoch has, and in which order.
 *
 * @since 0.1.0
 */
public enum Sampling {
  /** Every image once, in an order that is drawn for every epoch. */
  SHUFFLED,
  /**
   * As many images as there are, but of every class the same number, give or take one: images of
   * small classes come several times, some of those of large classes only in other epochs. For
   * classes of which some have many more images than others.
   */
  BALANCED
}
