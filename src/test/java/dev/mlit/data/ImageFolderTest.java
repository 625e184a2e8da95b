package dev.mlit.data;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import dev.mlit.spec.ImageShape;
import dev.mlit.spec.InvalidInputException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * If this fails, users train on images of their own with wrong classes or on some of the test
 * images, or cannot find out which of ten thousand files is damaged.
 */
class ImageFolderTest {
  @Test
  void readsTrainAndTestFolders(@TempDir Path root) throws IOException {
    Archives.folder(root, split("test"));
    assertSplit(ImageFolder.read("birds", root));
  }

  @Test
  void valTakesThePlaceOfTest(@TempDir Path root) throws IOException {
    Archives.folder(root, split("val"));
    assertSplit(ImageFolder.read("birds", root));
  }

  @Test
  void readsTrainingAndTestingFolders(@TempDir Path root) throws IOException {
    Map<String, byte[]> files = new TreeMap<>();
    split("Testing")
        .forEach((name, bytes) -> files.put(name.replaceFirst("^train/", "Training/"), bytes));
    Archives.folder(root, files);
    assertSplit(ImageFolder.read("birds", root));
  }

  /** Such as a colleague's test images, to evaluate a model on. */
  @ParameterizedTest
  @ValueSource(strings = {"test", "Testing", "around/test"})
  void aTestFolderAloneIsTestedOnWhole(String test, @TempDir Path root) throws IOException {
    Map<String, byte[]> files = new TreeMap<>();
    classes(3, 2).forEach((name, bytes) -> files.put(test + "/" + name, bytes));
    Archives.folder(root, files);
    Dataset dataset = ImageFolder.read("birds", root);
    assertThat(dataset).hasToString("birds (0 + 5 images of 1x1x3, 2 classes)");
    assertThat(Archives.labels(dataset.test())).containsExactly(0, 0, 0, 1, 1);
  }

  /** Such as treated and untreated cells: these are no parts of a dataset. */
  @Test
  void classesMayBeCalledAsPartsAre(@TempDir Path root) throws IOException {
    Archives.folder(root, Map.of("test/1.png", Archives.png(1, 1, 1)));
    Archives.folder(root, Map.of("control/1.png", Archives.png(1, 1, 1)));
    assertThat(ImageFolder.read("cells", root).labels()).containsExactly("control", "test");
  }

  @Test
  void saysWhichFilesAreLeftOut(@TempDir Path root) throws IOException {
    Map<String, byte[]> files = classes(2, 2);
    byte[] other = new byte[3];
    files.put("class0/1.HEIC", other);
    files.put("class0/2.heic", other);
    files.put("class1/3.heic", other);
    files.put("class1/4.heic", other);
    files.put("class1/LICENSE", other);
    files.put("stray.png", Archives.png(1, 1, 1));
    Archives.folder(root, files);
    FileTree tree = FileTree.open(root);
    assertThat(LeftOut.lines(tree, classes(2, 2).keySet()))
        .containsExactly(
            String.format(
                Locale.ROOT,
                "5 files are left out, not being .jpg, .jpeg, .png, .gif, .bmp, .webp, .tif or .tiff: 4 .heic"
                    + " (%1$s/class0/1.HEIC, %1$s/class0/2.heic, %1$s/class1/3.heic, ...), 1"
                    + " without an ending (%1$s/class1/LICENSE)",
                root),
            "1 image is left out, in no folder of a class that is read: " + root + "/stray.png");
    files.remove("stray.png");
    assertThat(LeftOut.lines(FileTree.open(root), files.keySet())).hasSize(1);
    assertThat(LeftOut.lines(tree, tree.files())).isEmpty();
  }

