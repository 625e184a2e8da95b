package dev.mlit.train;

/** Which epoch of a run is meant. */
public enum EpochChoice {
  /** The last one that is done. */
  LAST,
  /** The one with the highest test accuracy; of several, the first. */
  BEST
}
