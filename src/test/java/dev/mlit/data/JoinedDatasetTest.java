package dev.mlit.data;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

import dev.mlit.spec.ImageShape;
import dev.mlit.spec.InvalidInputException;
import dev.mlit.spec.RunSpec;
import dev.mlit.spec.RunSpec.NamedDataset;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.IntConsumer;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * If this fails, a user who pre-trains on several datasets together trains on some of their images
 * twice and on others never, on test images, or loses which image is of which class.
 */
class JoinedDatasetTest {
  private static final ImageShape PIXEL = new ImageShape(1, 1, 1);

  /** Gray images of one pixel, {@code first}, {@code first + 1}, ..., their classes in turn. */
  private static Split pixels(int first, int images, int classes) {
    byte[] pixels = new byte[images];
    for (int i = 0; i < images; i++) {
      pixels[i] = (byte) (first + i);
    }
    return new MemorySplit(pixels, IntStream.range(0, images).map(i -> i % classes).toArray(), 1);
  }

  private static Dataset cats() {
    return Dataset.of("cats", List.of("cat", "dog"), PIXEL, pixels(0, 4, 2), pixels(50, 2, 2));
  }

  private static Dataset birds() {
    return Dataset.of(
        "birds", List.of("tit", "cat", "owl"), PIXEL, pixels(10, 6, 3), pixels(60, 3, 3));
  }

  /** Every image as {@code label:pixel}. */
  private static List<String> images(Split split) {
    List<String> images = new ArrayList<>();
    byte[] pixel = new byte[1];
    for (int i = 0; i < split.size(); i++) {
      split.pixels(i, pixel, 0);
      images.add(split.label(i) + ":" + pixel[0]);
    }
    return images;
  }

  @Test
  void hasTheImagesOfAllOneAfterTheOther() {
    Dataset joined = Dataset.join(List.of(cats(), birds()));
    assertThat(joined.name()).isEqualTo("cats + birds");
    assertThat(images(joined.train()))
        .containsExactly(
            "0:0", "1:1", "0:2", "1:3", "2:10", "3:11", "4:12", "2:13", "3:14", "4:15");
    assertThat(images(joined.test())).containsExactly("0:50", "1:51", "2:60", "3:61", "4:62");
    assertThat(joined.validation()).isEmpty();
    assertThat(joined.parts()).extracting(Dataset::name).containsExactly("cats", "birds");
    assertThat(joined.toString()).isEqualTo("cats + birds (10 + 5 images of 1x1x1, 5 classes)");
  }

  @Test
  void namesClassesWithTheirDatasetWhereSeveralHaveOne() {
    assertThat(Dataset.join(List.of(cats(), birds())).labels())
        .containsExactly("cats: cat", "cats: dog", "birds: tit", "birds: cat", "birds: owl");
    Dataset fish =
        Dataset.of("fish", List.of("eel", "cod"), PIXEL, pixels(0, 2, 2), pixels(5, 2, 2));
    assertThat(Dataset.join(List.of(cats(), fish)).labels())
        .containsExactly("cat", "dog", "eel", "cod");
  }

  @Test
  void oneDatasetIsItself() {
    Dataset cats = cats();
    assertThat(Dataset.join(List.of(cats))).isSameAs(cats);
    assertThat(cats.parts()).containsExactly(cats);
    assertThatIllegalArgumentException().isThrownBy(() -> Dataset.join(List.of()));
  }

  @Test
  void aPartWithoutImagesIsPassedOver() {
    Dataset empty = Dataset.of("empty", List.of("none"), PIXEL, pixels(0, 0, 1), pixels(0, 0, 1));
    Dataset joined = Dataset.join(List.of(empty, cats(), empty, empty, birds(), empty));
    assertThat(images(joined.test())).containsExactly("1:50", "2:51", "5:60", "6:61", "7:62");
    assertThatExceptionOfType(IndexOutOfBoundsException.class)
        .isThrownBy(() -> joined.test().label(5));
    assertThatExceptionOfType(IndexOutOfBoundsException.class)
        .isThrownBy(() -> joined.test().label(-1));
  }

  @Test
  void everyPartIsResizedFromItsOwnSize() {
    Dataset large =
        Dataset.of(
            "large",
            List.of("a", "b"),
            new ImageShape(2, 2, 1),
            new MemorySplit(new byte[] {0, 100, 100, 40, 80, 80, 80, 80}, new int[] {0, 1}, 4),
            new MemorySplit(new byte[4], new int[1], 4));
    Dataset joined = Dataset.join(List.of(large, cats()));
    assertThat(joined.shape()).isEqualTo(new ImageShape(2, 2, 1));
    byte[] pixels = new byte[4];
    joined.train().pixels(0, pixels, 0);
    assertThat(pixels).containsExactly(0, 100, 100, 40);
    joined.train().pixels(5, pixels, 0);
    assertThat(pixels).containsExactly(3, 3, 3, 3);

    Dataset small = joined.resizedTo(PIXEL);
    assertThat(images(small.train())).containsExactly("0:60", "1:80", "2:0", "3:1", "2:2", "3:3");
    assertThat(small.parts()).extracting(Dataset::shape).containsOnly(PIXEL);
    // Back again: from the originals, not from one pixel each.
    small.resizedTo(new ImageShape(2, 2, 1)).train().pixels(0, pixels, 0);
    assertThat(pixels).containsExactly(0, 100, 100, 40);
  }

