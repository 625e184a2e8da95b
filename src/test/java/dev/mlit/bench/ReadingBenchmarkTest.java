package dev.mlit.bench;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import dev.mlit.data.image.ImageFile;
import dev.mlit.spec.ImageShape;
import dev.mlit.spec.InvalidInputException;
import dev.mlit.testing.TinyData;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import javax.imageio.ImageIO;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** If it fails, nobody can tell whether reading images slows his training down. */
class ReadingBenchmarkTest {
  @Test
  void bothHalvesOfEveryRoundAreTimed(@TempDir Path directory) throws IOException {
    for (String file : List.of("a/1", "a/2", "a/3", "b/1", "b/2", "b/3", "c/1", "c/2")) {
      Path png = directory.resolve(file + ".png");
      Files.createDirectories(png.resolveSibling(""));
      ImageIO.write(ImageFile.image(new byte[12], new ImageShape(3, 4, 1)), "png", png.toFile());
    }
    ReadingBenchmark.Settings settings = settings("image-folder", directory, 2);
    List<Integer> progress = new ArrayList<>();

    ReadingBenchmark.Result result = ReadingBenchmark.run(settings, progress::add);

    assertThat(progress).hasSize(ReadingBenchmark.steps(settings)).endsWith(21);
    assertThat(result.images()).isEqualTo(5);
    assertThat(result.memoryMs()).isPositive();
    assertThat(result.filesMs()).isPositive();
    assertThat(result.ratios()).hasSize(2);
    assertThat(result.ratio()).isEqualTo((result.ratios().get(0) + result.ratios().get(1)) / 2);
  }

  @Test
  void refusesADatasetThatIsNotOfImageFiles() {
    refused(
        settings("fashion-small", null, 1),
        "dataset: fashion-small must be a dataset of image files that fit in memory");
  }

  private static ReadingBenchmark.Settings settings(
      String dataset, @Nullable Path files, int rounds) {
    return new ReadingBenchmark.Settings(TinyData.model(), dataset, files, 2, 1, rounds, 3);
  }

  private static void refused(ReadingBenchmark.Settings settings, String message) {
    assertThatExceptionOfType(InvalidInputException.class)
        .isThrownBy(() -> ReadingBenchmark.run(settings, done -> {}))
        .withMessage(message);
  }
}
