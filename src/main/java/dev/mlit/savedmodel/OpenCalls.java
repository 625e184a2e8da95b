package dev.mlit.savedmodel;

import java.util.function.Supplier;

/**
 * Counts the calls that a model is answering. Closing refuses new calls, and waits for the running
 * ones.
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
   * Refuses new calls and waits for the running ones; an interrupt is kept for afterwards.
   *
   * @return true for the first call of this method
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
