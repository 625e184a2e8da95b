package dev.mlit.photos;

import java.util.Locale;
import java.util.function.Consumer;
import java.util.function.IntConsumer;

/** Says every other second how many images are done, so that nobody wonders whether all is well. */
final class Counted implements IntConsumer {
  private static final long PATIENCE = 2_000_000_000L;

  private final Consumer<String> lines;
  private final String task;
  private final int images;
  private long said = System.nanoTime();

  /**
   * Nothing is said of a task that is done in two seconds.
   *
   * @param task what is done, such as "looking"
   * @param images how many there are
   */
  Counted(Consumer<String> lines, String task, int images) {
    this.lines = lines;
    this.task = task;
    this.images = images;
  }

  @Override
  public void accept(int done) {
    long now = System.nanoTime();
    if (now - said > PATIENCE && done < images) {
      said = now;
      lines.accept(String.format(Locale.ROOT, "%-11s %,d of %,d images", task, done, images));
    }
  }
}
