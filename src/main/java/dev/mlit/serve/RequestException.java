package dev.mlit.serve;

import dev.mlit.spec.text.Printable;

/** A request cannot be answered: the status to say so with, and why, in one line. */
final class RequestException extends RuntimeException {
  private static final long serialVersionUID = 1;

  static final int BAD_REQUEST = 400;
  static final int NOT_FOUND = 404;
  static final int METHOD_NOT_ALLOWED = 405;
  static final int REQUEST_TIMEOUT = 408;
  static final int CONTENT_TOO_LARGE = 413;
  static final int UNSUPPORTED_MEDIA_TYPE = 415;
  static final int TOO_MANY_REQUESTS = 429;
  static final int INTERNAL_ERROR = 500;
  static final int UNAVAILABLE = 503;

  private final int status;

  RequestException(int status, String message) {
    // Thrown for what clients do, as often as they like: without a stack trace.
    super(Printable.line(message), null, false, false);
    this.status = status;
  }

  /** The request itself is at fault. */
  static RequestException bad(String message) {
    return new RequestException(BAD_REQUEST, message);
  }

  int status() {
    return status;
  }

  /** The message as the body of an answer. */
  Answer answer() {
    return Answer.error(status, String.valueOf(getMessage()));
  }
}
