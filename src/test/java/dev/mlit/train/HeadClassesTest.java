package dev.mlit.train;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import dev.mlit.data.Dataset;
import dev.mlit.data.MemorySplit;
import dev.mlit.data.Split;
import dev.mlit.spec.ImageShape;
import dev.mlit.spec.InvalidInputException;
import dev.mlit.spec.RunSpec;
import dev.mlit.testing.TinyData;
import dev.mlit.weights.WeightFiles;
import dev.mlit.weights.Weights;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Objects;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * If this fails, a run that goes on from another model begins with a head that takes one class for
 * another, or with none where it could have had one; or one image of a wrong label ends it after an
 * hour.
 */
class HeadClassesTest {
  private static final List<String> LABELS = List.of("up", "down", "dark");

  @TempDir private static Path shared;

  private static TrainingResult before;

  @TempDir private Path temporary;

  @BeforeAll
  static void train() {
    before =
        Trainer.of(TinyData.run().build())
            .data(TinyData.dataset(LABELS, 48, 12))
            .directory(shared.resolve("before"))
            .train();
  }

  private TrainingResult from(Path place, List<String> labels) {
    RunSpec run =
        TinyData.run()
            .training(t -> t.steps(1))
            .optimizer(o -> o.learningRate(1e-30).weightDecay(0))
            .initialize(place.toString())
            .build();
    return Trainer.of(run)
        .data(TinyData.dataset(labels, 48, 12))
        .directory(temporary.resolve("run"))
        .train();
  }

  private static float[] values(TrainingResult result, String name) {
    Weights.Array array = Objects.requireNonNull(result.weights().arrays().get(name));
    return array.values();
  }

  @Test
  void theClassesOfAHeadAreThoseOfTheSameName() {
    TrainingResult after = from(before.directory(), List.of("dark", "up", "down"));
    float[] old = values(before, "head/bias");
    assertThat(values(after, "head/bias")).containsExactly(old[2], old[0], old[1]);
    float[] kernel = values(before, "head/kernel");
    float[] moved = values(after, "head/kernel");
    for (int row = 0; row < kernel.length; row += 3) {
      assertThat(List.of(moved[row], moved[row + 1], moved[row + 2]))
          .containsExactly(kernel[row + 2], kernel[row], kernel[row + 1]);
    }
  }

  @Test
  void asManyOtherClassesGetANewHead() {
    TrainingResult after = from(before.directory(), List.of("cat", "dog", "owl"));
    assertThat(values(after, "head/bias"))
        .usingComparatorWithPrecision(1e-9f)
        .containsExactly(0, 0, 0);
    assertThat(values(after, "class_token")).isEqualTo(values(before, "class_token"));
  }

  @Test
  void someOfTheClassesAreRefusedWithBothLists() {
    assertThatExceptionOfType(InvalidInputException.class)
        .isThrownBy(() -> from(before.directory(), List.of("up", "down", "owl")))
        .withMessageEndingWith(
            ": only some of its classes have the names of the run's; its classes are up, down,"
                + " dark; those of the run are up, down, owl; initialize.head=false takes a new"
                + " head");
    assertThat(temporary.resolve("run")).doesNotExist();
  }

  @Test
  void aHeadWithoutNamesIsTakenInItsOrder() {
    Path files = temporary.resolve("files");
    WeightFiles.write(
        TinyData.model(), before.weights(), List.of("class_0", "class_1", "class_2"), files);
    TrainingResult after = from(files, List.of("cat", "dog", "owl"));
    assertThat(values(after, "head/bias")).isEqualTo(values(before, "head/bias"));
  }

  /**
   * Such as a list that lost a line when it was edited: whose column is whose is not known then.
   */
  @Test
  void aListOfAnotherLengthThanTheHeadIsRefused() throws IOException {
    Path files = temporary.resolve("files");
    WeightFiles.write(TinyData.model(), before.weights(), LABELS, files);
    Files.delete(files.resolve("SHA256SUMS"));
    Files.writeString(files.resolve("labels.txt"), "owl\nup\ndown\ndark\n");
    assertThatExceptionOfType(InvalidInputException.class)
        .isThrownBy(() -> from(files, LABELS))
        .withMessage(
            "initialize.from: "
                + files
                + ": labels.txt has more than 3 labels, must be one per"
                + " class: 3");
    Files.writeString(files.resolve("labels.txt"), "up\ndown\n");
    assertThatExceptionOfType(InvalidInputException.class)
        .isThrownBy(() -> from(files, LABELS))
        .withMessageEndingWith(": labels.txt has 2 labels, must be one per class: 3");
  }

  @Test
  void aLabelOfNoClassIsRefusedBeforeAnythingIsWritten() {
    Dataset good = TinyData.validated(48, 12, 12);
    assertThatRefused(
        Dataset.of(
            "bad", LABELS, good.shape(), with(good.train(), 20, 9), good.train(), good.test()),
        "dataset bad: label 9 of training image 20 must be from 0 to 2, as there are 3 classes");
    assertThatRefused(
        Dataset.of(
            "bad", LABELS, good.shape(), good.train(), with(good.test(), 11, 3), good.test()),
        "dataset bad: label 3 of validation image 11 must be from 0 to 2, as there are 3 classes");
    assertThatRefused(
        Dataset.of("bad", LABELS, good.shape(), good.train(), with(good.test(), 0, 3)),
        "dataset bad: label 3 of test image 0 must be from 0 to 2, as there are 3 classes");
  }

  /** A caller's own; it would become two lines of labels.txt. */
  @Test
  void aNameOfAClassWithALineBreakIsRefused() {
    Dataset good = TinyData.dataset(48, 12);
    Dataset own =
        new Dataset() {
          @Override
          public String name() {
            return "own";
          }

          @Override
          public List<String> labels() {
            return List.of("up", "down\nand out", "dark");
          }

          @Override
          public ImageShape shape() {
            return good.shape();
          }

          @Override
          public Split train() {
            return good.train();
          }

          @Override
          public Split test() {
            return good.test();
          }
        };
    assertThatRefused(
        own, "own: label \"down?and out\" must be one line of text without control characters");
  }

  private void assertThatRefused(Dataset data, String message) {
    Path run = temporary.resolve("run");
    assertThatExceptionOfType(InvalidInputException.class)
        .isThrownBy(() -> Trainer.of(TinyData.run().build()).data(data).directory(run).train())
        .withMessage(message);
    assertThat(run).doesNotExist();
  }

  private static Split with(Split split, int image, int label) {
    int values = TinyData.model().image().values();
    byte[] pixels = new byte[split.size() * values];
    int[] labels = new int[split.size()];
    for (int i = 0; i < labels.length; i++) {
      split.pixels(i, pixels, i * values);
      labels[i] = i == image ? label : split.label(i);
    }
    return new MemorySplit(pixels, labels, values);
  }
}
