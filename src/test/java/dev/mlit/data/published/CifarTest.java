package dev.mlit.data.published;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import dev.mlit.data.Archives;
import dev.mlit.data.Dataset;
import dev.mlit.spec.InvalidInputException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * If this fails, accuracies on CIFAR cannot be compared with published ones: colours or classes are
 * mixed up, or images are missing. The files here have 5 images each, not 10,000.
 */
class CifarTest {
  private static final int IMAGES = 5;
  private static final String FOLDER = "cifar-10-batches-bin/";

  @Test
  void readsTheFolderOfThePublishedFiles(@TempDir Path directory) throws IOException {
    Archives.folder(directory, ten());
    assertTen(new Cifar(Cifar.TEN, IMAGES).read(directory));
    assertTen(new Cifar(Cifar.TEN, IMAGES).read(directory.resolve("cifar-10-batches-bin")));
  }

  @Test
  void readsThePublishedArchive(@TempDir Path directory) throws IOException {
    Path archive = Archives.tarGz(directory.resolve("cifar-10-binary.tar.gz"), ten());
    assertTen(new Cifar(Cifar.TEN, IMAGES).read(archive));
    assertTen(new Cifar(Cifar.TEN, IMAGES).read(directory));
  }

  private static void assertTen(Dataset dataset) {
    assertThat(dataset).hasToString("cifar10 (25 + 5 images of 32x32x3, 10 classes)");
    assertThat(dataset.labels()).startsWith("airplane", "automobile").endsWith("truck");
    byte[] pixels = new byte[32 * 32 * 3];
    dataset.train().pixels(7, pixels, 0);
    // Image 2 of the second file; red, green and blue of two pixels.
    assertThat(Arrays.copyOf(pixels, 6)).containsExactly(12, 13, 14, 13, 14, 15);
    assertThat(Archives.labels(dataset.train()))
        .startsWith(0, 1, 2, 3, 4, 1, 2, 3)
        .endsWith(4, 5, 6, 7, 8);
    assertThat(Archives.labels(dataset.test())).containsExactly(9, 0, 1, 2, 3);
  }

  @Test
  void readsTheFineOrTheCoarseLabels(@TempDir Path directory) throws IOException {
    Archives.folder(
        directory, Map.of("train.bin", records(5, 2, 7), "test.bin", records(1, 2, 13)));
    Dataset fine = new Cifar(Cifar.HUNDRED, IMAGES).read(directory);
    assertThat(fine).hasToString("cifar100 (5 + 1 images of 32x32x3, 100 classes)");
    assertThat(Archives.labels(fine.train())).containsExactly(57, 58, 59, 60, 61);
    Dataset coarse = new Cifar(Cifar.COARSE, IMAGES).read(directory);
    assertThat(coarse).hasToString("cifar100-coarse (5 + 1 images of 32x32x3, 20 classes)");
    assertThat(Archives.labels(coarse.train())).containsExactly(7, 8, 9, 10, 11);
    assertThat(Archives.labels(coarse.test())).containsExactly(13);
  }

  @Test
  void refusesAFileThatIsCutOffBetweenTwoImages(@TempDir Path directory) throws IOException {
    Map<String, byte[]> files = ten();
    files.put(FOLDER + "data_batch_3.bin", records(4, 1, 0));
    Archives.folder(directory, files);
    refused(directory, "data_batch_3.bin: 12292 bytes, must be 15365, 5 images of 3073 bytes each");
  }

  @Test
  void refusesAMissingFile(@TempDir Path directory) throws IOException {
    Map<String, byte[]> files = ten();
    files.remove(FOLDER + "test_batch.bin");
    Archives.folder(directory, files);
    refused(directory, "test_batch.bin: no such file");
    Path archive = Archives.tarGz(directory.resolve("part.tar.gz"), files);
    refused(archive, "part.tar.gz: has no test_batch.bin");
  }

  @Test
  void saysWhatAnEmptyFolderLacks(@TempDir Path directory) {
    refused(
        directory, "has none of data_batch_1.bin, cifar-10-batches-bin and cifar-10-binary.tar.gz");
  }

