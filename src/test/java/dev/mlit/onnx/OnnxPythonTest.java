package dev.mlit.onnx;

import static dev.mlit.testing.OpposedModels.COLOUR;
import static dev.mlit.testing.OpposedModels.GRAY;

import dev.mlit.Mlit;
import dev.mlit.model.TestGraph;
import dev.mlit.savedmodel.Classifier;
import dev.mlit.savedmodel.ModelCard;
import dev.mlit.savedmodel.SavedModelWriter;
import dev.mlit.spec.ModelSpec;
import dev.mlit.spec.ModelSpec.Pooling;
import dev.mlit.spec.Presets;
import dev.mlit.testing.FloatFiles;
import dev.mlit.testing.Python;
import dev.mlit.train.EpochChoice;
import dev.mlit.weights.Weights;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.tensorflow.Result;
import org.tensorflow.SavedModelBundle;
import org.tensorflow.Tensor;
import org.tensorflow.ndarray.Shape;
import org.tensorflow.ndarray.buffer.DataBuffers;
import org.tensorflow.types.TFloat32;

/**
 * ONNX Runtime computes from the files that Java writes what Java computes with TensorFlow: {@code
 * src/test/python/test_onnx.py}. If this fails, a service that runs the file answers otherwise than
 * the model that was evaluated.
 */
@Tag("slow")
class OnnxPythonTest {
  private static final int IMAGES = 7;

  /** One of everything: a patch, a block, an expert, a key for all heads, a class. */
  private static final ModelSpec ONE =
      ModelSpec.builder("one")
          .image(5, 5, 1)
          .patch(5)
          .embedding(9)
          .attention(3, 1)
          .stage(1, 1)
          .hidden(1, 1)
          .routing(1)
          .normalization(List.of(0.25), List.of(0.75))
          .classes(1)
          .build();

  /** A key for every head, one expert of five. */
  private static final ModelSpec ODD =
      ModelSpec.builder("odd")
          .image(9, 15, 3)
          .patch(3)
          .embedding(14)
          .attention(7, 7)
          .stage(3, 5)
          .hidden(3, 11)
          .routing(1)
          .classes(3)
          .build();

  private static final ModelSpec TIES = GRAY.toBuilder().name("ties").build();

  private static final ModelSpec AUTOENCODER =
      ModelSpec.builder("autoencoder")
          .image(28, 28, 3)
          .patch(7)
          .embedding(24)
          .attention(4, 2)
          .stage(2, 3)
          .hidden(24, 12)
          .normalization(List.of(0.3, 0.4, 0.5), List.of(0.2, 0.3, 0.4))
          .mask(0.7)
          .decoder(2, 16, 12, 3, 4, 2)
          .build();

  /** All but one patch are seen, painted by their own mean; the features are a mean. */
  private static final ModelSpec SEEING =
      AUTOENCODER.toBuilder()
          .name("seeing")
          .image(14, 14, 1)
          .normalization(List.of(0.5), List.of(0.5))
          .mask(0.01)
          .pooling(Pooling.MEAN)
          .normPixels(true)
          .build();

  @Test
  void onnxRuntimeComputesWhatJavaComputes(@TempDir Path directory) throws IOException {
    Python python = Python.with("pytest", "yaml", "onnx", "onnxruntime");
    List<ModelSpec> classifiers =
        List.of(GRAY, COLOUR, ONE, ODD, TIES, Presets.mlitXxs(), Presets.mlitXs(), Presets.mlitS());
    for (ModelSpec model : classifiers) {
      classifier(model, directory.resolve(model.name()));
    }
    for (ModelSpec model : List.of(AUTOENCODER, SEEING, Presets.mmlitXxs())) {
      autoencoder(model, directory.resolve(model.name()));
    }

    python.pytest(
        Path.of("src/test/python/test_onnx.py"),
        Duration.ofMinutes(8),
        Map.of("MLIT_TEST_ONNX", directory.toString()));
    System.out.print(Files.readString(directory.resolve("differences.txt")));
  }

