package dev.mlit.savedmodel;

import static org.assertj.core.api.Assertions.assertThat;

import dev.mlit.Mlit;
import dev.mlit.spec.RunSpec;
import dev.mlit.testing.TinyData;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.apache.commons.io.FileUtils;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.tensorflow.Result;
import org.tensorflow.SavedModelBundle;
import org.tensorflow.ndarray.Shape;
import org.tensorflow.ndarray.buffer.DataBuffers;
import org.tensorflow.types.TFloat32;

/**
 * A SavedModel whose graph writes files wherever TensorFlow runs it. If this fails, whoever tries a
 * model of a stranger's hands him the machine.
 */
class ForeignGraphTest {
  @TempDir private Path directory;
  private Path model = Path.of("");
  private Path written = Path.of("");
  private float[] expected = {};
  private final float[] images = RandomModel.images(3);

  @BeforeEach
  void write() throws IOException {
    model = directory.resolve("model");
    written = Files.createDirectory(directory.resolve("written"));
    RandomModel.write(model);
    try (Classifier classifier = Classifier.load(model)) {
      expected = classifier.logits(images, 3);
    }
    ForeignGraph.hook(model, written);
  }

  private void assertNothingWritten() {
    assertThat(written).isEmptyDirectory();
  }

  /** That the hooks are where TensorFlow runs them, or the other tests would show nothing. */
  @Test
  void whatTensorFlowItselfLoadsWritesFiles() throws IOException {
    try (SavedModelBundle bundle = SavedModelBundle.load(model.toString(), "serve");
        TFloat32 input = TFloat32.tensorOf(Shape.of(3, 8, 8, 1), DataBuffers.of(images));
        Result result = bundle.function("serving_default").call(Map.of("images", input))) {
      assertThat(result.size()).isEqualTo(2);
    }
    try (Stream<Path> files = Files.list(written)) {
      assertThat(files.map(file -> file.getFileName().toString()))
          .containsExactlyInAnyOrder("restore", "init", "signature", "function");
    }
  }

  @Test
  void loadingPredictingAndEvaluatingRunNothingOfIt() {
    try (Classifier classifier = Mlit.load(model)) {
      assertThat(classifier.logits(images, 3)).containsExactly(expected);
      assertThat(classifier.features(images, 3)).hasSize(3 * RandomModel.SPEC.embedding());
      assertThat(classifier.logits(RandomModel.images(1), 1)).hasSize(3);
      assertThat(classifier.evaluate(TinyData.dataset(4, 8)).examples()).isEqualTo(8);
    }
    assertNothingWritten();
  }

  @Test
  void importRunsNothingOfItUnlessAskedTo() throws IOException {
    Path imported = directory.resolve("imported");
    ModelImport.Result result = ModelImport.of(model).to(imported);

    assertNothingWritten();
    assertThat(result.difference()).isNull();
    assertThat(Files.readString(imported.resolve("README.md")))
        .contains("| compared | not compared with the graph of what was imported |");
    try (Classifier classifier = Mlit.load(imported)) {
      assertThat(classifier.logits(images, 3)).containsExactly(expected);
    }

    assertThat(ModelImport.of(model).compare(true).to(imported).difference()).isLessThan(1e-4);
    assertThat(written).isNotEmptyDirectory();
  }

  @Test
  void trainingFromItRunsNothingOfIt() {
    RunSpec run = TinyData.run().initialize(model.toString()).build();
    Mlit.train(
        run,
        trainer ->
            trainer
                .data(TinyData.dataset(RandomModel.LABELS, 16, 8))
                .directory(directory.resolve("run")));
    assertNothingWritten();
  }

  /** A mask is drawn, so that only what is written is looked at. */
  @Test
  void anAutoencoderIsLoadedWithoutRunningItsGraph() throws IOException {
    Path painter = directory.resolve("painter");
    FileUtils.copyDirectory(
        Path.of("savedmodels/mmlit-xxs-32-cifar100").toFile(), painter.toFile());
    ForeignGraph.hook(painter, written);

    Mlit.loadAutoencoder(painter).close();
    ModelImport.of(painter).to(directory.resolve("imported"));

    assertNothingWritten();
    assertThat(List.of(directory.resolve("imported").resolve("spec.yaml"))).allMatch(Files::exists);
  }
}
