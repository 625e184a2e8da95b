package dev.mlit.savedmodel;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.within;

import dev.mlit.Mlit;
import dev.mlit.data.Dataset;
import dev.mlit.model.TestMasks;
import dev.mlit.spec.InvalidInputException;
import dev.mlit.spec.ModelSpec;
import dev.mlit.spec.RunSpec;
import dev.mlit.spec.RunSpec.Task;
import dev.mlit.tensorflow.Operations;
import dev.mlit.tensorflow.Sessions;
import dev.mlit.tensorflow.Tensors;
import dev.mlit.testing.TinyData;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.tensorflow.Graph;
import org.tensorflow.Result;
import org.tensorflow.SavedModelBundle;
import org.tensorflow.Session;
import org.tensorflow.ndarray.Shape;
import org.tensorflow.ndarray.buffer.DataBuffers;
import org.tensorflow.op.Ops;
import org.tensorflow.types.TFloat32;

/**
 * How far off autoencoders are, measured on their SavedModels. If this fails, a researcher cannot
 * tell which of two pre-trained models paints better, or is told another error than the one that
 * the model was trained to.
 */
class ReconstructorTest {
  private static final int IMAGES = 300;
  private static final Dataset DATA = TinyData.dataset(96, IMAGES);

  /** Of 16 patches, 12 are hidden. */
  private static final ModelSpec MODEL =
      TinyData.model().toBuilder()
          .name("tiny-autoencoder")
          .patch(2)
          .classes(0)
          .mask(0.75)
          .decoder(1, 12, 8, 3, 2, 1)
          .build();

  private static Mlit.TrainedModel trained;

  @TempDir private static Path shared;
  @TempDir private Path temporary;

  @BeforeAll
  static void train() {
    trained = train(MODEL, shared.resolve("run"));
  }

  private static Mlit.TrainedModel train(ModelSpec model, Path directory) {
    RunSpec run =
        TinyData.run().task(Task.RECONSTRUCT).model(model).training(t -> t.epochs(3)).build();
    return Mlit.train(run, t -> t.data(DATA).directory(directory));
  }

  @Test
  void errorOfHiddenPatchesIsTheTestLossOfTheTraining() {
    List<Integer> progress = new ArrayList<>();
    try (Reconstructor model = Mlit.loadAutoencoder(trained.savedModel())) {
      Reconstructor.Evaluation found = model.evaluate(DATA, progress::add);

      double expected = trained.training().testLoss();
      assertThat(found.hiddenError()).isEqualTo(expected, within(1e-6 * expected));
      assertThat(found.examples()).isEqualTo(IMAGES);
      assertThat(progress).containsExactly(250, 300);
      assertThat(model.spec()).isEqualTo(MODEL);
      assertThat(model.evaluate(DATA)).isEqualTo(found);
    }
  }

  @Test
  void bothErrorsAreThoseOfWhatTheSignaturePaints() {
    assertAsTheSignature(MODEL, trained);
  }

  @Test
  void bothErrorsAreThoseOfPatchesThatAreNormalisedEachByItself() {
    ModelSpec model = MODEL.toBuilder().normPixels(true).build();
    Mlit.TrainedModel other = train(model, temporary.resolve("run"));
    assertAsTheSignature(model, other);
    assertThat(other.savedModel().resolve("spec.yaml")).content().contains("norm-pixels: true");
    assertThat(other.savedModel().resolve("README.md"))
        .content()
        .contains("The model was trained with `norm-pixels`");
    assertThat(trained.savedModel().resolve("README.md"))
        .content()
        .doesNotContain("trained with `norm-pixels`");
  }

