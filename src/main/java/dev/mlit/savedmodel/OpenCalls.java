package dev.mlit.savedmodel;

import java.util.function.Supplier;

/**
 * The calls that a model is answering. Once it is closed none is let in, and whoever closes it
 * waits for those that are there.
 */
final class OpenCalls {
  private int running;
  private boolean closed;

  /**
   * Answers a call.
   *
   * @throws IllegalStateException if the model is closed
   */
  <T> T answer(Supplier<T> call) {
    synchronized (this) {
      if (closed) {
        throw new IllegalStateException("the model is closed");
      }
      running++;
    }
    try {
      return call.get();
    } finally {
      synchronized (this) {
        running--;
        notifyAll();
      }
    }
  }

  /**
   * Lets no call in any more, and waits for those that are there; an interruption is kept for
   * afterwards.
   *
   * @return true for the first who closes
   */
  synchronized boolean close() {
    boolean first = !closed;
    closed = true;
    boolean interrupted = false;
    while (running > 0) {
      try {
        wait();
      } catch (InterruptedException e) {
        interrupted = true;
      }
    }
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
    return first;
  }
}
