package dev.mlit.train;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.within;

import dev.mlit.data.Dataset;
import dev.mlit.savedmodel.ModelCard;
import dev.mlit.spec.InvalidInputException;
import dev.mlit.spec.ModelSpec;
import dev.mlit.spec.OptimizerSpec;
import dev.mlit.spec.OptimizerSpec.Name;
import dev.mlit.spec.Precision;
import dev.mlit.spec.RunSpec;
import dev.mlit.spec.RunSpecBuilder;
import dev.mlit.spec.ScheduleSpec;
import dev.mlit.testing.TinyData;
import dev.mlit.train.step.DivergedException;
import dev.mlit.train.step.ExponentialMovingAverage;
import dev.mlit.weights.Weights;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * Muon together with everything else that a run may have. If it fails, one of them works with AdamW
 * only, or a run that an earlier version began goes on with another optimizer.
 */
@Tag("slow")
class MuonRunTest {
  private static final Dataset IMAGES = TinyData.dataset(50, 30);
  private static final List<String> FILES =
      List.of("variables.index", "variables.data-00000-of-00001");

  @TempDir private Path temporary;

  private static RunSpecBuilder run() {
    RunSpec run = TinyData.run().optimizer(o -> o.name(Name.MUON).learningRate(0.005)).build();
    return run.toBuilder();
  }

  private Path directory(String name) {
    return temporary.resolve(name);
  }

  private TrainingResult train(String name, RunSpec run) {
    return Trainer.of(run).data(IMAGES).directory(directory(name)).train();
  }

  private TrainingResult resume(String name, RunSpec run) {
    return Trainer.of(run).data(IMAGES).directory(directory(name)).resume(true).train();
  }

  /** Starts a run that is stopped after a step. */
  private void start(String name, RunSpec run, long stopAfter) {
    Trainer trainer = Trainer.of(run).data(IMAGES).directory(directory(name));
    trainer.listener(
        new TrainingListener() {
          @Override
          public void step(Step step) {
            if (step.step() == stopAfter) {
              trainer.stop();
            }
          }
        });
    assertThatExceptionOfType(RunStoppedException.class).isThrownBy(trainer::train);
  }

  private static Map<String, float[]> weights(TrainingResult result, String scope) {
    Map<String, float[]> weights = new LinkedHashMap<>();
    Weights.read(result.run().model(), result.checkpoint(), scope)
        .arrays()
        .forEach((name, array) -> weights.put(name, array.values()));
    return weights;
  }

  private static float[] values(Map<String, float[]> weights, String name) {
    return Objects.requireNonNull(weights.get(name));
  }

  private static void assertSameCheckpoints(TrainingResult actual, TrainingResult expected) {
    for (String file : FILES) {
      assertThat(actual.checkpoint().resolveSibling(file))
          .hasSameBinaryContentAs(expected.checkpoint().resolveSibling(file));
    }
  }

  // ---- It goes on ----

  @Test
  void runGoesOnWithTheSameBits() {
    RunSpec run =
        run()
            .training(t -> t.epochs(3).threads(2).microBatch(7).dropout(0.1))
            .augmentation(a -> a.flip(true).mixup(0.2))
            .optimizer(o -> o.layerDecay(0.9))
            .ema(0.9)
            .build();
    TrainingResult undisturbed = train("undisturbed", run);

    start("stopped", run, 1);
    // What was not named goes on as it began.
    RunSpec unnamed = new Unnamed(run).run();
    TrainingResult resumed = resume("stopped", unnamed);

    assertSameCheckpoints(resumed, undisturbed);
    assertThat(resumed.run()).isEqualTo(run);
  }

  /** A run as somebody describes it who does not name an optimizer. */
  private record Unnamed(RunSpec named) {
    RunSpec run() {
      OptimizerSpec o = named.optimizer();
      OptimizerSpec without =
          new OptimizerSpec(
              o.learningRate(),
              o.weightDecay(),
              o.beta1(),
              o.beta2(),
              o.epsilon(),
              o.clipNorm(),
              o.layerDecay(),
              null,
              null,
              o.momentum());
      return new RunSpec(
          named.name(),
          named.task(),
          named.model(),
          named.data(),
          named.training(),
          without,
          named.schedule(),
          named.augmentation(),
          named.ema(),
          named.initialize(),
          named.freeze(),
          named.checkpoints(),
          named.earlyStopping(),
          named.export(),
          named.neighbours(),
          named.probe());
    }
  }

