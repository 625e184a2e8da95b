package dev.mlit.savedmodel;

import java.util.Iterator;
import org.apiguardian.api.API;
import org.apiguardian.api.API.Status;

/**
 * Images of which the next may be long in coming, such as those whose paths a person types.
 *
 * @since 0.1.0
 */
@API(status = Status.INTERNAL)
public interface LiveSources extends Iterator<ImageSource> {
  /** Whether {@link #hasNext} answers without waiting. */
  boolean isReady();
}
