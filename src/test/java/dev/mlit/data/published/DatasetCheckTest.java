package dev.mlit.data.published;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import dev.mlit.data.ContactSheet;
import dev.mlit.data.Dataset;
import dev.mlit.data.MemorySplit;
import dev.mlit.data.Split;
import dev.mlit.spec.ImageShape;
import dev.mlit.spec.InvalidInputException;
import java.awt.image.BufferedImage;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** If this fails, a user trains for hours on images that are damaged, missing or mislabelled. */
class DatasetCheckTest {
  private static final ImageShape SHAPE = new ImageShape(2, 2, 3);

  @Test
  void countsTheImagesOfEveryClass() {
    List<Integer> progress = new ArrayList<>();

    DatasetCheck.Report report = DatasetCheck.run(stamps(split(0, 1, 1), split(1)), progress::add);

    assertThat(report)
        .isEqualTo(
            new DatasetCheck.Report(
                "stamps",
                SHAPE,
                3,
                1,
                List.of(
                    new DatasetCheck.ClassCount("used", 1, 0, 0),
                    new DatasetCheck.ClassCount("unused", 2, 1, 0)),
                List.of(),
                0));
    assertThat(progress).containsExactly(1, 2, 3, 4);
  }

  @Test
  void countsTheImagesToValidateOn() {
    Dataset stamps =
        Dataset.of(
            "stamps", List.of("used", "unused"), SHAPE, split(0, 1, 1), damaged(1, 0, 1), split(1));
    List<Integer> progress = new ArrayList<>();

    DatasetCheck.Report report = DatasetCheck.run(stamps, progress::add);

    assertThat(report.validation()).isEqualTo(3);
    assertThat(report.classes())
        .containsExactly(
            new DatasetCheck.ClassCount("used", 1, 0, 1),
            new DatasetCheck.ClassCount("unused", 2, 1, 2));
    assertThat(report.problems())
        .containsExactly("image0.png: damaged", "image1.png: damaged", "image2.png: damaged");
    assertThat(progress).hasSize(7).endsWith(7);
  }

  @Test
  void everyDamagedFileIsNamed() {
    DatasetCheck.Report report = DatasetCheck.run(stamps(damaged(0, 1, 0), split(1)), done -> {});

    assertThat(report.problems())
        .containsExactly("image0.png: damaged", "image1.png: damaged", "image2.png: damaged");
  }

  @Test
  void damageEverywhereDoesNotFillTheScreen() {
    DatasetCheck.Report report =
        DatasetCheck.run(
            stamps(damaged(IntStream.range(0, 100).map(i -> i % 2).toArray()), split(1)),
            done -> {});

    assertThat(report.problems()).hasSize(21).endsWith("80 more problems of this kind");
  }

  @Test
  void classWithoutAnImageToTrainOnIsAProblem() {
    assertThat(DatasetCheck.run(stamps(split(0), split(1)), done -> {}).problems())
        .containsExactly("class unused: no image to train on");
  }

  @Test
  void labelBeyondTheClassesIsAProblem() {
    assertThat(DatasetCheck.run(stamps(split(0, 1, 2), split(1)), done -> {}).problems())
        .containsExactly("label 2 of train image 2 must be from 0 to 1, as there are 2 classes");
  }

  @Test
  void filesAreComparedWithThePublishedOnes(@TempDir Path directory) throws IOException {
    Files.writeString(directory.resolve("train-labels-idx1-ubyte.gz"), "no labels");

    List<FileCheck> files = DatasetCheck.files("mnist", directory);

    assertThat(files)
        .extracting(FileCheck::state)
        .containsExactly(
            FileCheck.State.MISSING,
            FileCheck.State.DIFFERENT,
            FileCheck.State.MISSING,
            FileCheck.State.MISSING);
    assertThat(files.get(1).detail())
        .isEqualTo(
            directory.resolve("train-labels-idx1-ubyte.gz")
                + ": 9 bytes, MD5 7afd2b08d66fa5a42d1d8e6b720e7df9; published are 28881 bytes, MD5"
                + " d53e105ee54ea40749a09fcbcd1e9432");
  }