  @Test
  void runOfAnEarlierVersionGoesOnWithAdamW() throws IOException {
    RunSpec run = TinyData.run().training(t -> t.epochs(2)).build();
    TrainingResult undisturbed = train("undisturbed", run);
    for (String way : List.of("by its directory", "by a description")) {
      start(way, run, 3);
      Path file = directory(way).resolve("run.yaml");
      String today = Files.readString(file);
      assertThat(today).contains("  name: adamw\n").contains("  momentum: 0.95\n");
      Files.writeString(
          file, today.replace("  name: adamw\n", "").replace("  momentum: 0.95\n", ""));

      RunSpec asRead =
          way.equals("by its directory")
              ? RunDirectory.open(directory(way)).run()
              : new Unnamed(run).run();
      TrainingResult resumed = resume(way, asRead);

      assertSameCheckpoints(resumed, undisturbed);
      assertThat(resumed.run()).isEqualTo(run);
    }
  }

  @Test
  void runOfAnEarlierVersionDoesNotGoOnWithMuon() throws IOException {
    RunSpec run = TinyData.run().training(t -> t.epochs(2)).build();
    start("run", run, 3);
    Path file = directory("run").resolve("run.yaml");
    Files.writeString(file, Files.readString(file).replace("  name: adamw\n", ""));

    assertThatExceptionOfType(InvalidInputException.class)
        .isThrownBy(() -> resume("run", run.toBuilder().optimizer(o -> o.name(Name.MUON)).build()))
        .withMessageContaining("optimizer.name: adamw before, muon now");
  }

  @Test
  void newRunThatNamesNoOptimizerHasTheDefaultAndStatesIt() throws IOException {
    TrainingResult result = train("run", new Unnamed(TinyData.run().build()).run());

    assertThat(result.run().optimizer().name()).isEqualTo(OptimizerSpec.DEFAULT);
    assertThat(Files.readString(directory("run").resolve("run.yaml")))
        .containsPattern("  name: (adamw|muon)\n");
  }

  // ---- It trains ----

  @ParameterizedTest
  @EnumSource(Precision.class)
  void learns(Precision precision) {
    RunSpec run = run().training(t -> t.epochs(12).precision(precision)).build();

    assertThat(train("run", run).testAccuracy()).isGreaterThan(0.95);
  }

  @Test
  void partsOfABatchAreTheBatch() {
    // Balance losses look at every part by itself.
    ModelSpec unbalanced = TinyData.model().toBuilder().routing(2, 0, 0).build();
    RunSpecBuilder run = run().model(unbalanced);
    Map<String, float[]> whole = trainWithoutNoise("whole", run.build());
    Map<String, float[]> parts =
        trainWithoutNoise("parts", run.training(t -> t.microBatch(5)).build());

    whole.forEach(
        (name, values) -> {
          if (!name.endsWith("key/bias")) {
            assertThat(values(parts, name)).as(name).containsExactly(values, within(2e-4f));
          }
        });
  }

  private Map<String, float[]> trainWithoutNoise(String name, RunSpec run) {
    return weights(
        Trainer.of(run).data(IMAGES).directory(directory(name)).withoutGateNoise().train(), "");
  }

  /** The average is the weights after the first step, so it must wait for all that change them. */
  @Test
  void averageIsThatOfTheWeightsThatMuonHasChanged() {
    TrainingResult result = train("run", run().training(t -> t.steps(1)).ema(0.9).build());

    Map<String, float[]> weights = weights(result, "");
    weights(result, ExponentialMovingAverage.SCOPE)
        .forEach((name, values) -> assertThat(values).as(name).isEqualTo(values(weights, name)));
  }

  @Test
  void frozenKernelsStayAndTheOthersLearn() {
    RunSpec run = run().freeze("encoder/block_0", "**/experts").build();
    Map<String, float[]> first = weights(train("first", still(run)), "");
    Map<String, float[]> last = weights(train("last", run), "");

    first.forEach(
        (name, values) -> {
          boolean frozen = name.startsWith("encoder/block_0/") || name.contains("/experts/");
          if (frozen) {
            assertThat(values(last, name)).as(name).isEqualTo(values);
          } else {
            assertThat(values(last, name)).as(name).isNotEqualTo(values);
          }
        });
  }

  /** The run with rates that change nothing. */
  private static RunSpec still(RunSpec run) {
    return run.toBuilder().optimizer(o -> o.learningRate(1e-30).weightDecay(0)).build();
  }

