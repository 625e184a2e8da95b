package dev.mlit.cluster;

import org.apiguardian.api.API;
import org.apiguardian.api.API.Status;

/**
 * A thread was interrupted while it waited for other workers; it stays interrupted.
 *
 * @since 0.1.0
 */
@API(status = Status.MAINTAINED)
public final class InterruptedWaitException extends RuntimeException {
  private static final long serialVersionUID = 1;
}