  @ParameterizedTest
  @ValueSource(strings = {"val", "valid", "Validation"})
  void valBesideTestIsTheValidationPart(String val, @TempDir Path root) throws IOException {
    Archives.folder(root, split("test"));
    Archives.folder(root, Map.of(val + "/tit/9.png", Archives.png(2, 2, 99)));
    Dataset dataset = ImageFolder.read("birds", root);
    assertThat(dataset).hasToString("birds (3 + 1 + 1 images of 7x2x3, 2 classes)");
    Split validation = dataset.validation().orElseThrow();
    assertThat(Archives.labels(validation)).containsExactly(1);
    assertThat(Archives.firstValues(dataset, validation)).containsExactly(99);
    assertThat(Archives.firstValues(dataset, dataset.test())).containsExactly(4);
    assertThat(Archives.firstValues(dataset, dataset.train())).containsExactly(3, 1, 2);
    Dataset resized = dataset.resizedTo(new ImageShape(6, 6, 1));
    assertThat(Archives.firstValues(resized, resized.validation().orElseThrow()))
        .containsExactly(99);
  }

  @Test
  void refusesAValidationPartThatIsNone(@TempDir Path root) throws IOException {
    Archives.folder(root, split("test"));
    Archives.folder(root, Map.of("val/owl/9.png", Archives.png(2, 2, 99)));
    assertThatExceptionOfType(InvalidInputException.class)
        .isThrownBy(() -> ImageFolder.read("birds", root))
        .withMessage(root + "/val/owl: is not one of the classes in " + root + "/train");
    Files.move(root.resolve("val/owl"), root.resolve("val/tit"));
    Files.move(root.resolve("val/tit/9.png"), root.resolve("val/tit/9.txt"));
    assertThatExceptionOfType(InvalidInputException.class)
        .isThrownBy(() -> ImageFolder.read("birds", root))
        .withMessage(
            root + "/val: has no image (.jpg, .jpeg, .png, .gif, .bmp, .webp, .tif or .tiff)");
  }

  /** A model's labels are lines of a file: it could be exported, and not be loaded. */
  @Test
  void refusesAClassWithALineBreakInItsName(@TempDir Path root) throws IOException {
    Archives.folder(
        root, Map.of("a\nb/1.png", Archives.png(2, 2, 1), "c/1.png", Archives.png(2, 2, 1)));
    assertThatExceptionOfType(InvalidInputException.class)
        .isThrownBy(() -> ImageFolder.read("birds", root))
        .withMessage(
            root
                + "/a b: the name of a class folder must be one line of text without control"
                + " characters");
  }

  @Test
  void readsArchivesAndFoldersAroundIt(@TempDir Path root) throws IOException {
    Map<String, byte[]> wrapped = new TreeMap<>();
    split("test").forEach((name, bytes) -> wrapped.put("birds-1.0/data/" + name, bytes));
    wrapped.put("__MACOSX/birds-1.0/._x.png", new byte[3]);
    wrapped.put("birds-1.0/.DS_Store", new byte[3]);
    assertSplit(ImageFolder.read("birds", Archives.zip(root.resolve("birds.zip"), wrapped)));
    assertSplit(ImageFolder.read("birds", root));
    Path tar = Files.createDirectory(root.resolve("tar"));
    assertSplit(ImageFolder.read("birds", Archives.tarGz(tar.resolve("birds.tgz"), wrapped)));
  }

  private static Map<String, byte[]> split(String test) {
    Map<String, byte[]> files = new TreeMap<>();
    files.put("train/tit/b.png", Archives.png(3, 5, 2));
    files.put("train/tit/a.PNG", Archives.png(4, 4, 1));
    files.put("train/crow/more/c.png", Archives.png(7, 2, 3));
    files.put("train/crow/notes.txt", new byte[3]);
    files.put(test + "/crow/d.png", Archives.png(1, 1, 4));
    return files;
  }

  private static void assertSplit(Dataset dataset) {
    // The first image is that of the crow.
    assertThat(dataset).hasToString("birds (3 + 1 images of 7x2x3, 2 classes)");
    assertThat(dataset.validation()).isEmpty();
    assertThat(dataset.labels()).containsExactly("crow", "tit");
    assertThat(Archives.labels(dataset.train())).containsExactly(0, 1, 1);
    assertThat(Archives.labels(dataset.test())).containsExactly(0);
    Dataset resized = dataset.resizedTo(new ImageShape(6, 6, 1));
    assertThat(Archives.firstValues(resized, resized.train())).containsExactly(3, 1, 2);
    assertThat(Archives.firstValues(resized, resized.test())).containsExactly(4);
  }

