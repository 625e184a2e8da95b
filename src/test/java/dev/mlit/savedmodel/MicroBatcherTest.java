package dev.mlit.savedmodel;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/**
 * Batches of the calls of many threads. If this fails, a service gets the answer to another
 * request, waits for ever, or pays for batches and gets none.
 */
@Timeout(60)
class MicroBatcherTest {
  /** So long that a test only ends in time if it is not waited for. */
  private static final Duration FOREVER = Duration.ofHours(1);

  private final ExecutorService threads = Executors.newCachedThreadPool();
  private final List<Integer> batches = Collections.synchronizedList(new ArrayList<>());

  @AfterEach
  void stop() {
    threads.shutdownNow();
  }

  /** Two values for each image: the double and the negative of its only pixel. */
  private float[] twice(float[] images, int count) {
    batches.add(count);
    float[] values = new float[2 * count];
    for (int i = 0; i < count; i++) {
      values[2 * i] = 2 * images[i];
      values[2 * i + 1] = -images[i];
    }
    return values;
  }

  private Future<float[]> ask(MicroBatcher batcher, float... images) {
    return threads.submit(() -> batcher.run(images, images.length));
  }

  @Test
  void callsThatFillABatchGoThroughTheModelOnceAndGetTheirOwnAnswers() throws Exception {
    MicroBatcher batcher = new MicroBatcher(4, FOREVER, this::twice);

    List<Future<float[]>> answers =
        IntStream.range(0, 4).mapToObj(i -> ask(batcher, i + 1)).toList();

    for (int i = 0; i < 4; i++) {
      assertThat(answers.get(i).get()).containsExactly(2f * (i + 1), -i - 1);
    }
    assertThat(batches).containsExactly(4);
  }

  @Test
  void aCallThatNobodyJoinsIsAnsweredWhenItsTimeIsUp() {
    Duration wait = Duration.ofMillis(50);
    MicroBatcher batcher = new MicroBatcher(4, wait, this::twice);

    long began = System.nanoTime();
    float[] answer = batcher.run(new float[] {3}, 1);

    assertThat(answer).containsExactly(6, -3);
    assertThat(System.nanoTime() - began).isGreaterThanOrEqualTo(wait.toNanos());
    assertThat(batches).containsExactly(1);
  }

  @Test
  void aCallOfAWholeBatchWaitsForNobody() {
    MicroBatcher batcher = new MicroBatcher(2, FOREVER, this::twice);

    assertThat(batcher.run(new float[] {1, 2}, 2)).containsExactly(2, -1, 4, -2);
    assertThat(batcher.run(new float[] {1, 2, 3}, 3)).hasSize(6);
    assertThat(batches).containsExactly(2, 3);
  }

  @Test
  void aCallThatDoesNotFitSendsTheBatchOffAndOpensAnother() throws Exception {
    MicroBatcher batcher = new MicroBatcher(3, FOREVER, this::twice);

    Future<float[]> first = askAndWait(batcher, 1, 2);
    Future<float[]> second = askAndWait(batcher, 3, 4);
    assertThat(first.get()).containsExactly(2, -1, 4, -2);
    assertThat(batcher.run(new float[] {5}, 1)).containsExactly(10, -5);
    assertThat(second.get()).containsExactly(6, -3, 8, -4);
    assertThat(batches).containsExactly(2, 3);
  }

  /** Asks on another thread, and returns when that waits for others. */
  private Future<float[]> askAndWait(MicroBatcher batcher, float... images) throws Exception {
    CompletableFuture<Thread> thread = new CompletableFuture<>();
    Future<float[]> answer =
        threads.submit(
            () -> {
              thread.complete(Thread.currentThread());
              return batcher.run(images, images.length);
            });
    while (thread.get().getState() != Thread.State.TIMED_WAITING) {
      Thread.onSpinWait();
    }
    return answer;
  }

  @Test
  void manyThreadsGetTheirOwnAnswers() throws Exception {
    MicroBatcher batcher = new MicroBatcher(5, Duration.ofMillis(1), this::twice);
    ConcurrentLinkedQueue<String> wrong = new ConcurrentLinkedQueue<>();
    CompletableFuture<?>[] all =
        IntStream.range(0, 8)
            .mapToObj(
                thread ->
                    CompletableFuture.runAsync(
                        () -> {
                          for (int i = 0; i < 500; i++) {
                            float value = 1000 * thread + i;
                            float[] answer = batcher.run(new float[] {value, -value}, 2);
                            if (answer[0] != 2 * value || answer[3] != value) {
                              wrong.add(value + " " + answer[0]);
                            }
                          }
                        },
                        threads))
            .toArray(CompletableFuture<?>[]::new);
    CompletableFuture.allOf(all).get();

    assertThat(wrong).isEmpty();
    assertThat(batches.stream().mapToInt(i -> i).sum()).isEqualTo(8 * 500 * 2);
    assertThat(batches).allMatch(size -> size <= 5).anyMatch(size -> size > 2);
  }

  @Test
  void aFailureReachesEveryCallOfTheBatchAndNoOther() throws Exception {
    MicroBatcher batcher =
        new MicroBatcher(
            2,
            FOREVER,
            (images, count) -> {
              if (images[0] + images[1] < 0) {
                throw new UnsupportedOperationException("broken");
              }
              return twice(images, count);
            });

    List<Future<float[]>> failed = List.of(ask(batcher, -1), ask(batcher, -1));
    for (Future<float[]> call : failed) {
      assertThatExceptionOfType(ExecutionException.class)
          .isThrownBy(call::get)
          .havingRootCause()
          .withMessage("broken");
    }
    List<Future<float[]>> later = List.of(ask(batcher, 1), ask(batcher, 1));
    assertThat(later.get(0).get()).containsExactly(2, -1);
    assertThat(later.get(1).get()).containsExactly(2, -1);
  }

  @Test
  void anInterruptedCallIsAnsweredAtOnceAndStaysInterrupted() throws Exception {
    MicroBatcher batcher = new MicroBatcher(2, FOREVER, this::twice);
    CountDownLatch started = new CountDownLatch(1);
    CompletableFuture<Boolean> interrupted = new CompletableFuture<>();
    Thread thread =
        new Thread(
            () -> {
              started.countDown();
              float[] answer = batcher.run(new float[] {1}, 1);
              interrupted.complete(answer[0] == 2 && Thread.currentThread().isInterrupted());
            });
    thread.start();
    started.await();
    thread.interrupt();

    assertThat(interrupted.get()).isTrue();
  }

  @Test
  void optionsAreInTheirRanges() {
    ClassifierOptions options = new ClassifierOptions();
    assertThat(options.batch(1).maxWait(Duration.ZERO).maxWait(Duration.ofSeconds(10)))
        .isSameAs(options);
    assertThatIllegalArgumentException()
        .isThrownBy(() -> options.batch(0))
        .withMessage("batch 0 must be at least 1");
    assertThatIllegalArgumentException().isThrownBy(() -> options.maxWait(Duration.ofNanos(-1)));
    assertThatIllegalArgumentException()
        .isThrownBy(() -> options.maxWait(Duration.ofSeconds(10).plusNanos(1)))
        .withMessageContaining("must be at least 0 s and at most 10 s");
  }
}