  @Test
  void probeOnAFrozenEncoderIsThatOfAdamW() {
    RunSpec muon = run().freeze("encoder", "patch_embedding").build();
    RunSpec adamw = muon.toBuilder().optimizer(o -> o.name(Name.ADAMW)).build();

    assertSameCheckpoints(train("muon", muon), train("adamw", adamw));
  }

  @Test
  void layerDecayIsThatOfAdamW() {
    // At the first step every matrix moves by its rate, whatever its gradient.
    RunSpec run =
        run().training(t -> t.steps(1)).optimizer(o -> o.weightDecay(0).layerDecay(0.5)).build();
    RunSpec even = run.toBuilder().optimizer(o -> o.layerDecay(1)).build();
    Map<String, float[]> start = weights(train("start", still(even)), "");
    Map<String, float[]> decayed = weights(train("decayed", run), "");
    Map<String, float[]> full = weights(train("full", even), "");

    for (String kernel : List.of("attention/query/kernel", "moe/experts/kernel")) {
      for (int block = 0; block < 2; block++) {
        String name = "encoder/block_" + block + "/" + kernel;
        double ratio =
            distance(values(decayed, name), values(start, name))
                / distance(values(full, name), values(start, name));
        assertThat(ratio).as(name).isEqualTo(Math.pow(0.5, 2 - block), within(1e-3));
      }
    }
  }

  private static double distance(float[] a, float[] b) {
    double squares = 0;
    for (int i = 0; i < a.length; i++) {
      squares += Math.pow(a[i] - b[i], 2);
    }
    return Math.sqrt(squares);
  }

  @Test
  void scheduleActsOnBothRatesAlike() {
    // The first of two steps of a warm-up has half of both rates. Halves are exact.
    RunSpec one =
        run().training(t -> t.steps(1)).schedule(s -> s.decay(ScheduleSpec.Decay.CONSTANT)).build();
    RunSpec warmingUp = one.toBuilder().schedule(s -> s.warmupEpochs(0.5)).build();
    OptimizerSpec whole = warmingUp.optimizer();
    RunSpec halved =
        one.toBuilder()
            .schedule(s -> s.warmupEpochs(0))
            .optimizer(
                o ->
                    o.learningRate(whole.learningRate() / 2).muonLearningRate(whole.muonRate() / 2))
            .build();

    Map<String, float[]> warm = weights(train("warm", warmingUp), "");
    weights(train("halved", halved), "")
        .forEach((name, values) -> assertThat(values(warm, name)).as(name).isEqualTo(values));
  }

  @Test
  void autoencoderLearnsWithItsDecoder() {
    RunSpec run =
        run()
            .task(RunSpec.Task.RECONSTRUCT)
            .model(
                ModelSpec.builder("tiny-autoencoder")
                    .image(8, 8, 1)
                    .patch(2)
                    .embedding(12)
                    .attention(2, 1)
                    .stage(1, 2)
                    .hidden(8, 8)
                    .mask(0.5)
                    .decoder(1, 8, 6, 2, 2, 1)
                    .build())
            .training(t -> t.epochs(8))
            .build();
    TrainingResult result = train("run", run);

    List<TrainingListener.Epoch> epochs = RunDirectory.open(directory("run")).epochs();
    assertThat(result.testLoss()).isLessThan(0.9 * epochs.get(0).testLoss());
  }

  @Test
  void runThatDivergesSaysWhere() {
    RunSpec run =
        run()
            .training(t -> t.epochs(50))
            .optimizer(o -> o.learningRate(1).muonLearningRate(1000).weightDecay(1000).clipNorm(0))
            .schedule(s -> s.finalFactor(1))
            .build();

    assertThatExceptionOfType(DivergedException.class)
        .isThrownBy(() -> train("run", run))
        .withMessageContaining("the first that was not finite: ")
        .withMessageContaining("encoder/block_");
  }

  // ---- It is said ----

  @Test
  void reportAndCardSayIt() throws IOException {
    TrainingResult result = train("run", run().optimizer(o -> o.muonLearningRate(0.02)).build());

    assertThat(Files.readString(directory("run").resolve("report.html")))
        .contains("name: muon")
        .contains("Muon")
        .contains("AdamW");
    ModelCard.Measured measured =
        new ModelCard.Measured("tiny", 50, 0, 30, Double.NaN, Double.NaN, 1, 0, false);
    assertThat(ModelCard.trained(result.run(), measured, 4, "", List.of(), Double.NaN).facts())
        .containsEntry(
            "optimizer",
            "Muon, learning rate up to 0.02, for the kernels inside the blocks; AdamW, learning"
                + " rate up to 0.005, for the rest");
  }
}
