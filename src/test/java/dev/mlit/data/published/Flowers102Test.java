package dev.mlit.data.published;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import dev.mlit.data.Archives;
import dev.mlit.data.Dataset;
import dev.mlit.data.ReadOptions;
import dev.mlit.data.Split;
import dev.mlit.spec.InvalidInputException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import us.hebi.matlab.mat.format.Mat5;
import us.hebi.matlab.mat.types.MatlabType;
import us.hebi.matlab.mat.types.Matrix;

/**
 * If this fails, accuracies on Flowers-102 cannot be compared with published ones: images are in
 * the wrong part, or have the class of their neighbour.
 */
class Flowers102Test {
  @Test
  void readsTheOfficialSplit(@TempDir Path root) throws IOException {
    Flowers.labels(root, 1, 5, 102, 5);
    Flowers.sets(root, Flowers.row(3), Flowers.row(1), Flowers.row(4, 2));
    Archives.folder(root, Flowers.images("jpg/image_%05d.jpg", 4));
    Dataset dataset = Flowers102.read(root, ReadOptions.DEFAULT);
    assertThat(dataset).hasToString("flowers102 (1 + 1 + 2 images of 2x3x3, 102 classes)");
    assertThat(dataset.labels()).startsWith("pink primrose").endsWith("blackberry lily");
    assertThat(Archives.labels(dataset.train())).containsExactly(101);
    assertThat(Archives.firstValues(dataset, dataset.train())).containsExactly(3);
    Split validation = dataset.validation().orElseThrow();
    assertThat(Archives.labels(validation)).containsExactly(0);
    assertThat(Archives.firstValues(dataset, validation)).containsExactly(1);
    assertThat(Archives.labels(dataset.test())).containsExactly(4, 4);
    assertThat(Archives.firstValues(dataset, dataset.test())).containsExactly(4, 2);
    Dataset both = Flowers102.withValidation(root, ReadOptions.DEFAULT);
    assertThat(both).hasToString("flowers102-trainval (2 + 2 images of 2x3x3, 102 classes)");
    assertThat(Archives.firstValues(both, both.train())).containsExactly(3, 1);
    assertThat(both.validation()).isEmpty();
  }

  @Test
  void doesWithoutTheValidationPartWhereItsImagesWereLeftOut(@TempDir Path root)
      throws IOException {
    Flowers.labels(root, 1, 5, 102, 5);
    Flowers.sets(root, Flowers.row(1), Flowers.row(3, 4), Flowers.row(2));
    Archives.folder(root, Flowers.images("jpg/image_%05d.jpg", 2));
    assertThat(Flowers102.read(root, ReadOptions.DEFAULT).validation()).isEmpty();
    Archives.folder(root, Flowers.images("jpg/image_%05d.jpg", 3));
    refused(root, root + "/jpg/image_00004.jpg: no such file");
  }

  @Test
  void readsThePublishedArchive(@TempDir Path root) throws IOException {
    Flowers.labels(root, 1, 2);
    Flowers.sets(root, Flowers.row(1), Flowers.row(1), Flowers.row(2));
    Path archive =
        Archives.tarGz(root.resolve("102flowers.tgz"), Flowers.images("jpg/image_%05d.jpg", 2));
    String expected = "flowers102 (1 + 1 + 1 images of 2x3x3, 102 classes)";
    assertThat(Flowers102.read(root, ReadOptions.DEFAULT)).hasToString(expected);
    assertThat(Flowers102.read(archive, ReadOptions.DEFAULT)).hasToString(expected);
  }

  @Test
  void saysWhatIsMissing(@TempDir Path root) throws IOException {
    String fetch = "; DatasetFetch.of(\"flowers102\").run() downloads it";
    refused(root, root + ": has no file imagelabels.mat" + fetch);
    Flowers.labels(root, 1, 2);
    refused(root, root + ": has no file setid.mat" + fetch);
    Flowers.sets(root, Flowers.row(1), Flowers.row(1), Flowers.row(2));
    refused(
        root,
        root
            + ": has neither the folder jpg nor 102flowers.tgz;"
            + " DatasetFetch.of(\"flowers102\").to(Path.of(\""
            + root
            + "\")).run() downloads it");
    Archives.folder(root, Flowers.images("jpg/image_%05d.jpg", 1));
    refused(root, root + "/jpg/image_00002.jpg: no such file");
  }

  @Test
  void refusesNumbersOutOfTheirRange(@TempDir Path root) throws IOException {
    Archives.folder(root, Flowers.images("jpg/image_%05d.jpg", 2));
    Flowers.labels(root, 1, 103);
    refused(root, root + "/imagelabels.mat: labels[1]: 103 must be a whole number from 1 to 102");
    Flowers.labels(root, 1, 2);
    Flowers.sets(root, Flowers.row(1), Flowers.row(1), Flowers.row(3));
    refused(root, root + "/setid.mat: tstid[0]: 3 must be a whole number from 1 to 2");
  }

  @Test
  void refusesAnArrayThatClaimsToBeHuge(@TempDir Path root) throws IOException {
    Matrix huge = Mat5.newMatrix(1, 1 << 20, MatlabType.Double);
    Flowers.write(root.resolve("imagelabels.mat"), Mat5.newMatFile().addArray("labels", huge));
    refused(
        root,
        root
            + "/imagelabels.mat: damaged or truncated MATLAB file (an array of 8388608 bytes,"
            + " at most 1048576); fetch it again");
  }

  @ParameterizedTest
  @ValueSource(strings = {"imagelabels.mat", "setid.mat"})
  void refusesAFileCutOffAnywhere(String name, @TempDir Path root) throws IOException {
    Flowers.folder(root);
    Path file = root.resolve(name);
    byte[] whole = Files.readAllBytes(file);
    for (int length = 0; length < whole.length; length++) {
      Files.write(file, Arrays.copyOf(whole, length));
      assertThatExceptionOfType(InvalidInputException.class)
          .as("%d of %d bytes", length, whole.length)
          .isThrownBy(() -> Flowers102.withValidation(root, ReadOptions.DEFAULT))
          .withMessageStartingWith(file + ": ")
          .withMessageNotContaining("\n");
    }
  }

  @Test
  void refusesLabelsThatAreNoNumbers(@TempDir Path root) throws IOException {
    Flowers.folder(root);
    Path file = root.resolve("imagelabels.mat");
    Flowers.write(file, Mat5.newMatFile().addArray("labels", Mat5.newString("1")));
    refused(root, file + ": has no array of numbers that is called labels");
    Files.writeString(file, "<html>404 not found</html>".repeat(50));
    refused(
        root,
        file
            + ": 128 or more bytes, not a MATLAB file of version 5, which begins with \"MATLAB 5.0"
            + " MAT-file\"");
  }

  private static void refused(Path root, String message) {
    assertThatExceptionOfType(InvalidInputException.class)
        .isThrownBy(() -> Flowers102.read(root, ReadOptions.DEFAULT))
        .withMessage(message);
  }
}
