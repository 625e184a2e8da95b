package dev.mlit.data.published;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import dev.mlit.data.Datasets;
import dev.mlit.data.ReadOptions;
import dev.mlit.spec.InvalidInputException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** If this fails, a user who mistypes a name, or names the wrong folder, is not told what to do. */
class DatasetsTest {
  @Test
  void namesWhatItKnows() {
    assertThat(Datasets.names())
        .containsExactly(
            "fashion-small",
            "fashion-mnist",
            "mnist",
            "cifar10",
            "cifar100",
            "cifar100-coarse",
            "svhn",
            "svhn-extra",
            "flowers102",
            "flowers102-trainval",
            "tiny-imagenet",
            "eurosat",
            "image-folder");
  }

  @Test
  void describesEveryDatasetInOneLine() {
    assertThat(Datasets.names())
        .allSatisfy(name -> assertThat(Datasets.describe(name)).isNotBlank().doesNotContain("\n"));
  }

  @Test
  void opensFashionSmallWithoutAnyFile() {
    assertThat(Datasets.open("fashion-small"))
        .hasToString("fashion-small (10000 + 2000 images of 28x28x1, 10 classes)");
  }

  @Test
  void refusesAnUnknownName() {
    refusedName("stamps", "stamps: unknown dataset; Known: " + String.join(", ", Datasets.names()));
  }

  @Test
  void suggestsTheNameThatWasMeant() {
    refusedName(
        "fashion-mnits",
        "fashion-mnits: unknown dataset; did you mean fashion-mnist? Known: "
            + String.join(", ", Datasets.names()));
  }

  @Test
  void refusesADirectoryForTheDatasetThatNeedsNone(@TempDir Path directory) {
    assertThatExceptionOfType(InvalidInputException.class)
        .isThrownBy(() -> Datasets.open("fashion-small", directory))
        .withMessage(
            "data.directory: %s must be left out, fashion-small comes with mlit;"
                + " fashion-mnist is what is read from a directory",
            directory);
  }

  @Test
  void looksOnlyInTheDirectoryThatIsNamed(@TempDir Path directory) {
    assertThatExceptionOfType(InvalidInputException.class)
        .isThrownBy(() -> Datasets.open("fashion-mnist", directory))
        .withMessage(
            "%s: has neither train-images-idx3-ubyte.gz nor train-images-idx3-ubyte;"
                + " DatasetFetch.of(\"fashion-mnist\").to(Path.of(\"%s\")).run() downloads it",
            directory, directory);
  }

  @Test
  void anImageFolderHasNoUsualPlace() {
    assertThatExceptionOfType(InvalidInputException.class)
        .isThrownBy(() -> Datasets.open("image-folder"))
        .withMessage("data.directory: must name the folder or archive of an image-folder");
  }

  @Test
  void saysThatTheNamedFolderIsNotThere(@TempDir Path directory) {
    Path absent = directory.resolve("absent");
    assertThatExceptionOfType(InvalidInputException.class)
        .isThrownBy(() -> Datasets.open("cifar10", absent))
        .withMessage(
            "data.directory: %s is not there; it must have the files of cifar10;"
                + " DatasetFetch.of(\"cifar10\").to(Path.of(\"%s\")).run() downloads it",
            absent, absent);
  }

  /** Every dataset that can be downloaded says how, where its folder is empty or nowhere. */
  @Test
  void namesTheCallThatDownloadsIt(@TempDir Path directory) {
    for (PublishedDataset dataset : Catalogue.all()) {
      if (dataset.files().isEmpty()) {
        continue;
      }
      String name = dataset.name();
      assertThatExceptionOfType(InvalidInputException.class)
          .isThrownBy(() -> Datasets.open(name, directory))
          .withMessageStartingWith(directory + ": ")
          .withMessageContaining(
              "DatasetFetch.of(\"%s\").to(Path.of(\"%s\")).run() downloads it", name, directory);
      // Debian's package may have the one, and a developer's own folder another.
      boolean elsewhere =
          name.equals("fashion-mnist") || Files.exists(Path.of("data", dataset.directory()));
      if (!elsewhere) {
        assertThatExceptionOfType(InvalidInputException.class)
            .isThrownBy(
                () -> PublishedDatasets.open(name, null, ReadOptions.DEFAULT, directory.toString()))
            .withMessageStartingWith(name + ": found in none of " + directory)
            .withMessageContaining("DatasetFetch.of(\"%s\").run() downloads it, or name the", name);
      }
    }
  }

  @Test
  void saysThatADownloadHasNotEnded(@TempDir Path directory) throws IOException {
    Files.createFile(directory.resolve("EuroSAT_RGB.zip.part"));
    Files.createFile(directory.resolve("EuroSAT_RGB.zip.part.version"));
    assertThatExceptionOfType(InvalidInputException.class)
        .isThrownBy(() -> Datasets.open("eurosat", directory))
        .withMessage(
            "%s: a download has not come to its end;"
                + " DatasetFetch.of(\"eurosat\").to(Path.of(\"%s\")).run() downloads it",
            directory, directory);
  }

  @Test
  void saysHowToGetWhatIsNowhere(@TempDir Path data) {
    assertThatExceptionOfType(InvalidInputException.class)
        .isThrownBy(
            () -> PublishedDatasets.open("svhn-extra", null, ReadOptions.DEFAULT, data.toString()))
        .withMessage(
            "svhn-extra: found in none of %s, %s;"
                + " DatasetFetch.of(\"svhn-extra\").run() downloads it, or name the folder or archive"
                + " of its files in data.directory",
            data.resolve("svhn"), Path.of("data", "svhn"));
  }

  private static void refusedName(String name, String message) {
    assertThatExceptionOfType(InvalidInputException.class)
        .isThrownBy(() -> Datasets.open(name))
        .withMessage(message);
    assertThatExceptionOfType(InvalidInputException.class)
        .isThrownBy(() -> Datasets.describe(name))
        .withMessage(message);
  }
}