  // ---- Without a test part ----

  @Test
  void keepsAFractionOfEveryClassForTheTest(@TempDir Path root) throws IOException {
    Archives.folder(root, classes(30, 11, 2, 1));
    Dataset dataset = ImageFolder.read("birds", root);
    assertThat(count(dataset.test(), 4)).containsExactly(6, 2, 1, 0);
    assertThat(count(dataset.train(), 4)).containsExactly(24, 9, 1, 1);
    Set<Integer> both = new HashSet<>();
    for (int value : Archives.firstValues(dataset, dataset.train())) {
      both.add(value);
    }
    for (int value : Archives.firstValues(dataset, dataset.test())) {
      assertThat(both.add(value)).as("image %d is in one part only", value).isTrue();
    }
    assertThat(both).hasSize(44);
    Dataset half = ImageFolder.read("birds", root, ReadOptions.DEFAULT.testFraction(0.5));
    assertThat(count(half.test(), 4)).containsExactly(15, 6, 1, 0);
  }

  @Test
  void keepsTheSameImagesOnEveryMachineAndInAnyPacking(@TempDir Path root) throws IOException {
    Map<String, byte[]> files = classes(10, 10);
    Archives.folder(root.resolve("folder"), files);
    Dataset folder = ImageFolder.read("birds", root.resolve("folder"));
    assertThat(Archives.firstValues(folder, folder.test())).containsExactly(KEPT);
    Map<String, byte[]> wrapped = new TreeMap<>();
    files.forEach((name, bytes) -> wrapped.put("2750/" + name, bytes));
    Path zip = Archives.zip(root.resolve("x.zip"), wrapped);
    Dataset packed = ImageFolder.read("birds", zip);
    assertThat(Archives.firstValues(packed, packed.test())).containsExactly(KEPT);
  }

  /** Those of the smallest hashes, computed apart. */
  private static final int[] KEPT = {1, 8, 10, 11};

  /** As many images as each number says; every image has a value of its own. */
  private static Map<String, byte[]> classes(int... sizes) {
    Map<String, byte[]> files = new TreeMap<>();
    for (int label = 0; label < sizes.length; label++) {
      for (int i = 0; i < sizes[label]; i++) {
        files.put("class" + label + "/" + i + ".png", Archives.png(1, 1, files.size()));
      }
    }
    return files;
  }

  private static List<Integer> count(Split split, int classes) {
    List<Integer> counts = new ArrayList<>();
    for (int label = 0; label < classes; label++) {
      int count = 0;
      for (int other : Archives.labels(split)) {
        count += other == label ? 1 : 0;
      }
      counts.add(count);
    }
    return counts;
  }

  // ---- Memory ----

  @Test
  void memoryChangesNothingButSpeed(@TempDir Path root) throws IOException {
    Archives.folder(root, classes(40, 40));
    ImageShape shape = new ImageShape(3, 3, 3);
    Dataset kept = ImageFolder.read("birds", root).resizedTo(shape);
    Dataset decoded =
        ImageFolder.read("birds", root, ReadOptions.DEFAULT.memory(80 * 27 - 1)).resizedTo(shape);
    List<Integer> progress = new ArrayList<>();
    assertThat(kept.train().slow()).isTrue();
    kept.train().load(progress::add);
    decoded.train().load(progress::add);
    assertThat(progress).containsExactly(16, 32, 48, 64);
    assertThat(kept.train().slow()).isFalse();
    assertThat(decoded.train().slow()).isTrue();
    assertThat(Archives.firstValues(kept, kept.train()))
        .isEqualTo(Archives.firstValues(decoded, decoded.train()));
  }

  @Test
  void loadingFindsTheDamagedFile(@TempDir Path root) throws IOException {
    Archives.folder(root, classes(40, 40));
    Path text = Files.writeString(root.resolve("class1/3.png"), "not an image");
    Dataset dataset = ImageFolder.read("birds", root, ReadOptions.DEFAULT.testFraction(0.01));
    assertThatExceptionOfType(InvalidInputException.class)
        .isThrownBy(() -> dataset.train().load(done -> {}))
        .withMessage("%s: not an image that can be read (PNG, JPEG, GIF, BMP, WebP or TIFF)", text);
  }

