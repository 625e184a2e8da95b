package dev.mlit.savedmodel;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import dev.mlit.spec.ModelSpec;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.tensorflow.Result;
import org.tensorflow.SavedModelBundle;
import org.tensorflow.ndarray.Shape;
import org.tensorflow.ndarray.buffer.DataBuffers;
import org.tensorflow.types.TFloat32;

/**
 * What a service does with a SavedModel. If this fails, it gets other answers than the file would
 * give in Python, or answers that depend on what else it is asked at the same time.
 */
class ClassifierTest {
  private static final ModelSpec MODEL = RandomModel.SPEC;
  private static final int PIXELS = MODEL.image().values();

  /** Float32 sums in another order. */
  private static final float ROUNDING = 1e-5f;

  @TempDir private Path directory;

  @BeforeEach
  void writeModel() {
    RandomModel.write(directory);
  }

  @Test
  void answersAreThoseOfTheVariablesInTheFile() {
    int count = 5;
    float[] images = RandomModel.images(count);
    try (Classifier classifier = Classifier.load(directory);
        SavedModelBundle bundle = SavedModelBundle.load(directory.toString(), "serve")) {
      assertThat(classifier.logits(images, count))
          .usingComparatorWithPrecision(ROUNDING)
          .containsExactly(call(bundle, "serving_default", "logits", images, count));
      assertThat(classifier.probabilities(images, count))
          .usingComparatorWithPrecision(ROUNDING)
          .containsExactly(call(bundle, "serving_default", "probabilities", images, count));
      assertThat(classifier.features(images, count))
          .usingComparatorWithPrecision(ROUNDING)
          .containsExactly(call(bundle, "features", "features", images, count));
    }
  }

  private static float[] call(
      SavedModelBundle bundle, String signature, String output, float[] images, int count) {
    Shape shape = Shape.of(count, MODEL.image().height(), MODEL.image().width(), 1);
    try (TFloat32 input = TFloat32.tensorOf(shape, DataBuffers.of(images));
        Result result = bundle.function(signature).call(Map.of("images", input))) {
      TFloat32 tensor = (TFloat32) result.get(output).orElseThrow();
      float[] values = new float[(int) tensor.size()];
      tensor.asRawTensor().data().asFloats().read(values);
      return values;
    }
  }

  @Test
  void imagesOfABatchGetTheAnswersThatEachGetsAlone() {
    int count = 33;
    float[] images = RandomModel.images(count);
    try (Classifier classifier = Classifier.load(directory)) {
      float[] together = classifier.probabilities(images, count);
      for (int i = 0; i < count; i++) {
        float[] image = Arrays.copyOfRange(images, i * PIXELS, (i + 1) * PIXELS);
        assertThat(Arrays.copyOfRange(together, 3 * i, 3 * i + 3))
            .usingComparatorWithPrecision(ROUNDING)
            .containsExactly(classifier.probabilities(image, 1));
      }
    }
  }

  @Test
  void manyThreadsGetTheAnswersThatOneGets() {
    int count = 64;
    float[] images = RandomModel.images(count);
    try (Classifier classifier = Classifier.load(directory)) {
      List<float[]> expected = IntStream.range(0, count).mapToObj(i -> one(classifier, i)).toList();
      List<float[]> answers =
          IntStream.range(0, 8 * count)
              .parallel()
              .mapToObj(i -> one(classifier, i % count))
              .toList();
      for (int i = 0; i < answers.size(); i++) {
        assertThat(answers.get(i)).containsExactly(expected.get(i % count));
      }
      assertThat(classifier.logits(images, count)).hasSize(3 * count);
    }
  }

  private static float[] one(Classifier classifier, int image) {
    return classifier.logits(RandomModel.images(1, image), 1);
  }

  @Test
  void answersAreOfTheFileAsItWasLoaded() throws IOException {
    try (Classifier classifier = Classifier.load(directory)) {
      float[] before = classifier.logits(RandomModel.images(2), 2);
      Files.delete(directory.resolve("variables/variables.data-00000-of-00001"));

      assertThat(classifier.logits(RandomModel.images(2), 2)).containsExactly(before);
    }
  }

  @Test
  void numberOfValuesThatIsNotThatOfTheImages() {
    try (Classifier classifier = Classifier.load(directory)) {
      assertThatIllegalArgumentException()
          .isThrownBy(() -> classifier.logits(new float[2 * PIXELS - 1], 2))
          .withMessage("127 values are not 2 images of 8x8x1");
      assertThatIllegalArgumentException()
          .isThrownBy(() -> classifier.features(new float[0], 0))
          .withMessage("0 values are not 0 images of 8x8x1");
    }
  }
}
