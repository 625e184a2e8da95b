package dev.mlit.data.published;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import dev.mlit.data.Archives;
import dev.mlit.data.Dataset;
import dev.mlit.data.Datasets;
import dev.mlit.spec.InvalidInputException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** If this fails, MNIST cannot be read, or a damaged header takes all memory. */
class MnistTest {
  @Test
  void readsTheFourFiles(@TempDir Path directory) throws IOException {
    Archives.folder(
        directory,
        Map.of(
            Mnist.TRAIN_IMAGES,
            IdxBytes.idx(0x08, new int[] {2, 28, 28}, new int[2 * 784]),
            Mnist.TRAIN_LABELS,
            IdxBytes.labels(9, 0),
            Mnist.TEST_IMAGES + ".gz",
            IdxBytes.gzip(IdxBytes.idx(0x08, new int[] {1, 28, 28}, new int[784])),
            Mnist.TEST_LABELS + ".gz",
            IdxBytes.gzip(IdxBytes.labels(5))));
    Dataset dataset = Datasets.open("mnist", directory);
    assertThat(dataset).hasToString("mnist (2 + 1 images of 28x28x1, 10 classes)");
    assertThat(dataset.labels()).startsWith("0", "1").endsWith("9");
    assertThat(Archives.labels(dataset.train())).containsExactly(9, 0);
  }

  /**
   * As Keras and Kaggle have them: a dot in place of a dash; beside a file a folder of its other
   * name, with the file once more.
   */
  @ParameterizedTest
  @ValueSource(strings = {"", ".gz"})
  void readsFilesThatAreNamedWithADot(String ending, @TempDir Path directory) throws IOException {
    Map<String, byte[]> files =
        Map.of(
            "train-images.idx3-ubyte",
            IdxBytes.idx(0x08, new int[] {2, 28, 28}, new int[2 * 784]),
            "train-labels.idx1-ubyte",
            IdxBytes.labels(9, 0),
            "t10k-images.idx3-ubyte",
            IdxBytes.idx(0x08, new int[] {1, 28, 28}, new int[784]),
            "t10k-labels.idx1-ubyte",
            IdxBytes.labels(5));
    for (Map.Entry<String, byte[]> file : files.entrySet()) {
      byte[] content = file.getValue();
      Files.write(
          directory.resolve(file.getKey() + ending),
          ending.isEmpty() ? content : IdxBytes.gzip(content));
    }
    Files.createDirectory(directory.resolve(Mnist.TRAIN_IMAGES));

    Dataset dataset = Datasets.open("mnist", directory);

    assertThat(dataset).hasToString("mnist (2 + 1 images of 28x28x1, 10 classes)");
    assertThat(Archives.labels(dataset.train())).containsExactly(9, 0);
  }

  @Test
  void refusesAHeaderThatClaimsTwoThousandMillionImages(@TempDir Path directory)
      throws IOException {
    int[] header = {Integer.MIN_VALUE, 28, 28};
    Archives.folder(directory, Map.of(Mnist.TRAIN_IMAGES, IdxBytes.idx(0x08, header, 1, 2, 3)));
    assertThatExceptionOfType(InvalidInputException.class)
        .isThrownBy(() -> Mnist.read(directory))
        .withMessageContaining("the header claims 2147483648 images of 28x28");
  }
}
