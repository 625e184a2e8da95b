package dev.mlit.data.published;

import java.time.Duration;
import org.apiguardian.api.API;
import org.apiguardian.api.API.Status;

/**
 * Learns how a fetch proceeds. Called in the thread that fetches, one call after the other.
 *
 * @since 0.1.0
 */
@API(status = Status.MAINTAINED)
public interface FetchListener {
  /** Does nothing. */
  FetchListener NONE = new FetchListener() {};

  /**
   * A file will be downloaded.
   *
   * @param present its bytes that are here from an earlier attempt, 0 or above
   */
  default void started(PublishedFile file, long present) {}

  /**
   * Bytes have come, or some time has passed.
   *
   * @param present the bytes that are here; fewer than before if the file starts again
   */
  default void progress(PublishedFile file, long present) {}

  /**
   * An attempt failed; another one follows.
   *
   * @param problem what happened
   * @param pause how long the next attempt waits
   */
  default void retrying(PublishedFile file, String problem, Duration pause) {}

  /** A file is in its place, its sum checked; or it cannot be fetched, and an exception follows. */
  default void finished(PublishedFile file) {}
}
