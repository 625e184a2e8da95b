package dev.mlit.data;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import dev.mlit.spec.ImageShape;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** If this fails, a user's own images cannot be trained on as {@link Dataset} says they can. */
class DatasetTest {
  @Test
  void theExampleOfTheDocumentationWorks() {
    byte[] trainPixels = new byte[5 * 32 * 32 * 3];
    int[] trainLabels = {0, 1, 0, 1, 1};
    byte[] testPixels = new byte[32 * 32 * 3];
    int[] testLabels = {1};

    Dataset stamps =
        Dataset.of(
            "stamps",
            List.of("used", "unused"),
            new ImageShape(32, 32, 3),
            new MemorySplit(trainPixels, trainLabels, 32 * 32 * 3),
            new MemorySplit(testPixels, testLabels, 32 * 32 * 3));

    assertThat(stamps).hasToString("stamps (5 + 1 images of 32x32x3, 2 classes)");
  }

  @Test
  void aDatasetMayHaveAPartToValidateOn() {
    Dataset stamps =
        Dataset.of(
            "stamps", List.of("used"), new ImageShape(1, 1, 1), images(5), images(2), none());
    assertThat(stamps.validation()).map(Split::size).contains(2);
    assertThat(stamps).hasToString("stamps (5 + 2 + 0 images of 1x1x1, 1 classes)");
    assertThat(Dataset.of("stamps", List.of("used"), new ImageShape(1, 1, 1), none(), none()))
        .returns(true, data -> data.validation().isEmpty());
  }

  @Test
  void laterChangesOfTheListOfLabelsDoNotMatter() {
    List<String> labels = new ArrayList<>(List.of("used"));
    Dataset stamps = Dataset.of("stamps", labels, new ImageShape(1, 1, 1), none(), none());
    labels.add("unused");
    assertThat(stamps.labels()).containsExactly("used");
  }

  @Test
  void refusesADatasetWithoutClasses() {
    ImageShape shape = new ImageShape(1, 1, 1);
    assertThatIllegalArgumentException()
        .isThrownBy(() -> Dataset.of("stamps", List.of(), shape, none(), none()))
        .withMessage("stamps: 0 labels, must be at least 1");
  }

  private static Split none() {
    return images(0);
  }

  private static Split images(int count) {
    return new MemorySplit(new byte[count], new int[count], 1);
  }
}
