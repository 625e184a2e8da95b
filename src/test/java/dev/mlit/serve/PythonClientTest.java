package dev.mlit.serve;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.mlit.testing.Python;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** If this fails, Python programs cannot ask a Java service, or get other numbers than Java. */
@Tag("slow")
class PythonClientTest {
  private static final int IMAGES = 5;
  private static final float ROUNDING = 1e-5f;

  @TempDir private Path directory;

  @Test
  void pythonGetsTheLogitsThatJavaGets() throws Exception {
    Python python = Python.with("numpy");
    float[] images = Served.images(IMAGES);
    ByteBuffer bytes =
        ByteBuffer.allocate(images.length * Float.BYTES).order(ByteOrder.LITTLE_ENDIAN);
    bytes.asFloatBuffer().put(images);
    Path file = Files.write(directory.resolve("images.f32"), bytes.array());
    try (Served served = Served.start(directory, options -> {})) {

      String printed =
          python.run(
              Duration.ofMinutes(2),
              Map.of(),
              "-B",
              "src/test/python/ask_server.py",
              served.server().uri().toString(),
              served.server().name(),
              file.toString());

      JsonNode ways =
          Served.JSON.readTree(printed.lines().reduce((first, last) -> last).orElseThrow());
      assertThat(ways.fieldNames()).toIterable().contains("json", "bytes");
      float[] expected = served.classifier().logits(images, IMAGES);
      for (JsonNode logits : ways) {
        assertThat(Served.floats(logits))
            .usingComparatorWithPrecision(ROUNDING)
            .containsExactly(expected);
      }
    }
  }
}