  @Test
  void anotherPackingOfTheSameContentIsRight(@TempDir Path directory) throws IOException {
    byte[] content = "labels".getBytes(StandardCharsets.UTF_8);
    Path plain = Files.write(directory.resolve("labels"), content);
    PublishedFile file =
        new PublishedFile(
            "labels.gz",
            java.net.URI.create("http://localhost/labels.gz"),
            1234,
            "0".repeat(32),
            FileCheck.md5(plain));
    assertThat(FileCheck.of(file, directory).state()).isEqualTo(FileCheck.State.SAME_CONTENT);

    try (var gzip =
        new java.util.zip.GZIPOutputStream(Files.newOutputStream(directory.resolve("labels.gz")))) {
      gzip.write(content);
    }
    assertThat(FileCheck.of(file, directory).state()).isEqualTo(FileCheck.State.SAME_CONTENT);
  }

  @Test
  void anArchiveIsComparedAlone(@TempDir Path directory) throws IOException {
    Path archive = Files.createFile(directory.resolve("102flowers.tgz"));

    assertThat(DatasetCheck.files("flowers102", archive))
        .extracting(FileCheck::name)
        .containsExactly("102flowers.tgz");
  }

  @Test
  void sheetShowsARowOfImagesForEveryClass(@TempDir Path directory) throws IOException {
    Path file = directory.resolve("sheet.png");

    ContactSheet.write(stamps(split(0, 0, 1), split(1)), file);

    BufferedImage sheet = ImageIO.read(file.toFile());
    int left = sheet.getWidth();
    // The first image is red, of class 0; the last one, of class 1, is as red.
    for (int x = 0; x < sheet.getWidth(); x++) {
      if (sheet.getRGB(x, 44) == 0xffff0000) {
        left = Math.min(left, x);
      }
    }
    assertThat(left).isLessThan(sheet.getWidth());
    assertThat(sheet.getRGB(left + 68, 44)).isEqualTo(0xffff0000);
    assertThat(sheet.getRGB(left + 2 * 68, 44)).as("no third image of class 0").isEqualTo(-1);
    assertThat(sheet.getRGB(left, 44 + 68)).isEqualTo(0xffff0000);
    assertThat(sheet.getHeight()).isEqualTo(44 + 2 * 64 + 4 + 16);
    try (Stream<Path> files = Files.list(directory)) {
      assertThat(files).containsExactly(file);
    }
  }

  @Test
  void sheetLeavesOutWhatIsDamagedAndFitsManyClasses() {
    List<String> labels = IntStream.range(0, 200).mapToObj(i -> "class " + i).toList();
    int[] all = IntStream.range(0, 200).toArray();
    Dataset many = Dataset.of("many", labels, SHAPE, damaged(all), split(all));

    assertThat(ContactSheet.of(many).getHeight()).isEqualTo(44 + 20 * 68 - 4 + 16);
  }

  @Test
  void sheetThatCannotBeWrittenIsTheUsersFault(@TempDir Path directory) {
    Path file = directory.resolve("nothere").resolve("sheet.png");

    assertThatExceptionOfType(InvalidInputException.class)
        .isThrownBy(() -> ContactSheet.write(stamps(split(0, 1), split(1)), file))
        .withMessageStartingWith(file + ": cannot be written: ");
  }

  private static Dataset stamps(Split train, Split test) {
    return Dataset.of("stamps", List.of("used", "unused"), SHAPE, train, test);
  }

  /** Red images. */
  private static Split split(int... labels) {
    byte[] pixels = new byte[labels.length * SHAPE.values()];
    for (int i = 0; i < pixels.length; i += 3) {
      pixels[i] = (byte) 255;
    }
    return new MemorySplit(pixels, labels, SHAPE.values());
  }

  private static Split damaged(int... labels) {
    return new Split() {
      @Override
      public int size() {
        return labels.length;
      }

      @Override
      public int label(int index) {
        return labels[index];
      }

      @Override
      public void pixels(int index, byte[] target, int offset) {
        throw new InvalidInputException("image" + index + ".png: damaged");
      }
    };
  }
}
