package dev.mlit.savedmodel;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.data.Offset.offset;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.mlit.Mlit;
import dev.mlit.data.Dataset;
import dev.mlit.data.Datasets;
import dev.mlit.spec.InvalidInputException;
import dev.mlit.spec.ModelSpec;
import dev.mlit.spec.RunSpec;
import dev.mlit.train.Listeners;
import dev.mlit.train.TrainingListener;
import dev.mlit.weights.Weights;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.apache.commons.io.FileUtils;

/** What {@code test_round_trip.py} has left in a directory, back in Java. */
final class RoundTrip {
  private final ModelSpec model;
  private final Path directory;
  private final JsonNode python;
  private final Dataset images;

  RoundTrip(ModelSpec model, Path directory) throws IOException {
    this.model = model;
    this.directory = directory;
    this.python = new ObjectMapper().readTree(directory.resolve("round-trip.json").toFile());
    this.images = Datasets.open("image-folder", directory.resolve("folder"));
  }

  private Path saved(String name) {
    return directory.resolve("round-trip").resolve(name);
  }

  private Path imported(String name) {
    return directory.resolve("imported").resolve(name.replace('/', '-'));
  }

  private ModelImport.Result importing(String name) {
    return ModelImport.of(saved(name)).model(model).compare(true).to(imported(name));
  }

  void assertEveryWayBackGivesTheAccuracyThatPythonSaw() throws IOException {
    for (String way :
        List.of(
            "saved-model",
            "module",
            "keras",
            "checkpoint",
            "checkpoint/ckpt-1",
            "saver/ckpt",
            "model.safetensors")) {
      ModelImport.Result result = importing(way);
      assertThat(rightAnswers(way)).as(way).isEqualTo(python.path("right").asInt());
      if (result.kind().equals("SavedModel")) {
        assertThat(result.difference()).as(way).isNotNull().isLessThan(1e-4);
      }
    }
    assertThat(Files.readString(imported("keras").resolve("README.md")))
        .contains("| weights | imported from SavedModel keras |")
        .contains("| compared | logits of random images differ by ");

    importing("pytorch");
    assertThat(rightAnswers("pytorch")).isEqualTo(number("pytorch.txt"));
    assertHeadOfPythonIsTakenWhenItIsNamed();
  }

  /** Keras still has the head that Java trained, which the new signature no longer uses. */
  private void assertHeadOfPythonIsTakenWhenItIsNamed() throws IOException {
    assertThatExceptionOfType(InvalidInputException.class)
        .isThrownBy(() -> importing("keras-head"))
        .withMessageContaining("computes other logits")
        .withMessageContaining("new_head/kernel [" + model.embedding() + ", 10]");
    assertThatExceptionOfType(InvalidInputException.class)
        .as("without running it")
        .isThrownBy(() -> ModelImport.of(saved("keras-head")).model(model).to(imported("keras")))
        .withMessageContaining("a signature uses variables that the model has not: ")
        .withMessageContaining("new_head/kernel [" + model.embedding() + ", 10]");
    assertThat(imported("keras-head")).doesNotExist();

    ModelImport.of(saved("keras-head"))
        .model(model)
        .rename("new_head/kernel", "head/kernel")
        .rename("new_head/bias", "head/bias")
        .to(imported("keras-head"));
    assertThat(rightAnswers("keras-head")).isEqualTo(number("keras-head.txt"));
  }

  private int number(String file) throws IOException {
    return Integer.parseInt(Files.readString(directory.resolve(file)));
  }

  private int rightAnswers(String name) {
    try (Classifier classifier = Mlit.load(imported(name))) {
      Evaluation result = classifier.evaluate(images.withClassNames(classifier.labels()));
      assertThat(result.examples()).isEqualTo(python.path("images").asInt());
      return (int) Math.round(result.accuracy() * result.examples());
    }
  }

  /**
   * On the images that Python trained on: the first steps' loss is Python's, but for the gates'
   * noise, and for chance in which images come first; after a step so small that it changes
   * nothing, the test loss is Python's.
   */
  void assertTrainingGoesOnWhereTheLossWas() {
    List<Double> losses = new ArrayList<>();
    List<Double> testLosses = new ArrayList<>();
    train(
        "still",
        1e-9,
        new TrainingListener() {
          @Override
          public void step(Step step) {
            losses.add(step.loss() - step.balanceLoss());
          }

          @Override
          public void epoch(Epoch epoch) {
            testLosses.add(epoch.testLoss());
          }
        });
    double mean = losses.stream().mapToDouble(Double::doubleValue).average().orElseThrow();
    assertThat(mean).isCloseTo(python.path("train_loss").asDouble(), offset(0.1));
    assertThat(testLosses.get(0)).isCloseTo(python.path("loss").asDouble(), offset(1e-3));

    testLosses.clear();
    train("further", 1e-3, Listeners.epochs(epoch -> testLosses.add(epoch.testLoss())));
    assertThat(testLosses.get(0)).isLessThan(python.path("loss").asDouble() + 0.05);
  }

  /** The first five classes: everything but the head is what Python fine-tuned. */
  void assertAnotherNumberOfClassesGetsANewHead() throws IOException {
    Path five = directory.resolve("five");
    for (String part : List.of("train", "test")) {
      for (int label = 0; label < 5; label++) {
        Path folder = Path.of(part, Integer.toString(label));
        FileUtils.copyDirectory(
            directory.resolve("folder").resolve(folder).toFile(), five.resolve(folder).toFile());
      }
    }
    RunSpec run =
        run("head", 1e-9).toBuilder()
            .model(model.toBuilder().classes(5).build())
            .data("image-folder", five.toString())
            .build();
    Mlit.TrainedModel trained =
        Mlit.train(run, trainer -> trainer.directory(directory.resolve("head-run")));

    Map<String, Weights.Array> now = trained.training().weights().arrays();
    Weights.read(model, imported("saved-model").resolve("variables/variables"))
        .arrays()
        .forEach(
            (name, array) -> {
              if (!name.startsWith("head/")) {
                assertThat(Objects.requireNonNull(now.get(name)).values())
                    .as(name)
                    .usingComparatorWithPrecision(1e-6f)
                    .containsExactly(array.values());
              }
            });
    assertThat(Objects.requireNonNull(now.get("head/kernel")).shape())
        .containsExactly((long) model.embedding(), 5L);
  }

  private void train(String name, double rate, TrainingListener listener) {
    Mlit.train(
        run(name, rate),
        trainer -> trainer.directory(directory.resolve(name + "-run")).listener(listener));
  }

  private RunSpec run(String name, double rate) {
    return RunSpec.builder(name)
        .model(model)
        .data("image-folder", directory.resolve("folder").toString())
        .training(t -> t.epochs(1).batch(64).seed(1))
        .schedule(s -> s.warmupEpochs(0))
        .optimizer(o -> o.learningRate(rate))
        .initialize(imported("saved-model").toString())
        .export(directory.resolve(name).toString())
        .build();
  }
}
