package dev.mlit.cluster;

/**
 * A thread was interrupted while it waited for other workers; it stays interrupted.
 *
 * @since 0.1.0
 */
public final class InterruptedWaitException extends RuntimeException {
  private static final long serialVersionUID = 1;
}
