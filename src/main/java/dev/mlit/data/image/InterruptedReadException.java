package dev.mlit.data.image;

/**
 * A thread was interrupted while it waited for images; it stays interrupted.
 *
 * @since 0.1.0
 */
public final class InterruptedReadException extends IllegalStateException {
  private static final long serialVersionUID = 1;

  InterruptedReadException(InterruptedException cause) {
    super("interrupted while images were read", cause);
  }
}
