package dev.mlit.photos;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

/**
 * When a run ends before its last step. If this fails, a run on a machine that has become slow
 * keeps its user waiting for an hour, or one on a machine that has not is cut off.
 */
class DeadlineTest {
  private final AtomicLong clock = new AtomicLong();

  @Test
  void aRunEndsAtItsLatestTimeAndNotBefore() {
    Deadline deadline = new Deadline(10, 1000, clock::get);
    clock.set(999);
    assertThat(deadline.reasonToEnd()).isEmpty();
    clock.set(1000);
    assertThat(deadline.reasonToEnd())
        .hasValueSatisfying(reason -> assertThat(reason).startsWith("the 10.0 minutes are over"));
  }

  /** The clock counts from anywhere, and may pass its largest number on the way. */
  @Test
  void theClockMayRunOver() {
    clock.set(Long.MAX_VALUE - 10);
    Deadline deadline = new Deadline(1, clock.get() + 20, clock::get);
    assertThat(deadline.reasonToEnd()).isEmpty();
    clock.addAndGet(25);
    assertThat(deadline.reasonToEnd()).isPresent();
  }
}
