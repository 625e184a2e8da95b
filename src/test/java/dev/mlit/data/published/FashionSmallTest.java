package dev.mlit.data.published;

import static org.assertj.core.api.Assertions.assertThat;

import dev.mlit.data.Dataset;
import dev.mlit.data.Datasets;
import dev.mlit.data.Split;
import dev.mlit.data.image.ImageFile;
import dev.mlit.spec.ImageShape;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.Locale;
import java.util.Objects;
import java.util.zip.GZIPInputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * If this fails, the first training that a user tries, without any download, is not what it was.
 */
class FashionSmallTest {
  private final Dataset dataset = Datasets.open("fashion-small");

  @Test
  void isGrayWithTenClasses() {
    assertThat(dataset.name()).isEqualTo("fashion-small");
    assertThat(dataset.shape()).isEqualTo(new ImageShape(28, 28, 1));
    assertThat(dataset.labels())
        .containsExactly(
            "T-shirt/top",
            "Trouser",
            "Pullover",
            "Dress",
            "Coat",
            "Sandal",
            "Shirt",
            "Sneaker",
            "Bag",
            "Ankle boot");
  }

  @Test
  void hasAsManyImagesOfEveryClass() {
    assertThat(perClass(dataset.train())).hasSize(10).containsOnly(1000);
    assertThat(perClass(dataset.test())).hasSize(10).containsOnly(200);
  }

  @Test
  void isShuffled() {
    int[] first = new int[100];
    for (int i = 0; i < first.length; i++) {
      first[i] = dataset.train().label(i);
    }
    assertThat(first).contains(0, 1, 2, 3, 4, 5, 6, 7, 8, 9);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "train-images-idx3-ubyte",
        "train-labels-idx1-ubyte",
        "t10k-images-idx3-ubyte",
        "t10k-labels-idx1-ubyte"
      })
  void hasTheContentThatItsReadmeLists(String name) throws IOException, NoSuchAlgorithmException {
    MessageDigest sha256 = MessageDigest.getInstance("SHA-256");
    byte[] sum = sha256.digest(new GZIPInputStream(resource(name + ".gz")).readAllBytes());
    String readme = new String(resource("README.md").readAllBytes(), StandardCharsets.UTF_8);
    assertThat(readme).contains("| " + name + " | " + HexFormat.of().formatHex(sum) + " |");
  }

  /** The images under {@code examples/images} are the first test images of their classes. */
  @Test
  void examplesAreTestImages() {
    for (int label = 0; label < 10; label++) {
      int index = 0;
      while (dataset.test().label(index) != label) {
        index++;
      }
      byte[] expected = new byte[784];
      dataset.test().pixels(index, expected, 0);
      String name = dataset.labels().get(label).toLowerCase(Locale.ROOT);
      Path file = Path.of("examples/images", name.replaceAll("[/ ]", "-") + ".png");
      assertThat(ImageFile.read(file, dataset.shape())).as("%s", file).isEqualTo(expected);
    }
  }

  static int[] perClass(Split split) {
    int[] counts = new int[10];
    for (int i = 0; i < split.size(); i++) {
      counts[split.label(i)]++;
    }
    return counts;
  }

  private static InputStream resource(String name) {
    return Objects.requireNonNull(
        FashionMnist.class.getResourceAsStream("fashion-small/" + name),
        () -> name + " is missing");
  }
}