  @Test
  void fractionsAreOfEveryClassOfEveryPart() {
    Dataset joined = Dataset.join(List.of(cats(), birds())).withValidation(0.5, 1);
    assertThat(joined.validation().orElseThrow().size()).isEqualTo(2 + 3);
    assertThat(images(joined.train()))
        .hasSize(2 + 3)
        .doesNotContainAnyElementsOf(images(joined.validation().orElseThrow()));
    assertThat(images(joined.validation().orElseThrow()))
        .extracting(image -> image.substring(0, 1))
        .containsExactlyInAnyOrder("0", "1", "2", "3", "4");
    assertThat(images(joined.test())).hasSize(5);
    assertThat(images(Dataset.join(List.of(cats(), birds())).withLabels(0.5, 1).train()))
        .extracting(image -> image.substring(0, 1))
        .containsExactlyInAnyOrder("0", "1", "2", "3", "4");
    assertThatIllegalStateException().isThrownBy(() -> joined.withValidation(0.5, 1));
  }

  @Test
  void validationPartsAreKeptAndOnlyCutOffWhereThereIsNone() {
    Dataset flowers =
        Dataset.of(
            "flowers",
            List.of("rose", "lily"),
            PIXEL,
            pixels(0, 4, 2),
            pixels(20, 2, 2),
            pixels(30, 2, 2));
    Dataset joined = Dataset.join(List.of(birds(), flowers));
    assertThat(images(joined.validation().orElseThrow())).containsExactly("3:20", "4:21");
    Dataset cut = joined.withValidation(0.5, 1);
    assertThat(images(cut.validation().orElseThrow())).hasSize(3 + 2).contains("3:20", "4:21");
    assertThat(images(cut.train())).hasSize(3 + 4);
  }

  @Test
  void loadingCountsTheImagesOfAll() {
    List<Integer> told = new ArrayList<>();
    Split slow =
        new Split() {
          @Override
          public int size() {
            return 3;
          }

          @Override
          public int label(int index) {
            return 0;
          }

          @Override
          public void pixels(int index, byte[] target, int offset) {}

          @Override
          public void load(IntConsumer progress) {
            progress.accept(1);
            progress.accept(3);
          }

          @Override
          public boolean slow() {
            return true;
          }
        };
    Dataset one = Dataset.of("one", List.of("a"), PIXEL, slow, pixels(0, 1, 1));
    Dataset joined = Dataset.join(List.of(one, cats(), one));
    joined.train().load(told::add);
    assertThat(told).containsExactly(1, 3, 3 + 4 + 1, 3 + 4 + 3);
    assertThat(joined.train().slow()).isTrue();
    assertThat(joined.test().slow()).isFalse();
  }

  // ---- Opened by name ----

  @Test
  void opensEveryNamedDatasetAndCallsFoldersByTheirNames(@TempDir Path root) throws IOException {
    Map<String, byte[]> files = new TreeMap<>();
    for (int i = 0; i < 10; i++) {
      files.put("tit/" + i + ".png", Archives.png(2, 2, i));
      files.put("owl/" + i + ".png", Archives.png(3, 2, 20 + i));
    }
    Path zip = Archives.zip(root.resolve("birds.zip"), files);
    Archives.folder(root.resolve("more"), files);
    Dataset joined =
        Datasets.open(
            RunSpec.Data.of(
                new NamedDataset("image-folder", zip.toString(), null),
                new NamedDataset("image-folder", root.resolve("more").toString(), 0.5),
                NamedDataset.of("fashion-small")));
    assertThat(joined.name()).isEqualTo("birds.zip + more + fashion-small");
    // A fifth of the first is its test part, half of the second.
    assertThat(joined.parts()).extracting(part -> part.test().size()).containsExactly(4, 10, 2000);
    assertThat(joined.train().size()).isEqualTo(16 + 10 + 10_000);
    assertThat(joined.labels()).startsWith("birds.zip: owl", "birds.zip: tit", "more: owl");
  }

  @Test
  void saysWhichOfSeveralIsMissing(@TempDir Path root) {
    assertThatExceptionOfType(InvalidInputException.class)
        .isThrownBy(
            () ->
                Datasets.open(
                    RunSpec.Data.of(
                        NamedDataset.of("fashion-small"),
                        NamedDataset.of("cifar10", root.resolve("nowhere").toString()))))
        .withMessageContaining("nowhere");
    assertThatExceptionOfType(InvalidInputException.class)
        .isThrownBy(
            () ->
                Datasets.open(
                    RunSpec.Data.of(
                        NamedDataset.of("fashion-small"), NamedDataset.of("image-folder"))))
        .withMessageContaining(
            "data.directory: must name the folder or archive of an image-folder");
  }
}