  /** The errors again, from the outputs of the SavedModel's own graph, in doubles. */
  private static void assertAsTheSignature(ModelSpec spec, Mlit.TrainedModel trained) {
    byte[] bytes = new byte[IMAGES * spec.image().values()];
    for (int i = 0; i < IMAGES; i++) {
      DATA.test().pixels(i, bytes, i * spec.image().values());
    }
    float[] pixels = Tensors.floats(bytes);
    double[] errors = new double[2];
    int[] counts = new int[2];
    try (SavedModelBundle bundle = SavedModelBundle.load(trained.savedModel().toString(), "serve");
        TFloat32 images = TFloat32.tensorOf(Shape.of(IMAGES, 8, 8, 1), DataBuffers.of(pixels));
        TFloat32 noise =
            TFloat32.tensorOf(Shape.of(IMAGES, spec.patches()), DataBuffers.of(masks(spec)));
        Result painted =
            bundle.function("reconstruct").call(Map.of("images", images, "noise", noise))) {
      float[] patches = Tensors.floats((TFloat32) painted.get("patches").orElseThrow());
      float[] mask = Tensors.floats((TFloat32) painted.get("mask").orElseThrow());
      for (int patch = 0; patch < mask.length; patch++) {
        double[] wanted = wanted(spec, pixels, patch);
        for (int i = 0; i < wanted.length; i++) {
          int which = (int) mask[patch];
          errors[which] += Math.pow(patches[patch * wanted.length + i] - wanted[i], 2);
          counts[which]++;
        }
      }
    }
    double hidden = errors[1] / counts[1];
    double visible = errors[0] / counts[0];
    try (Reconstructor model = Reconstructor.load(trained.savedModel())) {
      Reconstructor.Evaluation found = model.evaluate(DATA);
      assertThat(found.hiddenError()).isEqualTo(hidden, within(1e-5 * hidden));
      assertThat(found.visibleError()).isEqualTo(visible, within(1e-5 * visible));
    }
  }

  private static float[] masks(ModelSpec spec) {
    try (Graph graph = new Graph();
        Session session = Sessions.open(graph, 1)) {
      Ops tf = Operations.of(graph);
      int[] numbers = IntStream.range(0, IMAGES).toArray();
      try (Result result =
          session.runner().fetch(TestMasks.noise(tf, tf.constant(numbers), spec.patches())).run()) {
        return Tensors.floats((TFloat32) result.get(0));
      }
    }
  }

  /** What should be painted: patches of 2 x 2 in images of 8 x 8. */
  private static double[] wanted(ModelSpec spec, float[] pixels, int patch) {
    int image = patch / 16;
    int top = patch % 16 / 4 * 2;
    int left = patch % 4 * 2;
    double[] values = new double[4];
    double mean = 0;
    for (int i = 0; i < 4; i++) {
      values[i] = (pixels[(image * 8 + top + i / 2) * 8 + left + i % 2] - 0.5) / 0.5;
      mean += values[i] / 4;
    }
    double squares = 0;
    for (double value : values) {
      squares += Math.pow(value - mean, 2);
    }
    for (int i = 0; i < 4 && spec.normPixels(); i++) {
      values[i] = (values[i] - mean) / Math.sqrt(squares / 3 + 1e-6);
    }
    return values;
  }

  @Test
  void modelWithClassesIsRefused() {
    RandomModel.write(temporary.resolve("classifier"));
    assertThatExceptionOfType(InvalidInputException.class)
        .isThrownBy(() -> Reconstructor.load(temporary.resolve("classifier")))
        .withMessage(
            "%s: a classifier, which paints nothing; load it with Classifier.load",
            temporary.resolve("classifier"));
    assertThat(Reconstructor.isAutoencoder(temporary.resolve("classifier"))).isFalse();
    assertThat(Reconstructor.isAutoencoder(trained.savedModel())).isTrue();
    assertThat(Reconstructor.isAutoencoder(temporary.resolve("nothing"))).isFalse();
  }

  @Test
  void directoryThatIsNoSavedModelIsRefused() {
    assertThatExceptionOfType(InvalidInputException.class)
        .isThrownBy(() -> Reconstructor.load(temporary.resolve("nothing")))
        .withMessageContaining("not a SavedModel of mlit, there is no such directory");
  }

  @Test
  void descriptionOfAnotherModelIsRefused() throws IOException {
    Path copy = temporary.resolve("copy");
    Files.createDirectories(copy.resolve("variables"));
    for (String file :
        List.of(
            "saved_model.pb",
            "spec.yaml",
            "variables/variables.index",
            "variables/variables.data-00000-of-00001")) {
      Files.copy(trained.savedModel().resolve(file), copy.resolve(file));
    }
    Path spec = copy.resolve("spec.yaml");
    Files.writeString(
        spec, Files.readString(spec).replace("norm-pixels: false", "norm-pixels: true"));
    assertThatExceptionOfType(InvalidInputException.class)
        .isThrownBy(() -> Reconstructor.load(copy))
        .withMessageContaining("spec.yaml has norm-pixels: true, must be false");
  }
}
