package dev.mlit.photos;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import dev.mlit.spec.InvalidInputException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What {@code --data} means. If this fails, a user trains on other images than those named. */
class DataSourceTest {
  @TempDir private Path folder;

  @ParameterizedTest
  @CsvSource({
    "setid.mat, flowers102",
    "102flowers.tgz, flowers102",
    "wnids.txt, tiny-imagenet",
    "data_batch_1.bin, cifar10",
    "fine_label_names.txt, cifar100",
    "train_32x32.mat, svhn",
    "train-images-idx3-ubyte.gz, mnist",
    "readme.txt, image-folder"
  })
  void aPublishedDatasetIsKnownByItsFiles(String file, String dataset) throws IOException {
    Files.createFile(folder.resolve(file));
    assertThat(DataSource.of(folder)).isEqualTo(new DataSource(dataset, folder));
  }

  @Test
  void clothesAreKnownByTheirPath() throws IOException {
    Path clothes = Files.createDirectories(folder.resolve("Fashion-MNIST"));
    Files.createFile(clothes.resolve("train-images-idx3-ubyte"));
    assertThat(DataSource.of(clothes).dataset()).isEqualTo("fashion-mnist");
  }

  @Test
  void aNameIsADatasetAndAPathIsNot() {
    assertThat(DataSource.of("cifar10")).isEqualTo(new DataSource("cifar10", null));
    assertThat(DataSource.of("./cifar10").dataset()).isEqualTo("image-folder");
    assertThatExceptionOfType(InvalidInputException.class)
        .isThrownBy(() -> DataSource.of("cifer10"))
        .withMessageStartingWith("cifer10: unknown dataset; did you mean cifar10?");
    assertThatExceptionOfType(InvalidInputException.class)
        .isThrownBy(() -> DataSource.of("~/pictures"))
        .withMessageStartingWith("~/pictures must be written out");
  }

  @ParameterizedTest
  @CsvSource({
    "my photos, my-photos",
    "flowers.tar.gz, flowers",
    "Set_1.ZIP, Set_1",
    "りんご, photos",
    "..., photos"
  })
  void aRunIsCalledAsItsFolder(String name, String title) {
    assertThat(new DataSource("image-folder", folder.resolve(name)).title()).isEqualTo(title);
    assertThat(new DataSource("flowers102", folder.resolve(name)).title()).isEqualTo("flowers102");
  }
}
