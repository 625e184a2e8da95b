package dev.mlit;

import static org.assertj.core.api.Assertions.assertThat;

import dev.mlit.examples.FashionMnist;
import dev.mlit.examples.kotlin.QuickstartKt;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * The example programs, cut short by {@code --steps}. Without this, an example that compiles may
 * still fail for whoever runs it first.
 */
class ExamplesTest {
  @TempDir private Path directory;

  @Test
  void javaExampleTrainsExportsAndClassifies() {
    FashionMnist.main(new String[] {"--steps", "2", "--out", directory.toString()});

    assertThat(directory.resolve("savedmodel/saved_model.pb")).isRegularFile();
  }

  @Test
  void kotlinExampleTrainsExportsAndClassifies() {
    QuickstartKt.main(new String[] {"--steps", "2", "--out", directory.toString()});

    assertThat(directory.resolve("savedmodel/saved_model.pb")).isRegularFile();
  }
}