  /** Half an hour into a run, say: images that do not fit in memory are read when they are due. */
  @Test
  void readingFindsTheDamagedFile(@TempDir Path root) throws IOException {
    Archives.folder(root, classes(40, 40));
    Path text = Files.writeString(root.resolve("class1/3.png"), "not an image");
    Dataset dataset =
        ImageFolder.read("birds", root, ReadOptions.DEFAULT.testFraction(0.01).memory(0));
    assertThatExceptionOfType(InvalidInputException.class)
        .isThrownBy(
            () ->
                Batches.shuffled(dataset.train(), dataset.shape(), 16, 1, 1)
                    .forEach(batch -> assertThat(batch.size()).isPositive()))
        .withMessage("%s: not an image that can be read (PNG, JPEG, GIF, BMP, WebP or TIFF)", text);
  }

  // ---- What is refused ----

  @Test
  void refusesAnEmptyClassFolder(@TempDir Path root) throws IOException {
    Archives.folder(root, classes(2, 2));
    Path empty = Files.createDirectories(root.resolve("wren"));
    refused(root, empty + ": has no image (.jpg, .jpeg, .png, .gif, .bmp, .webp, .tif or .tiff)");
    Map<String, byte[]> files = classes(2, 2);
    files.put("wren/", new byte[0]);
    Path zip = Archives.zip(root.resolve("x.zip"), files);
    refused(
        zip, zip + "!/wren: has no image (.jpg, .jpeg, .png, .gif, .bmp, .webp, .tif or .tiff)");
    Path tar = Archives.tarGz(root.resolve("x.tgz"), files);
    refused(
        tar, tar + "!/wren: has no image (.jpg, .jpeg, .png, .gif, .bmp, .webp, .tif or .tiff)");
  }

  @Test
  void refusesAFolderWithoutClasses(@TempDir Path root) throws IOException {
    String rule = ": %d class folders, must be at least 2: train/CLASS/*.jpg and test/CLASS/*.jpg";
    refused(root, root + String.format(Locale.ROOT, rule, 0));
    Archives.folder(root, classes(3));
    refused(root, root + String.format(Locale.ROOT, rule, 1));
  }

  @Test
  void refusesTrainWithoutTest(@TempDir Path root) throws IOException {
    Archives.folder(root, Map.of("train/a/1.png", Archives.png(1, 1, 1)));
    Archives.folder(root, Map.of("train/b/1.png", Archives.png(1, 1, 1)));
    refused(root, root + ": has train/ but none of test/, testing/, val/, valid/, validation/");
    Archives.folder(root, Map.of("test/c/1.png", Archives.png(1, 1, 1)));
    refused(root, root + "/test/c: is not one of the classes in " + root + "/train");
  }

  @Test
  void refusesWhatIsNeitherFolderNorArchive(@TempDir Path root) throws IOException {
    Path file = Files.writeString(root.resolve("birds.rar"), "x");
    refused(file, file + ": must be a folder, .zip, .tgz or .tar.gz");
    refused(root.resolve("no.zip"), root.resolve("no.zip") + ": ");
  }

  @Test
  void namesTheFileInTheArchive(@TempDir Path root) throws IOException {
    Map<String, byte[]> files = classes(2, 2);
    files.put("class0/0.png", "text".getBytes(StandardCharsets.UTF_8));
    files.put("class0/1.png", "text".getBytes(StandardCharsets.UTF_8));
    Path zip = Archives.zip(root.resolve("x.zip"), files);
    // Reading one image that is whole suffices to open it; damage is found when all are read.
    Dataset data = ImageFolder.read("birds", zip);
    assertThatExceptionOfType(InvalidInputException.class)
        .isThrownBy(() -> data.train().load(done -> {}))
        .withMessageStartingWith(zip + "!/class0/")
        .withMessageNotContaining("\n");
  }

  private static void refused(Path path, String message) {
    assertThatExceptionOfType(InvalidInputException.class)
        .isThrownBy(() -> ImageFolder.read("birds", path))
        .withMessageStartingWith(message)
        .withMessageNotContaining("\n");
  }
}
