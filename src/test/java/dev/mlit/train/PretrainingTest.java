package dev.mlit.train;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import dev.mlit.data.Dataset;
import dev.mlit.data.MemorySplit;
import dev.mlit.data.Split;
import dev.mlit.spec.EarlyStopping;
import dev.mlit.spec.InvalidInputException;
import dev.mlit.spec.InvalidSpecException;
import dev.mlit.spec.ModelSpec;
import dev.mlit.spec.RunSpec;
import dev.mlit.spec.RunSpec.Task;
import dev.mlit.spec.RunSpecBuilder;
import dev.mlit.spec.Specs;
import dev.mlit.testing.TinyData;
import dev.mlit.weights.PositionGrid;
import dev.mlit.weights.WeightFiles;
import dev.mlit.weights.Weights;
import java.awt.image.BufferedImage;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * If this fails, a researcher's pre-training learns nothing, is not repeatable, or what it has
 * learned does not arrive where it is fine-tuned.
 */
@Tag("slow")
class PretrainingTest {
  private static final Dataset DATA = TinyData.dataset(96, 24);

  @TempDir private static Path shared;

  private static TrainingResult pretrained;
  private static final List<TrainingListener.Epoch> EPOCHS = new ArrayList<>();

  @TempDir private Path temporary;

  /** Of 16 patches, 12 are hidden. */
  private static ModelSpec model() {
    return TinyData.model().toBuilder()
        .name("tiny-autoencoder")
        .patch(2)
        .classes(0)
        .mask(0.75)
        .decoder(1, 12, 8, 3, 2, 1)
        .build();
  }

  private static RunSpecBuilder run() {
    return TinyData.run()
        .name("pretraining")
        .task(Task.RECONSTRUCT)
        .model(model())
        .augmentation(a -> a.flip(true).randomCrop(1))
        .training(t -> t.epochs(6))
        .build()
        .toBuilder();
  }

  private static RunSpecBuilder fineTuning() {
    return TinyData.run()
        .model(model().classifier(3))
        .training(t -> t.steps(1))
        .optimizer(o -> o.learningRate(1e-30).weightDecay(0))
        .build()
        .toBuilder();
  }

  @BeforeAll
  static void pretrain() {
    pretrained =
        Trainer.of(run().build())
            .data(DATA)
            .directory(shared.resolve("pretraining"))
            .listener(Listeners.epochs(EPOCHS::add))
            .train();
  }

  private TrainingResult train(RunSpec run) {
    return Trainer.of(run).data(DATA).directory(temporary.resolve("run")).train();
  }

  @Test
  void learnsToPaintWhatIsHidden() {
    assertThat(EPOCHS.get(5).testLoss()).isLessThan(0.95 * EPOCHS.get(0).testLoss());
    assertThat(pretrained.testLoss()).isEqualTo(EPOCHS.get(5).testLoss());
  }

  @Test
  void hasNoAccuracyAnywhere() throws IOException {
    assertThat(pretrained.testAccuracy()).isNaN();
    assertThat(Files.readString(shared.resolve("pretraining/metrics.jsonl")))
        .contains("\"test_loss\":")
        .doesNotContain("accuracy")
        .doesNotContain("NaN");
  }

  @Test
  void aPartToValidateOnIsWhatItIsJudgedBy() throws IOException {
    RunSpec run = run().training(t -> t.epochs(3)).earlyStopping(e -> e.patience(2)).build();
    List<TrainingListener.Epoch> epochs = new ArrayList<>();

    TrainingResult result =
        Trainer.of(run)
            .data(TinyData.validated(96, 12, 24))
            .directory(temporary.resolve("run"))
            .listener(Listeners.epochs(epochs::add))
            .train();

    assertThat(Objects.requireNonNull(run.earlyStopping()).metric())
        .isEqualTo(EarlyStopping.Metric.VALIDATION_LOSS);
    assertThat(epochs)
        .hasSize(3)
        .allSatisfy(
            epoch -> {
              assertThat(epoch.validationLoss()).isPositive();
              assertThat(epoch.validationAccuracy()).isNaN();
              assertThat(epoch.testLoss()).isNaN();
            });
    assertThat(result.validationLoss()).isEqualTo(epochs.get(2).validationLoss());
    assertThat(result.testLoss()).isPositive().isNotEqualTo(result.validationLoss());
    assertThat(temporary.resolve("run/reconstructions")).isDirectoryContaining("glob:**/*3.png");
    assertThat(Files.readString(temporary.resolve("run/report.html")))
        .contains("<span>Test error</span>", "<span>Best validation error</span>");
    // The same masks and weights, measured on the test images as in a run without validation.
    TrainingResult without =
        Trainer.of(run().training(t -> t.epochs(3)).build())
            .data(DATA)
            .directory(temporary.resolve("without"))
            .train();
    assertThat(result.testLoss()).isEqualTo(without.testLoss());
  }

