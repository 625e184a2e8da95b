package dev.mlit.savedmodel;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import dev.mlit.data.Dataset;
import dev.mlit.data.MemorySplit;
import dev.mlit.data.Split;
import dev.mlit.spec.InvalidInputException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * If this fails, a user who evaluates a model on a folder of images reads an accuracy of classes
 * that were taken for each other, and throws a good model away.
 */
class ClassesByNameTest {
  private static final int IMAGES = 40;

  @TempDir private Path directory;

  private Classifier classifier;
  private byte[] pixels;
  private int[] predicted;

  @BeforeEach
  void load() {
    RandomModel.write(directory);
    classifier = Classifier.load(directory);
    pixels = new byte[IMAGES * RandomModel.PIXELS];
    new Random(1).nextBytes(pixels);
    float[] images = new float[pixels.length];
    for (int i = 0; i < images.length; i++) {
      images[i] = (pixels[i] & 0xff) / 255f;
    }
    float[] logits = classifier.logits(images, IMAGES);
    predicted = new int[IMAGES];
    Arrays.setAll(predicted, i -> best(logits, 3 * i));
    assertThat(Arrays.stream(predicted).distinct().count()).as("classes").isGreaterThan(1);
  }

  private static int best(float[] logits, int first) {
    int best = 0;
    for (int c = 1; c < 3; c++) {
      best = logits[first + c] > logits[first + best] ? c : best;
    }
    return best;
  }

  @AfterEach
  void close() {
    classifier.close();
  }

  /** Images whose class is what the model says, with these names for the classes up, down, dark. */
  private Dataset dataset(List<String> labels, List<String> names) {
    int[] own = Arrays.stream(predicted).map(c -> labels.indexOf(names.get(c))).toArray();
    Split images = new MemorySplit(pixels, own, RandomModel.PIXELS);
    return Dataset.of("folder", labels, RandomModel.SPEC.image(), images, images);
  }

  @Test
  void theOrderOfTheClassesMakesNoDifference() {
    Dataset sorted = dataset(List.of("dark", "down", "up"), RandomModel.LABELS);
    assertThat(classifier.evaluate(sorted).accuracy()).isEqualTo(1);
    assertThat(classifier.evaluate(sorted.withClassNames(RandomModel.LABELS)).accuracy())
        .as("in their order")
        .isLessThan(1);
  }

  @Test
  void aDatasetNeedNotHaveAllClasses() {
    int[] own = Arrays.stream(predicted).filter(c -> c > 0).map(c -> c == 1 ? 1 : 0).toArray();
    byte[] some = new byte[own.length * RandomModel.PIXELS];
    int next = 0;
    for (int i = 0; i < IMAGES; i++) {
      if (predicted[i] > 0) {
        System.arraycopy(
            pixels, i * RandomModel.PIXELS, some, next++ * RandomModel.PIXELS, RandomModel.PIXELS);
      }
    }
    Split images = new MemorySplit(some, own, RandomModel.PIXELS);
    Dataset two =
        Dataset.of("two", List.of("dark", "down"), RandomModel.SPEC.image(), images, images);
    Evaluation found = classifier.evaluate(two);
    assertThat(found.accuracy()).isEqualTo(1);
    assertThat(found.examples()).isEqualTo(own.length);
    assertThat(found.classes())
        .hasSize(3)
        .first()
        .extracting("label", "examples", "f1")
        .containsExactly("up", 0, 0.0);
    assertThat(found.macro()).isEqualTo(new Evaluation.MacroAverages(1, 1, 1));
  }

  /** Rows and columns are the model's classes, however the dataset orders its own. */
  @Test
  void theConfusionMatrixIsInTheOrderOfTheModel() {
    int[] own = new int[IMAGES];
    Arrays.setAll(own, i -> i % 2);
    Split images = new MemorySplit(pixels, own, RandomModel.PIXELS);
    Dataset two =
        Dataset.of("two", List.of("dark", "down"), RandomModel.SPEC.image(), images, images);
    int[][] counts = new int[3][3];
    for (int i = 0; i < IMAGES; i++) {
      counts[own[i] == 0 ? 2 : 1][predicted[i]]++;
    }

    Evaluation found = classifier.evaluate(two);

    assertThat(found.confusion()).isDeepEqualTo(counts);
    assertThat(found.worstMistakes())
        .isNotEmpty()
        .allSatisfy(
            mistake -> {
              assertThat(mistake.label()).isEqualTo(own[mistake.index()] == 0 ? "dark" : "down");
              assertThat(mistake.predicted())
                  .isEqualTo(RandomModel.LABELS.get(predicted[mistake.index()]));
            });
  }

  @Test
  void aDatasetWithoutTestImagesIsRefused() {
    Split none = new MemorySplit(new byte[0], new int[0], RandomModel.PIXELS);
    Dataset empty = Dataset.of("empty", RandomModel.LABELS, RandomModel.SPEC.image(), none, none);
    assertThatExceptionOfType(InvalidInputException.class)
        .isThrownBy(() -> classifier.evaluate(empty))
        .withMessage("dataset empty: has no image to test on");
  }

  @Test
  void classesOfOtherNamesAreRefusedWithBothLists() {
    Dataset other = dataset(List.of("up", "below", "dark"), List.of("up", "below", "dark"));
    assertThatExceptionOfType(OtherClassesException.class)
        .isThrownBy(() -> classifier.evaluate(other))
        .withMessage(
            "dataset folder: its classes must be classes of the model, which knows no below; those"
                + " of the dataset are up, below, dark; those of the model are up, down, dark");
    assertThat(classifier.evaluate(other.withClassNames(RandomModel.LABELS)).accuracy())
        .isEqualTo(1);
  }

  @Test
  void aLabelOfNoClassNamesItsImage() {
    int[] labels = predicted.clone();
    labels[7] = 3;
    Split images = new MemorySplit(pixels, labels, RandomModel.PIXELS);
    Dataset wrong =
        Dataset.of("wrong", RandomModel.LABELS, RandomModel.SPEC.image(), images, images);
    assertThatExceptionOfType(InvalidInputException.class)
        .isThrownBy(() -> classifier.evaluate(wrong))
        .withMessage(
            "dataset wrong: label 3 of test image 7 must be from 0 to 2, as there are 3 classes");
  }
}
