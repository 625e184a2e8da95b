package dev.mlit.data.published;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.mlit.data.Dataset;
import dev.mlit.data.Datasets;
import dev.mlit.data.Split;
import dev.mlit.spec.ImageShape;
import dev.mlit.testing.Python;
import java.io.BufferedInputStream;
import java.io.DataInputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Whole datasets against what NumPy, SciPy and Pillow read from the same files ({@code
 * src/test/python/decode_datasets.py}), where these files are: at the path that the system property
 * or environment variable {@code MLIT_TEST_DATA} names, else in {@code ../shared/data}. If this
 * fails, a model sees other images in Java than in Python, or others than published results are of.
 *
 * <p>The 531,131 additional images of SVHN take 6 GB of memory and of disk: they are read where
 * {@code MLIT_TEST_SVHN_EXTRA} is set, too.
 */
@Tag("slow")
class PublishedDatasetsTest {
  private static final String DATA = "MLIT_TEST_DATA";
  private static final String EXTRA = "MLIT_TEST_SVHN_EXTRA";
  private static final ImageShape SMALL = new ImageShape(36, 36, 3);

  @TempDir private Path out;

  @Test
  void cifar10() throws IOException {
    decode("cifar10", "cifar10-jpeg.zip");
    Dataset folder = Cifar.ten(out.resolve("cifar10-bin"));
    assertThat(folder).hasToString("cifar10 (50000 + 10000 images of 32x32x3, 10 classes)");
    assertSame(folder, "");
    assertSame(Cifar.ten(out.resolve("cifar10.tar.gz")), "");
  }

  @Test
  void cifar100() throws IOException {
    decode("cifar100", "cifar100-jpeg.zip");
    Dataset fine = Cifar.hundred(out.resolve("cifar100-bin"));
    assertThat(fine).hasToString("cifar100 (50000 + 10000 images of 32x32x3, 100 classes)");
    assertSame(fine, "");
    assertSame(Cifar.hundred(out.resolve("cifar100.tar.gz")), "");
    Dataset coarse = Cifar.coarse(out.resolve("cifar100.tar.gz"));
    assertThat(coarse).hasToString("cifar100-coarse (50000 + 10000 images of 32x32x3, 20 classes)");
    assertSame(coarse, "coarse-");
    // The names of the classes, and not only their numbers, belong together.
    Set<String> pairs = new TreeSet<>();
    for (int i = 0; i < fine.test().size(); i++) {
      pairs.add(
          coarse.labels().get(coarse.test().label(i))
              + "/"
              + fine.labels().get(fine.test().label(i)));
    }
    assertThat(pairs)
        .hasSize(100)
        .contains("aquatic_mammals/whale", "trees/maple_tree", "fruit_and_vegetables/apple")
        .contains("vehicles_1/bicycle", "vehicles_2/tractor", "people/woman", "reptiles/turtle");
  }

  @Test
  void eurosat() throws IOException {
    Path data = decode("eurosat", "eurosat-5000.zip");
    Dataset eurosat = Datasets.open("eurosat", data.resolve("eurosat-5000.zip"));
    assertThat(eurosat).hasToString("eurosat (4000 + 1000 images of 64x64x3, 10 classes)");
    assertThat(eurosat.labels()).startsWith("AnnualCrop", "Forest").endsWith("SeaLake");
    assertSame(eurosat.resizedTo(SMALL), "");
  }

  @Test
  void flowers102() throws IOException {
    Path data = decode("flowers102", "flowers102-small.zip");
    Dataset flowers = Datasets.open("flowers102", data.resolve("flowers102-small.zip"));
    assertThat(flowers.labels()).hasSize(102);
    assertThat(flowers.train().size()).isEqualTo(1020);
    assertThat(flowers.test().size()).isEqualTo(6149);
    Dataset small = flowers.resizedTo(SMALL);
    assertSame(small, "");
    Split validation = small.validation().orElseThrow();
    assertThat(validation.size()).isEqualTo(1020);
    assertSame(SMALL, validation, out.resolve("validation.u8"));
  }

  /** Its own images are not free to be passed on: those of CIFAR-10 stand in for them. */
  @Test
  void svhn() throws IOException {
    decode("svhn", "cifar10-jpeg.zip");
    Dataset svhn = Svhn.read(out);
    assertThat(svhn).hasToString("svhn (73257 + 26032 images of 32x32x3, 10 classes)");
    assertSame(svhn, "");
  }

  @Test
  void svhnWithItsAdditionalImages() throws IOException {
    assumeTrue(
        System.getProperty(EXTRA, System.getenv(EXTRA)) != null,
        "needs 6 GB of memory and of disk: -D" + EXTRA);
    decode("svhn-extra", "cifar10-jpeg.zip");
    Dataset svhn = Svhn.withExtra(out);
    assertThat(svhn).hasToString("svhn-extra (604388 + 26032 images of 32x32x3, 10 classes)");
    assertSame(svhn.shape(), svhn.train(), out.resolve("train.u8"), out.resolve("extra.u8"));
    assertSame(svhn.shape(), svhn.test(), out.resolve("test.u8"));
  }

  /** What Python makes of a file is in {@code out} from here on. */
  private Path decode(String name, String file) {
    String named = System.getProperty(DATA, System.getenv(DATA));
    Path data = Path.of(named == null ? "../shared/data" : named);
    assumeTrue(
        Files.exists(data.resolve(file)),
        () -> "no images to compare: " + data.resolve(file) + " is not there (-D" + DATA + ")");
    Python python = Python.with("numpy", "scipy", "PIL");
    String script = "src/test/python/decode_datasets.py";
    python.run(
        Duration.ofMinutes(10), Map.of(), "-B", script, name, data.toString(), out.toString());
    return data;
  }

  private void assertSame(Dataset dataset, String prefix) throws IOException {
    assertSame(dataset.shape(), dataset.train(), out.resolve(prefix + "train.u8"));
    assertSame(dataset.shape(), dataset.test(), out.resolve(prefix + "test.u8"));
  }

  /** The images of the files, one file after the other. */
  private static void assertSame(ImageShape shape, Split split, Path... files) throws IOException {
    int values = shape.values();
    byte[] ours = new byte[values];
    byte[] theirs = new byte[values];
    int image = 0;
    int different = 0;
    for (Path file : files) {
      long images = Files.size(file) / (values + 1);
      try (DataInputStream in =
          new DataInputStream(new BufferedInputStream(Files.newInputStream(file), 1 << 20))) {
        for (long end = image + images; image < end; image++) {
          assertThat(split.label(image)).as("label of %d", image).isEqualTo(in.read());
          in.readFully(theirs);
          split.pixels(image, ours, 0);
          different += Arrays.equals(ours, theirs) ? 0 : 1;
        }
        assertThat(in.read()).as("end of %s", file).isEqualTo(-1);
      }
    }
    assertThat(image).isEqualTo(split.size());
    assertThat(different).as("images that differ").isZero();
  }
}
