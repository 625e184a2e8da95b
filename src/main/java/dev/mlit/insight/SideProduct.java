package dev.mlit.insight;

import dev.mlit.files.NotWrittenException;
import dev.mlit.spec.InvalidInputException;
import java.io.UncheckedIOException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Something that a run shows beside its results, such as its report. When that fails, by a full
 * disk, fonts that are missing or a fault of mlit, one warning is logged, and the run goes on.
 */
final class SideProduct {
  private static final Logger LOG = LoggerFactory.getLogger(SideProduct.class);

  private final String name;
  private boolean reported;

  /** A side product that is called so in the warning. */
  SideProduct(String name) {
    this.name = name;
  }

  /** Does what must not end the run. */
  void attempt(Runnable action) {
    try {
      action.run();
    } catch (NotWrittenException | InvalidInputException | UncheckedIOException e) {
      report(InvalidInputException.firstLine(e), null);
    } catch (RuntimeException | LinkageError | InternalError e) {
      // The last two are how the JDK says that there are no fonts, or no library to draw with.
      report(String.valueOf(e), e);
    }
  }

  /** An interrupt stops the run anyhow. */
  private void report(String problem, @Nullable Throwable fault) {
    if (reported || Thread.currentThread().isInterrupted()) {
      return;
    }
    reported = true;
    LOG.warn("{}: is left out or stays as it was, the run goes on: {}", name, problem, fault);
  }
}
