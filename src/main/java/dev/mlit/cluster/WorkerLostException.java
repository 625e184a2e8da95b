package dev.mlit.cluster;

/**
 * Another worker of a run is gone or does not answer, so that this one cannot go on. What the run
 * has saved is whole: started again with {@code --resume}, on all workers, it goes on from there.
 */
public final class WorkerLostException extends RuntimeException {
  private static final long serialVersionUID = 1;

  WorkerLostException(String message, Throwable cause) {
    super(message, cause);
  }

  WorkerLostException(String message) {
    super(message);
  }
}