  private static void classifier(ModelSpec model, Path target) throws IOException {
    List<String> labels = IntStream.range(0, model.classes()).mapToObj(i -> "class " + i).toList();
    Path savedModel = savedModel(model, labels, target);
    float[] images = random(1, IMAGES * model.image().values());
    FloatFiles.write(target.resolve("images.f32"), images);
    try (Classifier classifier = Mlit.load(savedModel)) {
      FloatFiles.write(target.resolve("logits.f32"), classifier.logits(images, IMAGES));
      FloatFiles.write(
          target.resolve("probabilities.f32"), classifier.probabilities(images, IMAGES));
      FloatFiles.write(target.resolve("features.f32"), classifier.features(images, IMAGES));
    }
    write(model, savedModel, "features", Map.of("images", images), List.of("tokens"), target);

    Mlit.exportOnnx(savedModel, target.resolve("all.onnx"));
    export(savedModel, EnumSet.of(OnnxOutput.LOGITS, OnnxOutput.PROBABILITIES), target, "serving");
    export(savedModel, EnumSet.of(OnnxOutput.FEATURES), target, "features");
    export(savedModel, EnumSet.of(OnnxOutput.TOKENS), target, "tokens");
  }

  private static void autoencoder(ModelSpec model, Path target) throws IOException {
    Path savedModel = savedModel(model, List.of(), target);
    float[] images = random(1, IMAGES * model.image().values());
    float[] noise = random(2, IMAGES * model.patches());
    // Among equals, the earlier patch is visible.
    for (int i = 0; i < noise.length; i++) {
      noise[i] = i < model.patches() ? 0.5f : i < 2 * model.patches() ? i % 2 : noise[i];
    }
    FloatFiles.write(target.resolve("images.f32"), images);
    FloatFiles.write(target.resolve("noise.f32"), noise);
    write(
        model,
        savedModel,
        "reconstruct",
        Map.of("images", images, "noise", noise),
        List.of("patches", "mask"),
        target);
    write(
        model,
        savedModel,
        "features",
        Map.of("images", images),
        List.of("features", "tokens"),
        target);

    Mlit.exportOnnx(savedModel, target.resolve("reconstruct.onnx"));
    export(savedModel, EnumSet.of(OnnxOutput.FEATURES, OnnxOutput.TOKENS), target, "features");
    export(savedModel, EnumSet.of(OnnxOutput.MASK), target, "mask");
    export(savedModel, OnnxOutput.allOf(model), target, "all");
  }

  private static void export(Path model, Set<OnnxOutput> outputs, Path target, String name) {
    Mlit.exportOnnx(model, EpochChoice.LAST, outputs, target.resolve(name + ".onnx"));
  }

  private static Path savedModel(ModelSpec model, List<String> labels, Path target) {
    Map<String, Weights.Array> weights = DrawnWeights.of(model, 1);
    if (model.equals(TIES)) {
      weights.replaceAll(OnnxPythonTest::tied);
    }
    Path savedModel = target.resolve("savedmodel");
    SavedModelWriter.write(
        model, Weights.of(weights), labels, ModelCard.imported("a draw"), savedModel);
    return savedModel;
  }

  /** Scores that are the biases, of which three are equal and largest. */
  private static Weights.Array tied(String variable, Weights.Array array) {
    if (variable.endsWith("/gate/kernel")) {
      return new Weights.Array(array.shape(), new float[array.values().length]);
    }
    if (variable.endsWith("/gate/bias")) {
      float[] scores = {0.25f, -0.5f, 0.25f, 0.25f};
      return new Weights.Array(array.shape(), Arrays.copyOf(scores, array.values().length));
    }
    return array;
  }

  /** Writes what TensorFlow computes from the graph of the SavedModel. */
  private static void write(
      ModelSpec model,
      Path savedModel,
      String signature,
      Map<String, float[]> inputs,
      List<String> outputs,
      Path target)
      throws IOException {
    Map<String, Shape> shapes =
        Map.of(
            "images",
            Shape.of(
                IMAGES, model.image().height(), model.image().width(), model.image().channels()),
            "noise",
            Shape.of(IMAGES, model.patches()));
    Map<String, Tensor> tensors = new HashMap<>();
    inputs.forEach(
        (name, values) ->
            tensors.put(
                name, TFloat32.tensorOf(shapes.get(name), DataBuffers.of(values, true, false))));
    try (SavedModelBundle bundle = SavedModelBundle.load(savedModel.toString(), "serve");
        Result result = bundle.function(signature).call(tensors)) {
      for (String output : outputs) {
        FloatFiles.write(
            target.resolve(output + ".f32"),
            TestGraph.floats((TFloat32) result.get(output).orElseThrow()));
      }
    } finally {
      tensors.values().forEach(Tensor::close);
    }
  }

  private static float[] random(long seed, int count) {
    Random random = new Random(seed);
    float[] values = new float[count];
    for (int i = 0; i < count; i++) {
      values[i] = random.nextFloat();
    }
    return values;
  }
}
