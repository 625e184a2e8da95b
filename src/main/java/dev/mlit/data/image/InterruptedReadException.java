package dev.mlit.data.image;

/** A thread was interrupted while it waited for images; it stays interrupted. */
public final class InterruptedReadException extends IllegalStateException {
  private static final long serialVersionUID = 1;

  InterruptedReadException(InterruptedException cause) {
    super("interrupted while images were read", cause);
  }
}
