package dev.mlit.data.published;

import dev.mlit.spec.advice.AdvisedException;
import dev.mlit.spec.advice.Message;
import org.apiguardian.api.API;
import org.apiguardian.api.API.Status;
import org.jspecify.annotations.Nullable;

/**
 * The network, a server or the disk kept a dataset from being fetched; nothing that the user wrote
 * is at fault. The message is one line that names what happened and what to do next.
 *
 * @since 0.1.0
 */
@API(status = Status.MAINTAINED)
public final class FetchException extends AdvisedException {
  private static final long serialVersionUID = 1;

  FetchException(String message) {
    this(Message.of(message), null);
  }

  FetchException(String message, Throwable cause) {
    this(Message.of(message), cause);
  }

  FetchException(Message message) {
    this(message, null);
  }

  FetchException(Message message, @Nullable Throwable cause) {
    super(message, cause);
  }
}