  /** The masks follow from the run's seed alone, those of a run that was stopped too. */
  @Test
  void theSameSeedGivesTheSameWeightsWhereverItIsStopped() {
    RunSpec run = run().build();
    Trainer first = Trainer.of(run).data(DATA).directory(temporary.resolve("run"));
    first.listener(
        new TrainingListener() {
          @Override
          public void step(Step step) {
            if (step.step() == 15) {
              first.stop();
            }
          }
        });
    assertThatExceptionOfType(RunStoppedException.class).isThrownBy(first::train);
    TrainingResult resumed =
        Trainer.of(run).data(DATA).directory(temporary.resolve("run")).resume(true).train();
    assertSameWeights(resumed, pretrained, ".*");
    assertThat(resumed.testLoss()).isEqualTo(pretrained.testLoss());
  }

  @Test
  void anotherSeedHidesOtherPatches() {
    TrainingResult other = train(run().training(t -> t.seed(2)).build());
    assertThat(values(other, "decoder/prediction/kernel"))
        .isNotEqualTo(values(pretrained, "decoder/prediction/kernel"));
  }

  @Test
  void operationsAndTurnsChangeTheImagesThatArePainted() {
    RunSpecBuilder run = run().training(t -> t.steps(2));
    TrainingResult without = train(run.build());
    run.augmentation(a -> a.quarterTurns(true).trivialAugmentWide());
    TrainingResult with =
        Trainer.of(run.build()).data(DATA).directory(temporary.resolve("with")).train();
    assertThat(values(with, "decoder/prediction/kernel"))
        .isNotEqualTo(values(without, "decoder/prediction/kernel"));
  }

  @Test
  void picturesOfEveryTestShowHowItGoes() {
    assertThat(shared.resolve("pretraining/reconstructions"))
        .isDirectoryContaining("glob:**/epoch-0001.png")
        .isDirectoryContaining("glob:**/epoch-0006.png");
  }

  /**
   * Every patch is one brightness, give or take 25, and what a model that has learned nothing
   * paints of it is near its mean. Without its mean and variance it would be gray, 73 off.
   */
  @Test
  void picturesOfPatchesThatAreNormalisedEachByItselfShowPixels() throws IOException {
    train(
        run()
            .model(model().toBuilder().normPixels(true).build())
            .training(t -> t.epochs(1).steps(1))
            .optimizer(o -> o.learningRate(1e-30).weightDecay(0))
            .build());
    BufferedImage picture =
        ImageIO.read(temporary.resolve("run/reconstructions/epoch-0001.png").toFile());
    double off = 0;
    for (int y = 0; y < 64; y++) {
      for (int x = 0; x < 8; x++) {
        off += Math.abs((picture.getRGB(x, y) & 0xff) - (picture.getRGB(16 + x, y) & 0xff));
      }
    }
    // The quarter that is visible is shown as it is.
    assertThat(off / (64 * 8 * 0.75)).isBetween(1.0, 40.0);
  }

  @Test
  void aClassifierStartsFromTheEncoderWithANewHead() {
    TrainingResult tuned =
        train(fineTuning().initialize(pretrained.directory().toString()).build());
    assertSameWeights(tuned, pretrained, "(?!head/|decoder/).*");
  }

  @Test
  void aSafetensorsFileWillDo() {
    Path files = temporary.resolve("files");
    WeightFiles.write(model(), pretrained.weights(), List.of(), files);
    TrainingResult tuned =
        train(fineTuning().initialize(files.resolve("model.safetensors").toString()).build());
    assertSameWeights(tuned, pretrained, "(?!head/|decoder/).*");
  }

  /** 4x4 patches become 4x6; all but their positions is taken over as it is. */
  @Test
  void positionsAreInterpolatedForImagesOfAnotherSize() {
    RunSpec wider =
        fineTuning()
            .model(model().classifier(3).toBuilder().image(8, 12, 1).build())
            .initialize(pretrained.directory().toString())
            .build();
    TrainingResult tuned = train(wider);
    assertSameWeights(tuned, pretrained, "(?!head/|decoder/|position_embedding).*");
    Weights.Array position =
        Objects.requireNonNull(pretrained.weights().arrays().get("position_embedding"));
    assertThat(values(tuned, "position_embedding"))
        .isEqualTo(new PositionGrid(4, 4).to(new PositionGrid(4, 6), position).values());
  }

  @Test
  void aLinearProbeTrainsTheHeadAlone() {
    RunSpec probe =
        TinyData.run()
            .model(model().classifier(3))
            .initialize(pretrained.directory().toString())
            .freeze("patch_embedding", "class_token", "position_embedding", "encoder")
            .build();
    TrainingResult probed = train(probe);
    assertSameWeights(probed, pretrained, "(?!head/|decoder/).*");
    assertThat(values(probed, "head/bias")).doesNotContain(0f, 0f, 0f);
  }

  @Test
  void aWrongEncoderIsRefusedByVariableShapesAndFields() {
    RunSpec other =
        fineTuning()
            .model(model().classifier(3).toBuilder().stages(List.of()).stage(1, 2).build())
            .initialize(pretrained.directory().toString())
            .build();
    assertThatExceptionOfType(InvalidInputException.class)
        .isThrownBy(() -> train(other))
        .withMessageContaining(
            "does not fit the model: encoder/block_1/attention_norm/scale[12] is not in this model,"
                + " which must have the same encoder;");
    assertThat(temporary.resolve("run")).doesNotExist();
  }

