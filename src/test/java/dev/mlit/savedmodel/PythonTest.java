package dev.mlit.savedmodel;

import static dev.mlit.testing.OpposedModels.COLOUR;
import static dev.mlit.testing.OpposedModels.GRAY;
import static org.assertj.core.api.Assertions.assertThat;

import dev.mlit.Mlit;
import dev.mlit.data.Dataset;
import dev.mlit.data.Datasets;
import dev.mlit.spec.ImageShape;
import dev.mlit.spec.ModelSpec;
import dev.mlit.spec.RunSpec;
import dev.mlit.testing.FloatFiles;
import dev.mlit.testing.Python;
import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.tensorflow.Result;
import org.tensorflow.SavedModelBundle;
import org.tensorflow.ndarray.Shape;
import org.tensorflow.ndarray.buffer.DataBuffers;
import org.tensorflow.types.TFloat32;

/**
 * Java trains and exports two models, and Python programs use them: {@code test_saved_model.py} and
 * {@code test_round_trip.py} in src/test/python. If this fails, what a Java program trained is of
 * no use to Python colleagues: they cannot load, read or fine-tune it, or get other numbers than
 * Java.
 */
@Tag("slow")
class PythonTest {
  private static final List<Path> TESTS =
      List.of(
          Path.of("src/test/python/test_saved_model.py"),
          Path.of("src/test/python/test_round_trip.py"));

  /** Real images whose logits every way to Python is compared with. */
  private static final int REAL_IMAGES = 100;

  /** Images that Java and Python both classify: more real ones than random ones. */
  private static final int IMAGES = 17;

  private static final int RANDOM_IMAGES = 8;

  @Test
  void pythonReadsRunsAndFineTunesWhatJavaWrites(@TempDir Path directory) throws IOException {
    Python python =
        Python.with(
            "tensorflow",
            "pytest",
            "sklearn",
            "huggingface_hub",
            "yaml",
            "PIL",
            "torch",
            "safetensors",
            "onnx",
            "onnxruntime",
            "onnxscript");
    for (ModelSpec model : List.of(GRAY, COLOUR)) {
      trainAndExport(model, directory.resolve(model.name()));
    }
    python.pytest(TESTS, Duration.ofMinutes(8), Map.of("MLIT_TEST_MODELS", directory.toString()));
    for (ModelSpec model : List.of(GRAY, COLOUR)) {
      assertJavaRunsWhatPythonSaved(model, directory.resolve(model.name()));
      // Measured, for the README.
      System.out.print(
          Files.readString(directory.resolve(model.name()).resolve("differences.txt")));
      RoundTrip roundTrip = new RoundTrip(model, directory.resolve(model.name()));
      roundTrip.assertEveryWayBackGivesTheAccuracyThatPythonSaw();
      roundTrip.assertTrainingGoesOnWhereTheLossWas();
      roundTrip.assertAnotherNumberOfClassesGetsANewHead();
    }
  }

  private static void trainAndExport(ModelSpec model, Path target) throws IOException {
    RunSpec run =
        RunSpec.builder(model.name())
            .model(model)
            .data("fashion-small")
            .training(t -> t.epochs(1).batch(64).steps(100))
            .schedule(s -> s.warmupEpochs(0.1))
            .optimizer(o -> o.learningRate(2e-3))
            .export(target.resolve("savedmodel").toString())
            .build();
    Mlit.TrainedModel trained =
        Mlit.train(run, trainer -> trainer.directory(target.resolve("run")));
    Files.writeString(
        target.resolve("accuracy.txt"), String.valueOf(trained.training().testAccuracy()));
    Mlit.exportWeights(target.resolve("run"), target.resolve("weights"));
    writeInferences(model, trained.savedModel(), target);
  }

  /** Writes images and what Java's TensorFlow computes from them. */
  private static void writeInferences(ModelSpec model, Path savedModel, Path target)
      throws IOException {
    float[] images = images(model.image());
    FloatFiles.write(target.resolve("images.f32"), images);
    try (Classifier classifier = Mlit.load(savedModel)) {
      FloatFiles.write(target.resolve("logits.f32"), classifier.logits(images, IMAGES));
      FloatFiles.write(
          target.resolve("probabilities.f32"), classifier.probabilities(images, IMAGES));
      FloatFiles.write(target.resolve("features.f32"), classifier.features(images, IMAGES));
      writePredictions(classifier, target);
      float[] real = realImages(model.image(), REAL_IMAGES);
      FloatFiles.write(target.resolve("real.f32"), real);
      FloatFiles.write(target.resolve("real-logits.f32"), classifier.logits(real, REAL_IMAGES));
    }
    Shape shape =
        Shape.of(IMAGES, model.image().height(), model.image().width(), model.image().channels());
    try (SavedModelBundle bundle = SavedModelBundle.load(savedModel.toString(), "serve");
        TFloat32 input = TFloat32.tensorOf(shape, DataBuffers.of(images));
        Result result = bundle.function("features").call(Map.of("images", input))) {
      TFloat32 tokens = (TFloat32) result.get("tokens").orElseThrow();
      float[] values = new float[(int) tokens.size()];
      tokens.asRawTensor().data().asFloats().read(values);
      FloatFiles.write(target.resolve("tokens.f32"), values);
    }
  }

  /** Writes for every PNG of the examples a file with a line for every class. */
  private static void writePredictions(Classifier classifier, Path target) throws IOException {
    try (DirectoryStream<Path> pictures =
        Files.newDirectoryStream(Path.of("examples/images"), "*.png")) {
      for (Path picture : pictures) {
        String name = picture.getFileName().toString().replace(".png", ".txt");
        Files.write(
            target.resolve(name),
            classifier.classify(picture).stream()
                .map(p -> p.label() + " " + p.probability())
                .toList());
      }
    }
  }

  /** A model that Python has fine-tuned and saved goes back into a Java service. */
  private static void assertJavaRunsWhatPythonSaved(ModelSpec model, Path target)
      throws IOException {
    float[] images = FloatFiles.read(target.resolve("fine-tuned-images.f32"));
    float[] expected = FloatFiles.read(target.resolve("fine-tuned-logits.f32"));
    try (Classifier classifier = Mlit.load(target.resolve("fine-tuned"))) {
      assertThat(classifier.spec()).isEqualTo(model);
      assertThat(classifier.logits(images, images.length / model.image().values()))
          .usingComparatorWithPrecision(1e-4f)
          .containsExactly(expected);
    }
  }

  /** The first test images, then random ones: there the channels of a pixel are not equal. */
  private static float[] images(ImageShape shape) {
    float[] images =
        Arrays.copyOf(realImages(shape, IMAGES - RANDOM_IMAGES), IMAGES * shape.values());
    byte[] pixels = new byte[RANDOM_IMAGES * shape.values()];
    new Random(1).nextBytes(pixels);
    for (int i = 0; i < pixels.length; i++) {
      images[images.length - pixels.length + i] = (pixels[i] & 0xff) / 255f;
    }
    return images;
  }

  private static float[] realImages(ImageShape shape, int count) {
    Dataset dataset = Datasets.open("fashion-small").resizedTo(shape);
    byte[] pixels = new byte[count * shape.values()];
    float[] images = new float[pixels.length];
    for (int i = 0; i < count; i++) {
      dataset.test().pixels(i, pixels, i * shape.values());
    }
    for (int i = 0; i < pixels.length; i++) {
      images[i] = (pixels[i] & 0xff) / 255f;
    }
    return images;
  }
}
