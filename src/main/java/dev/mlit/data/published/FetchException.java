package dev.mlit.data.published;

/**
 * The network, a server or the disk kept a dataset from being fetched; nothing that the user wrote
 * is at fault. The message is one line that names what happened and what to do next.
 */
public final class FetchException extends RuntimeException {
  private static final long serialVersionUID = 1;

  FetchException(String message) {
    super(message);
  }

  FetchException(String message, Throwable cause) {
    super(message, cause);
  }
}
