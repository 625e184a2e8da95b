package dev.mlit.cluster;

import dev.mlit.spec.advice.Advice;
import dev.mlit.spec.advice.Advised;
import dev.mlit.spec.advice.Message;
import org.apiguardian.api.API;
import org.apiguardian.api.API.Status;
import org.jspecify.annotations.Nullable;

/**
 * Another worker of a run is gone or does not answer, so that this one cannot go on. What the run
 * has saved is whole: resumed on all workers, it goes on from there.
 *
 * @since 0.1.0
 */
@API(status = Status.MAINTAINED)
public final class WorkerLostException extends RuntimeException implements Advised {
  private static final long serialVersionUID = 1;

  /** Null if the exception has come from another process. */
  private final transient @Nullable Message message;

  WorkerLostException(String message) {
    super(message);
    this.message = Message.of(message);
  }

  WorkerLostException(Message message, Throwable cause) {
    super(message.text(Advice.LIBRARY), cause);
    this.message = message;
  }

  @Override
  public String message(Advice advice) {
    return message == null ? String.valueOf(getMessage()) : message.text(advice);
  }
}
