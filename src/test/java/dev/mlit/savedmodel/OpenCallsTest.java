package dev.mlit.savedmodel;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/**
 * If this fails, a service that stops under load never stops, as new calls come in while it waits
 * for the old ones; or frees a model that is computing.
 */
@Timeout(60)
class OpenCallsTest {
  private final OpenCalls calls = new OpenCalls();

  @Test
  void whoeverClosesWaitsForTheCallsThatAreThereAndLetsNoneIn() throws Exception {
    CountDownLatch inside = new CountDownLatch(1);
    CountDownLatch go = new CountDownLatch(1);
    CompletableFuture<String> call =
        CompletableFuture.supplyAsync(
            () ->
                calls.answer(
                    () -> {
                      inside.countDown();
                      await(go);
                      return "answered";
                    }));
    inside.await();
    Thread closing = new Thread(calls::close);
    closing.start();
    while (closing.getState() != Thread.State.WAITING) {
      Thread.onSpinWait();
    }

    assertThatIllegalStateException()
        .isThrownBy(() -> calls.answer(() -> "late"))
        .withMessage("the model is closed");
    assertThat(closing.isAlive()).isTrue();

    go.countDown();
    assertThat(call.get()).isEqualTo("answered");
    closing.join();
  }

  @Test
  void aCallThatFailsIsOver() {
    assertThatIllegalStateException()
        .isThrownBy(
            () ->
                calls.answer(
                    () -> {
                      throw new IllegalStateException("failed");
                    }))
        .withMessage("failed");
    assertThat(calls.close()).isTrue();
    assertThat(calls.close()).as("the second time").isFalse();
  }

  private static void await(CountDownLatch latch) {
    try {
      assertThat(latch.await(30, TimeUnit.SECONDS)).isTrue();
    } catch (InterruptedException e) {
      throw new AssertionError(e);
    }
  }
}
