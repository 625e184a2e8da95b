package dev.mlit.data.image;

import org.apiguardian.api.API;
import org.apiguardian.api.API.Status;

/**
 * A thread was interrupted while it waited for images; it stays interrupted.
 *
 * @since 0.1.0
 */
@API(status = Status.MAINTAINED)
public final class InterruptedReadException extends IllegalStateException {
  private static final long serialVersionUID = 1;

  InterruptedReadException(InterruptedException cause) {
    super("interrupted while images were read", cause);
  }
}
