package dev.mlit.data;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

import dev.mlit.data.image.Readers;
import dev.mlit.spec.ImageShape;
import dev.mlit.spec.InvalidInputException;
import java.util.ArrayList;
import java.util.List;
import java.util.NoSuchElementException;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/**
 * If this fails, a model waits for its images, or two runs of one seed see them in another order,
 * or a run that ends early goes on reading.
 */
@Timeout(30)
class BatchIteratorTest {
  private static final ImageShape SHAPE = new ImageShape(1, 1, 1);

  @Test
  void slowImagesComeInTheSameOrder() {
    for (int batch : new int[] {1, 7, 16, 64, 1000}) {
      Slow slow = new Slow(200);
      Slow fast = new Slow(200);
      fast.isSlow = false;
      assertThat(values(Batches.shuffled(slow, SHAPE, batch, 3, 1)))
          .isEqualTo(values(Batches.shuffled(fast, SHAPE, batch, 3, 1)));
      assertThat(slow.reads).hasValue(200);
    }
  }

  @Test
  void otherThreadsReadTheNextBatchMeanwhile() throws InterruptedException {
    Slow slow = new Slow(200);
    try (BatchIterator batches = Batches.inOrder(slow, SHAPE, 10).iterator()) {
      batches.next();
      assertThat(slow.second.await(20, TimeUnit.SECONDS)).as("second batch is read").isTrue();
    }
    assertThat(slow.threads).doesNotContain(Thread.currentThread().getName());
  }

  @Test
  void fastImagesAreReadByTheCallerWhenTheyAreAskedFor() {
    Slow fast = new Slow(200);
    fast.isSlow = false;
    try (BatchIterator batches = Batches.inOrder(fast, SHAPE, 10).iterator()) {
      batches.next();
      assertThat(fast.reads).hasValue(10);
      assertThat(fast.threads).containsExactly(Thread.currentThread().getName());
    }
  }

  @Test
  void anErrorComesWithTheBatchThatItBelongsTo() {
    Slow slow = new Slow(200);
    slow.damaged = 35;
    BatchIterator batches = Batches.inOrder(slow, SHAPE, 10).iterator();
    for (int i = 0; i < 3; i++) {
      assertThat(batches.next().labels()[0]).isEqualTo(10 * i);
    }
    assertThatExceptionOfType(InvalidInputException.class)
        .isThrownBy(batches::next)
        .withMessage("35.png: damaged");
    assertThat(batches.hasNext()).isFalse();
  }

  @Test
  void aClosedIteratorReadsNoMore() throws InterruptedException {
    Slow slow = new Slow(100_000);
    BatchIterator batches = Batches.inOrder(slow, SHAPE, 10).iterator();
    batches.next();
    batches.close();
    assertThat(batches.hasNext()).isFalse();
    assertThatExceptionOfType(NoSuchElementException.class).isThrownBy(batches::next);
    Thread.sleep(50);
    int reads = slow.reads.get();
    Thread.sleep(50);
    assertThat(slow.reads).hasValue(reads);
    assertThat(reads).isLessThan(10 * (Readers.THREADS + 3));
  }

  @Test
  void anInterruptedThreadStopsWaiting() {
    Slow slow = new Slow(200);
    slow.gate = new CountDownLatch(1);
    BatchIterator batches = Batches.inOrder(slow, SHAPE, 10).iterator();
    Thread.currentThread().interrupt();
    assertThatIllegalStateException()
        .isThrownBy(batches::next)
        .withMessage("interrupted while images were read");
    assertThat(Thread.interrupted()).isTrue();
    slow.gate.countDown();
  }

  private static List<Integer> values(Batches batches) {
    List<Integer> values = new ArrayList<>();
    for (Batch batch : batches) {
      for (int i = 0; i < batch.size(); i++) {
        values.add(batch.labels()[i] * 256 + (batch.pixels()[i] & 0xff));
      }
    }
    return values;
  }

  /** Image i has the label i and its lowest byte as pixel. */
  private static final class Slow implements Split {
    private final int size;
    private final AtomicInteger reads = new AtomicInteger();
    private final Set<String> threads = ConcurrentHashMap.newKeySet();
    private final CountDownLatch second = new CountDownLatch(20);
    private boolean isSlow = true;
    private int damaged = -1;
    private CountDownLatch gate = new CountDownLatch(0);

    Slow(int size) {
      this.size = size;
    }

    @Override
    public int size() {
      return size;
    }

    @Override
    public int label(int index) {
      return index;
    }

    @Override
    public boolean slow() {
      return isSlow;
    }

    @Override
    public void pixels(int index, byte[] target, int offset) {
      try {
        gate.await();
      } catch (InterruptedException e) {
        throw new IllegalStateException(e);
      }
      reads.incrementAndGet();
      threads.add(Thread.currentThread().getName());
      second.countDown();
      if (index == damaged) {
        throw new InvalidInputException(index + ".png: damaged");
      }
      target[offset] = (byte) index;
    }
  }
}
