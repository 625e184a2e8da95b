package dev.mlit.data.published;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.junit.jupiter.api.Assumptions.abort;

import dev.mlit.data.Dataset;
import dev.mlit.data.Datasets;
import dev.mlit.data.Split;
import dev.mlit.spec.InvalidInputException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * If this fails, accuracies measured on Fashion-MNIST cannot be compared with published ones, or
 * its files are read from a folder where something is wrong with them.
 */
class FashionMnistTest {
  @Test
  void readsTheFilesOfDebiansPackage() {
    Dataset full = installed();
    assertThat(full).hasToString("fashion-mnist (60000 + 10000 images of 28x28x1, 10 classes)");
    assertThat(FashionSmallTest.perClass(full.train())).containsOnly(6000);
    assertThat(FashionSmallTest.perClass(full.test())).containsOnly(1000);
    assertThat(firstLabels(full.train())).containsExactly(9, 0, 0, 3, 0);
    assertThat(firstLabels(full.test())).containsExactly(9, 2, 1, 1, 6);
  }

  @Test
  void fashionSmallIsPartOfIt() {
    Dataset full = installed();
    Dataset small = FashionMnist.small();
    // Set's own containsAll: AssertJ's compares every image with every other.
    assertThat(images(full.train()).containsAll(images(small.train()))).isTrue();
    assertThat(images(full.test()).containsAll(images(small.test()))).isTrue();
  }

  @Test
  void readsPlainAndPackedFiles(@TempDir Path directory) throws IOException {
    write(directory, Mnist.TRAIN_IMAGES, images(28, 1));
    write(directory, Mnist.TRAIN_LABELS, IdxBytes.labels(9));
    write(directory, Mnist.TEST_IMAGES + ".gz", IdxBytes.gzip(images(28, 2)));
    write(directory, Mnist.TEST_LABELS + ".gz", IdxBytes.gzip(IdxBytes.labels(0, 1)));
    assertThat(FashionMnist.read(directory))
        .hasToString("fashion-mnist (1 + 2 images of 28x28x1, 10 classes)");
  }

  @Test
  void refusesImagesOfAnotherSize(@TempDir Path directory) throws IOException {
    write(directory, Mnist.TRAIN_IMAGES, images(32, 1));
    write(directory, Mnist.TRAIN_LABELS, IdxBytes.labels(9));
    assertThatExceptionOfType(InvalidInputException.class)
        .isThrownBy(() -> FashionMnist.read(directory))
        .withMessage(
            "%s: images of 32x32x1, must be 28x28x1", directory.resolve(Mnist.TRAIN_IMAGES));
  }

  @Test
  void refusesTheLabelsOfADatasetWithMoreClasses(@TempDir Path directory) throws IOException {
    write(directory, Mnist.TRAIN_IMAGES, images(28, 1));
    write(directory, Mnist.TRAIN_LABELS, IdxBytes.labels(10));
    assertThatExceptionOfType(InvalidInputException.class)
        .isThrownBy(() -> FashionMnist.read(directory))
        .withMessage(
            "%s: label 10 of image 0 must be below 10, the number of classes",
            directory.resolve(Mnist.TRAIN_LABELS));
  }

  private static Dataset installed() {
    try {
      return Datasets.open("fashion-mnist");
    } catch (InvalidInputException e) {
      if (String.valueOf(e.getMessage()).startsWith("fashion-mnist: found in none of ")) {
        return abort("skipped: " + e.getMessage());
      }
      throw e;
    }
  }

  private static int[] firstLabels(Split split) {
    int[] labels = new int[5];
    for (int i = 0; i < labels.length; i++) {
      labels[i] = split.label(i);
    }
    return labels;
  }

  /** Every image with its label as the last byte. */
  private static Set<ByteBuffer> images(Split split) {
    Set<ByteBuffer> images = new HashSet<>();
    for (int i = 0; i < split.size(); i++) {
      byte[] image = new byte[785];
      split.pixels(i, image, 0);
      image[784] = (byte) split.label(i);
      images.add(ByteBuffer.wrap(image));
    }
    return images;
  }

  private static byte[] images(int side, int count) {
    return IdxBytes.idx(0x08, new int[] {count, side, side}, new int[count * side * side]);
  }

  private static void write(Path directory, String name, byte[] content) throws IOException {
    Files.write(directory.resolve(name), content);
  }
}
