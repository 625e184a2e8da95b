package dev.mlit.testing;

import dev.mlit.Mlit;
import org.junit.jupiter.api.extension.BeforeAllCallback;
import org.junit.jupiter.api.extension.ExtensionContext;

/** The process of the tests is mlit's, as that of the command line; JUnit finds this by itself. */
public final class TunedProcess implements BeforeAllCallback {
  @Override
  public void beforeAll(ExtensionContext context) {
    Mlit.tuneProcess();
  }
}
