package dev.mlit.train;

/** A thread was interrupted while it waited for other workers; it stays interrupted. */
final class InterruptedWaitException extends RuntimeException {
  private static final long serialVersionUID = 1;
}