  @Test
  void refusesALabelThatNoClassHas(@TempDir Path directory) throws IOException {
    Map<String, byte[]> files = ten();
    files.put(FOLDER + "test_batch.bin", records(IMAGES, 1, 10));
    Archives.folder(directory, files);
    refused(directory, "test_batch.bin: label 10 of image 0 must be below 10");
    byte[] hundred = records(5, 2, 0);
    hundred[3074] = 20;
    hundred[2 * 3074 + 1] = 100;
    Archives.folder(directory, Map.of("train.bin", hundred, "test.bin", records(1, 2, 0)));
    String file = directory.resolve("train.bin") + ": ";
    refused(Cifar.COARSE, directory, file + "label 20 of image 1 must be below 20, the number");
    refused(Cifar.HUNDRED, directory, file + "label 100 of image 2 must be below 100, the number");
  }

  @Test
  void refusesAnArchiveCutOffAnywhere(@TempDir Path directory) throws IOException {
    byte[] whole = Files.readAllBytes(Archives.tarGz(directory.resolve("whole.tgz"), ten()));
    Path part = directory.resolve("part.tar.gz");
    for (int length = 0; length < whole.length; length++) {
      Files.write(part, Arrays.copyOf(whole, length));
      refused(part, "part.tar.gz: damaged or truncated .tar.gz (");
    }
  }

  @Test
  void refusesWhatUnpacksToMoreThanTheDataset(@TempDir Path directory) throws IOException {
    Map<String, byte[]> files = ten();
    files.put("zeros.bin", new byte[4 << 20]);
    refused(
        Archives.tarGz(directory.resolve("bomb.tar.gz"), files),
        "bomb.tar.gz: unpacks to more than 1140766 bytes, which cifar-10-binary.tar.gz does not");
  }

  @Test
  void refusesEntriesThatLeadElsewhere(@TempDir Path directory) throws IOException {
    refused(
        Archives.tarGz(directory.resolve("up.tar.gz"), Map.of("../../test_batch.bin", new byte[9])),
        "entry \"../../test_batch.bin\" leads out of the archive");
    refused(
        Archives.tarGzWithLink(directory.resolve("link.tar.gz"), "test_batch.bin"),
        "entry \"test_batch.bin\" is a link");
  }

  private static Map<String, byte[]> ten() {
    Map<String, byte[]> files = new LinkedHashMap<>();
    for (int i = 0; i < 5; i++) {
      files.put(FOLDER + "data_batch_" + (i + 1) + ".bin", records(IMAGES, 1, i));
    }
    files.put(FOLDER + "test_batch.bin", wrapping(records(IMAGES, 1, 9)));
    files.put(FOLDER + "readme.html", new byte[3]);
    return files;
  }

  private static byte[] wrapping(byte[] records) {
    for (int i = 0; i < IMAGES; i++) {
      records[i * 3073] = (byte) (records[i * 3073] % 10);
    }
    return records;
  }

  /** Image i has the label {@code first + i}; channel c of pixel p is {@code 10 + i + p + c}. */
  private static byte[] records(int images, int labelBytes, int first) {
    int size = labelBytes + 3072;
    byte[] bytes = new byte[images * size];
    for (int i = 0; i < images; i++) {
      bytes[i * size] = (byte) (first + i);
      if (labelBytes == 2) {
        bytes[i * size + 1] = (byte) (first + i + 50);
      }
      for (int p = 0; p < 3072; p++) {
        bytes[i * size + labelBytes + p] = (byte) (10 + i + p % 1024 + p / 1024);
      }
    }
    return bytes;
  }

  private static void refused(Path path, String message) {
    refused(Cifar.TEN, path, message);
  }

  private static void refused(Cifar.Version version, Path path, String message) {
    assertThatExceptionOfType(InvalidInputException.class)
        .isThrownBy(() -> new Cifar(version, IMAGES).read(path))
        .withMessageContaining(message)
        .withMessageStartingWith(path.toString())
        .withMessageNotContaining("\n");
  }
}
