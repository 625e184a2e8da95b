package dev.mlit.data.published;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import dev.mlit.data.Archives;
import dev.mlit.data.Dataset;
import dev.mlit.data.ReadOptions;
import dev.mlit.spec.InvalidInputException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** If this fails, a model that learns Tiny ImageNet is tested with the labels of other images. */
class TinyImageNetTest {
  private static final String ANNOTATIONS = "val/val_annotations.txt";

  @Test
  void readsThePublishedLayout(@TempDir Path root) throws IOException {
    Map<String, byte[]> files = files();
    Archives.folder(root, files);
    assertDataset(TinyImageNet.read(root, ReadOptions.DEFAULT));
    Map<String, byte[]> wrapped = new TreeMap<>();
    files.forEach((name, bytes) -> wrapped.put("tiny-imagenet-200/" + name, bytes));
    Path zip = Archives.zip(root.resolve("tiny-imagenet-200.zip"), wrapped);
    assertDataset(TinyImageNet.read(zip, ReadOptions.DEFAULT));
  }

  private static void assertDataset(Dataset dataset) {
    assertThat(dataset).hasToString("tiny-imagenet (4 + 3 images of 2x2x3, 3 classes)");
    assertThat(dataset.labels()).containsExactly("goldfish", "crane (n02)", "crane (n10)");
    assertThat(Archives.labels(dataset.train())).containsExactly(0, 0, 1, 2);
    assertThat(Archives.firstValues(dataset, dataset.train())).containsExactly(1, 2, 3, 4);
    assertThat(Archives.labels(dataset.test())).containsExactly(2, 0, 1);
    assertThat(Archives.firstValues(dataset, dataset.test())).containsExactly(10, 11, 12);
  }

  @Test
  void refusesAnnotationsThatDoNotFitTheImages(@TempDir Path root) throws IOException {
    String file = root + "/" + ANNOTATIONS;
    annotations(root, "val_0.JPEG\tn10\nval_1.JPEG\tn01\n");
    refused(root, file + ": has no line for val_2.JPEG; the file is truncated");
    annotations(root, "val_0.JPEG\tn99\n");
    refused(root, file + ":1: n99 is not a folder of train");
    annotations(root, "val_0.JPEG\tn10\nval_7.JPEG\tn10\n");
    refused(root, file + ":2: there is no " + root + "/val/images/val_7.JPEG");
    annotations(root, "val_0.JPEG");
    refused(root, file + ":1: must be an image and a WNID, tabs between");
  }

  @Test
  void refusesAClassWithoutImagesOrName(@TempDir Path root) throws IOException {
    Archives.folder(root, files());
    Archives.folder(root, Map.of("train/n11/n11_boxes.txt", new byte[0]));
    refused(root, root + "/words.txt: has no line for n11");
    Archives.folder(root, Map.of("words.txt", text("n01\ta\nn02\tb\nn10\tc\nn11\td\n")));
    refused(root, root + "/train/n11/images: has no image (.JPEG)");
  }

  private static void annotations(Path root, String text) throws IOException {
    Map<String, byte[]> files = files();
    files.put(ANNOTATIONS, text(text));
    Archives.folder(root, files);
  }

  private static Map<String, byte[]> files() {
    Map<String, byte[]> files = new TreeMap<>();
    files.put("words.txt", text("n01\tgoldfish, Carassius\nn02\tcrane\nn10\tcrane, bird\nn5\tx\n"));
    files.put("train/n01/images/n01_0.JPEG", Archives.png(2, 2, 1));
    files.put("train/n01/images/n01_1.JPEG", Archives.png(2, 2, 2));
    files.put("train/n01/n01_boxes.txt", text("n01_0.JPEG\t0\t0\t1\t1\n"));
    files.put("train/n02/images/n02_0.JPEG", Archives.png(2, 2, 3));
    files.put("train/n10/images/n10_0.JPEG", Archives.png(2, 2, 4));
    files.put("val/images/val_0.JPEG", Archives.png(2, 2, 10));
    files.put("val/images/val_1.JPEG", Archives.png(2, 2, 11));
    files.put("val/images/val_2.JPEG", Archives.png(2, 2, 12));
    files.put("test/images/test_0.JPEG", Archives.png(2, 2, 20));
    files.put(
        ANNOTATIONS,
        text("val_0.JPEG\tn10\t0\t0\t1\t1\nval_1.JPEG\tn01\t0\t0\t1\t1\nval_2.JPEG\tn02\t0\n"));
    return files;
  }

  private static byte[] text(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }

  private static void refused(Path root, String message) {
    assertThatExceptionOfType(InvalidInputException.class)
        .isThrownBy(() -> TinyImageNet.read(root, ReadOptions.DEFAULT))
        .withMessage(message);
  }
}
