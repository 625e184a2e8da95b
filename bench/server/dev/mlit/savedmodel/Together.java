package dev.mlit.savedmodel;

import java.time.Duration;

/** Lets the calls of many threads go through another runtime together, as those of a classifier go through mlit. */
public final class Together {
  private final MicroBatcher batcher;

  /** The values of some images, one after another. */
  public interface Model {
    float[] run(float[] images, int count);
  }

  public Together(int most, Duration longest, Model model) {
    this.batcher = new MicroBatcher(most, longest, model::run);
  }

  public float[] run(float[] images, int count) {
    return batcher.run(images, count);
  }
}
