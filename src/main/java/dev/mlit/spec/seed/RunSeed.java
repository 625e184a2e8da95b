package dev.mlit.spec.seed;

import java.util.SplittableRandom;

/**
 * What Java draws of a run at random, each by a seed of its own that follows from the run's; see
 * {@link RandomStream} for what TensorFlow draws.
 *
 * <p>Another way to one of them is another run, and a run could not go on where it was left: never
 * change one.
 *
 * @param value {@code training.seed}
 * @since 0.1.0
 */
public record RunSeed(long value) {

  /** The seed of the order of the training images in an epoch, counted from 0. */
  public long order(int epoch) {
    return mix(mix(value) + epoch);
  }

  /** The seeds of the draws, class by class, of the training images whose labels are used. */
  public SplittableRandom labels() {
    return new SplittableRandom(value);
  }

  /** The seeds of the draws, class by class, of the training images that are validated on. */
  public SplittableRandom validation() {
    // Split off, so that these are other draws than those of the labels.
    return new SplittableRandom(value).split();
  }

  /** The seed of the first value of a variable. */
  public long variable(String name) {
    return new SplittableRandom(value ^ name.hashCode()).nextLong();
  }

  /** The finaliser of SplitMix64: neighbouring seeds and epochs get unrelated orders. */
  private static long mix(long value) {
    long mixed = (value ^ (value >>> 30)) * 0xbf58476d1ce4e5b9L;
    mixed = (mixed ^ (mixed >>> 27)) * 0x94d049bb133111ebL;
    return mixed ^ (mixed >>> 31);
  }
}
