package dev.mlit.data;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.mlit.spec.ImageShape;
import dev.mlit.testing.Python;
import java.io.DataInputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Whole datasets against what NumPy, SciPy and Pillow read from the same files ({@code
 * src/test/python/decode_datasets.py}), where these files are: at the path that the system property
 * or environment variable {@code MLIT_TEST_DATA} names, else in {@code ../shared/data}. If this
 * fails, a model sees other images in Java than in Python, or others than published results are of.
 */
class PublishedDatasetsTest {
  private static final String DATA = "MLIT_TEST_DATA";
  private static final ImageShape SMALL = new ImageShape(36, 36, 3);

  @Test
  void pixelsAndLabelsAreThoseOfPython(@TempDir Path out) throws IOException {
    Path data = data("cifar10-jpeg.zip", "eurosat-5000.zip", "flowers102-small.zip");
    Python python = Python.with("numpy", "scipy", "PIL");
    String script = "src/test/python/decode_datasets.py";
    python.run(Duration.ofMinutes(5), Map.of(), "-B", script, data.toString(), out.toString());

    Dataset folder = Cifar.ten(out.resolve("cifar-10-batches-bin"));
    assertThat(folder).hasToString("cifar10 (50000 + 10000 images of 32x32x3, 10 classes)");
    assertSame(folder, out, "cifar10");
    assertSame(Cifar.ten(out.resolve("cifar-10-binary.tar.gz")), out, "cifar10");

    Dataset eurosat = Datasets.open("eurosat", data.resolve("eurosat-5000.zip"));
    assertThat(eurosat).hasToString("eurosat (4000 + 1000 images of 64x64x3, 10 classes)");
    assertThat(eurosat.labels()).startsWith("AnnualCrop", "Forest").endsWith("SeaLake");
    assertSame(eurosat.resizedTo(SMALL), out, "eurosat");

    Dataset flowers = Datasets.open("flowers102", data.resolve("flowers102-small.zip"));
    assertThat(flowers.labels()).hasSize(102);
    assertThat(flowers.train().size()).isEqualTo(1020);
    assertThat(flowers.test().size()).isEqualTo(6149);
    assertSame(flowers.resizedTo(SMALL), out, "flowers102");
  }

  private static void assertSame(Dataset dataset, Path out, String name) throws IOException {
    assertSame(dataset, dataset.train(), out.resolve(name + "-train.u8"));
    assertSame(dataset, dataset.test(), out.resolve(name + "-test.u8"));
  }

  private static void assertSame(Dataset dataset, Split split, Path file) throws IOException {
    int values = dataset.shape().values();
    assertThat(Files.size(file)).isEqualTo(split.size() * (values + 1L));
    int different = 0;
    int largest = 0;
    try (DataInputStream in = new DataInputStream(Files.newInputStream(file))) {
      byte[] expected = new byte[250 * (values + 1)];
      int read = 0;
      for (Batch batch : Batches.inOrder(split, dataset.shape(), 250)) {
        in.readFully(expected, 0, batch.size() * (values + 1));
        for (int i = 0; i < batch.size(); i++) {
          assertThat(batch.labels()[i])
              .as("label of %d", read + i)
              .isEqualTo(expected[i * (values + 1)]);
          for (int v = 0; v < values; v++) {
            int ours = batch.pixels()[i * values + v] & 0xff;
            int theirs = expected[i * (values + 1) + 1 + v] & 0xff;
            different += ours == theirs ? 0 : 1;
            largest = Math.max(largest, Math.abs(ours - theirs));
          }
        }
        read += batch.size();
      }
    }
    assertThat(different).as("%s: different values, at most by %d", file, largest).isZero();
  }

  private static Path data(String... files) {
    String named = System.getProperty(DATA, System.getenv(DATA));
    Path data = Path.of(named == null ? "../shared/data" : named);
    for (String file : files) {
      assumeTrue(
          Files.exists(data.resolve(file)),
          () -> "no images to compare: " + data.resolve(file) + " is not there (-D" + DATA + ")");
    }
    return data;
  }
}