  /** Light that changes evenly can be told from a quarter of it; gray would be 0.15 off. */
  @Test
  void theAutoencoderOfThisRepositoryPaintsImagesThatItHasNotSeen() {
    ModelSpec model = Specs.model("specs/models/mmlit-xxs-32.yaml");
    RunSpec run =
        RunSpec.builder("kept")
            .task(Task.RECONSTRUCT)
            .model(model)
            .data("light")
            .training(t -> t.steps(1).batch(8))
            .optimizer(o -> o.learningRate(1e-30).weightDecay(0))
            .initialize("savedmodels/mmlit-xxs-32-cifar100")
            .build();
    TrainingResult kept =
        Trainer.of(run)
            .data(
                Dataset.of(
                    "light", List.of("light"), model.image(), softLight(8, 1), softLight(16, 2)))
            .directory(temporary.resolve("run"))
            .train();
    assertThat(kept.testLoss()).isLessThan(0.05);
  }

  /** Images of 32x32 whose colors go evenly from one side to the other. */
  private static Split softLight(int images, long seed) {
    int side = 32;
    int values = side * side * 3;
    Random random = new Random(seed);
    byte[] pixels = new byte[images * values];
    for (int image = 0; image < images; image++) {
      for (int color = 0; color < 3; color++) {
        int from = random.nextInt(256);
        int right = random.nextInt(256);
        int down = random.nextInt(256);
        for (int p = 0; p < side * side; p++) {
          int x = p % side;
          int y = p / side;
          int light = from + ((right - from) * x + (down - from) * y) / (2 * side);
          pixels[image * values + 3 * p + color] = (byte) light;
        }
      }
    }
    return new MemorySplit(pixels, new int[images], values);
  }

  @Test
  void testsAreAsFarApartAsAskedForAndTheLastEpochIsTested() {
    List<Integer> tested = new ArrayList<>();
    Trainer.of(TinyData.run().training(t -> t.epochs(5).testEvery(2)).build())
        .data(DATA)
        .directory(temporary.resolve("run"))
        .listener(Listeners.epochs(e -> tested.add(e.epoch())))
        .train();
    assertThat(tested).containsExactly(2, 4, 5);
  }

  @Test
  void someOfTheLabelsAreFewerSteps() {
    List<Long> steps = new ArrayList<>();
    Trainer.of(TinyData.run().labelFraction(0.25).build())
        .data(DATA)
        .directory(temporary.resolve("run"))
        .listener(Listeners.epochs(e -> steps.add(e.step())))
        .train();
    assertThat(steps).containsExactly(2L);
  }

  @Test
  void taskAndModelMustGoTogether() {
    assertThatExceptionOfType(InvalidSpecException.class)
        .isThrownBy(() -> run().task(Task.CLASSIFY).build())
        .withMessageContaining("task: classify must have a model with classes");
    assertThatExceptionOfType(InvalidSpecException.class)
        .isThrownBy(() -> TinyData.run().task(Task.RECONSTRUCT).build())
        .withMessageContaining("task: reconstruct must have an autoencoder");
    assertThatExceptionOfType(InvalidSpecException.class)
        .isThrownBy(() -> run().training(t -> t.labelSmoothing(0.1)).build())
        .withMessageContaining(
            "training.label-smoothing: 0.1 must be left out where task is reconstruct");
    for (EarlyStopping.Metric metric : EarlyStopping.Metric.values()) {
      RunSpecBuilder stopping = run().earlyStopping(e -> e.metric(metric));
      if (metric.isLoss()) {
        assertThat(stopping.build().earlyStopping()).isEqualTo(new EarlyStopping(10, 0, metric));
      } else {
        assertThatExceptionOfType(InvalidSpecException.class)
            .isThrownBy(stopping::build)
            .withMessageContaining(
                "early-stopping.metric: must be validation-loss, or test-loss, where task is"
                    + " reconstruct, which has no accuracy");
      }
    }
    assertThatExceptionOfType(InvalidSpecException.class)
        .isThrownBy(() -> run().training(t -> t.patchDropout(0.5)).build())
        .withMessageContaining(
            "training.patch-dropout: 0.5 must be left out where task is reconstruct: the model's"
                + " mask already hides patches");
  }

  private static float[] values(TrainingResult result, String variable) {
    return Objects.requireNonNull(result.weights().arrays().get(variable)).values();
  }

  private static void assertSameWeights(
      TrainingResult actual, TrainingResult expected, String names) {
    Map<String, Weights.Array> values = actual.weights().arrays();
    expected
        .weights()
        .arrays()
        .forEach(
            (name, array) -> {
              if (name.matches(names)) {
                assertThat(Objects.requireNonNull(values.get(name)).values())
                    .as(name)
                    .isEqualTo(array.values());
              }
            });
  }
}
