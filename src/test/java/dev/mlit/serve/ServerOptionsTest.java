package dev.mlit.serve;

import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;

/** If this fails, a mistake in a setting is found out under load and not at the start. */
class ServerOptionsTest {
  private static void assertRefused(Consumer<ServerOptions> setting, String message) {
    assertThatThrownBy(() -> setting.accept(new ServerOptions()))
        .isExactlyInstanceOf(IllegalArgumentException.class)
        .hasMessage(message);
  }

  @Test
  void everySettingHasItsRange() {
    assertRefused(o -> o.port(-1), "port -1 must be at least 0 and at most 65535");
    assertRefused(o -> o.queue(0), "queue 0 must be at least 1 and at most 65536");
    assertRefused(o -> o.maxBody(0), "maxBody 0 must be at least 1 and at most 1073741824");
    assertRefused(o -> o.batch(0), "batch 0 must be at least 1 and at most 4096");
    assertRefused(o -> o.maxPixels(0), "maxPixels 0 must be at least 1 and at most 100000000");
    assertRefused(
        o -> o.timeout(Duration.ZERO), "timeout PT0S must be at least 1 ms and at most 1 hour");
    assertRefused(
        o -> o.maxWait(Duration.ofSeconds(11)),
        "maxWait PT11S must be at least 0 s and at most 10 s");
    assertRefused(
        o -> o.name("a/b"), "name \"a/b\" must not be empty, and have no slash and no colon");
  }
}
