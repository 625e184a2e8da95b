package dev.mlit.data.published;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import dev.mlit.data.Datasets;
import dev.mlit.spec.InvalidInputException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** If this fails, a user is sent to the wrong place for a dataset, or not told its licence. */
class CatalogueTest {
  @Test
  void whateverCanBeOpenedIsInTheCatalogue() {
    assertThat(Catalogue.all())
        .extracting(PublishedDataset::name)
        .containsAll(Datasets.names())
        .doesNotHaveDuplicates();
  }

  @Test
  void everyDatasetStatesItsLicence() {
    assertThat(Catalogue.all())
        .allSatisfy(
            dataset -> {
              assertThat(dataset.licence()).isNotBlank();
              assertThat(dataset.description()).isNotBlank().doesNotContain("\n");
            });
  }

  @Test
  void everyFileHasAnAddressASizeAndASum() {
    assertThat(Catalogue.all())
        .flatExtracting(PublishedDataset::files)
        .allSatisfy(
            file -> {
              assertThat(file.url().toString()).matches("https?://.+/" + file.name());
              assertThat(file.bytes()).isPositive();
              assertThat(file.md5()).matches("[0-9a-f]{32}");
            });
  }

  @Test
  void coarseClassesShareTheFilesOfTheFineOnes() {
    PublishedDataset fine = Catalogue.named("cifar100");
    PublishedDataset coarse = Catalogue.named("cifar100-coarse");

    assertThat(coarse.files()).isEqualTo(fine.files());
    assertThat(coarse.directory()).isEqualTo("cifar100");
    assertThat(coarse.classes()).isEqualTo(20);
  }

  @Test
  void unknownNameSuggestsTheOneThatWasMeant() {
    assertThatExceptionOfType(InvalidInputException.class)
        .isThrownBy(() -> Catalogue.named("cifar1O"))
        .withMessageStartingWith(
            "cifar1O: unknown dataset; did you mean cifar10? Known: fashion-small, ");
  }

  @Test
  void environmentComesBeforeTheWorkingDirectory(@TempDir Path data) throws IOException {
    PublishedDataset mnist = Catalogue.named("mnist");
    assertThat(Installation.of(mnist, data.toString()))
        .isEqualTo(
            new Installation(
                mnist, List.of(data.resolve("mnist"), Path.of("data", "mnist")), null));

    Path directory = Files.createDirectory(data.resolve("mnist"));
    Files.createFile(directory.resolve("t10k-labels-idx1-ubyte"));
    Files.createFile(directory.resolve("t10k-images-idx3-ubyte.gz"));

    Installation installed = Installation.of(mnist, data.toString());
    assertThat(installed.found()).isEqualTo(directory);
    assertThat(installed.missing())
        .containsExactly("train-images-idx3-ubyte.gz", "train-labels-idx1-ubyte.gz");
  }

  @Test
  void fashionSmallNeedsNoPlace() {
    Installation installed = Installation.of(Catalogue.named("fashion-small"));

    assertThat(installed.places()).isEmpty();
    assertThat(installed.present()).isTrue();
  }
}
