package dev.mlit.cluster;

import dev.mlit.spec.advice.AdvisedException;
import dev.mlit.spec.advice.Message;
import org.apiguardian.api.API;
import org.apiguardian.api.API.Status;

/**
 * Another worker of a run is gone or does not answer, so that this one cannot go on. What the run
 * has saved is whole: resumed on all workers, it goes on from there.
 *
 * @since 0.1.0
 */
@API(status = Status.MAINTAINED)
public final class WorkerLostException extends AdvisedException {
  private static final long serialVersionUID = 1;

  WorkerLostException(String message) {
    super(Message.of(message), null);
  }

  WorkerLostException(Message message, Throwable cause) {
    super(message, cause);
  }
}
