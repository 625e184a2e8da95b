package dev.mlit.spec;

import static dev.mlit.spec.SpecAssertions.assertRefused;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import dev.mlit.spec.AugmentationSpec.ColorJitter;
import dev.mlit.spec.AugmentationSpec.Fill;
import dev.mlit.spec.AugmentationSpec.PaddedCrop;
import dev.mlit.spec.AugmentationSpec.RandAugment;
import dev.mlit.spec.AugmentationSpec.RandomErasing;
import dev.mlit.spec.AugmentationSpec.ResizedCrop;
import dev.mlit.spec.AugmentationSpec.TrivialAugmentWide;
import dev.mlit.spec.OptimizerSpec.Name;
import dev.mlit.spec.RunSpec.Data;
import dev.mlit.spec.RunSpec.Ema;
import dev.mlit.spec.RunSpec.Initialize;
import dev.mlit.spec.RunSpec.NamedDataset;
import dev.mlit.spec.RunSpec.Task;
import dev.mlit.spec.ScheduleSpec.Decay;
import dev.mlit.spec.TrainingSpec.Recompute;
import dev.mlit.spec.TrainingSpec.Sampling;
import java.util.ArrayList;
import java.util.List;
import java.util.function.BiConsumer;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * If this fails, a user pays for a run that diverges or never ends because a number was mistyped,
 * or trains by another recipe than the one that was described.
 */
class RunSpecTest {
  private static RunSpecBuilder run() {
    RunSpec run = RunSpec.builder("run").model(Presets.mlitXxs()).data("fashion-small").build();
    return run.toBuilder();
  }

  // ---- Ranges of single numbers ----

  /** Every number of a run with its range, in runs that are valid but for this number. */
  static Stream<NumberRange> ranges() {
    return Stream.of(
        NumberRange.real(
                "data.label-fraction", 0, 1, x -> run().data("mine").labelFraction(x)::build)
            .withoutLowest(),
        NumberRange.real(
                "data.validation-fraction",
                0,
                1,
                x -> run().data("mine").validationFraction(x)::build)
            .withoutHighest(),
        NumberRange.whole(
            "training.test-every", 1, 100_000, n -> run().training(t -> t.testEvery(n))::build),
        NumberRange.real("data.test-fraction", 0, 1, x -> run().data("mine", "there", x)::build)
            .withoutLowest()
            .withoutHighest(),
        NumberRange.whole(
            "training.epochs", 1, 100_000, n -> run().training(t -> t.epochs(n))::build),
        NumberRange.whole("training.batch", 1, 65_536, n -> run().training(t -> t.batch(n))::build),
        NumberRange.whole(
            "training.steps", 1, 2_000_000_000, n -> run().training(t -> t.steps(n))::build),
        NumberRange.whole(
            "training.threads", 0, 1024, n -> run().training(t -> t.threads(n))::build),
        NumberRange.whole(
            "training.worker-timeout",
            5,
            86_400,
            n -> run().training(t -> t.workerTimeout(n))::build),
        NumberRange.real(
                "optimizer.learning-rate",
                0,
                1000,
                x -> run().optimizer(o -> o.learningRate(x))::build)
            .withoutLowest(),
        NumberRange.real(
            "optimizer.weight-decay", 0, 1000, x -> run().optimizer(o -> o.weightDecay(x))::build),
        NumberRange.real("optimizer.beta1", 0, 1, x -> run().optimizer(o -> o.betas(x, 0.9))::build)
            .withoutHighest(),
        NumberRange.real("optimizer.beta2", 0, 1, x -> run().optimizer(o -> o.betas(0.9, x))::build)
            .withoutHighest(),
        NumberRange.real("optimizer.epsilon", 0, 1, x -> run().optimizer(o -> o.epsilon(x))::build)
            .withoutLowest(),
        NumberRange.real(
            "optimizer.clip-norm", 0, 1_000_000, x -> run().optimizer(o -> o.clipNorm(x))::build),
        NumberRange.real(
            "schedule.warmup-epochs",
            0,
            100_000,
            x -> run().training(t -> t.epochs(100_000)).schedule(s -> s.warmupEpochs(x))::build),
        NumberRange.real(
            "schedule.final-factor", 0, 1, x -> run().schedule(s -> s.finalFactor(x))::build),
        NumberRange.real(
            "checkpoints.every-minutes",
            0,
            100_000,
            x -> run().checkpoints(c -> c.everyMinutes(x))::build),
        NumberRange.whole(
            "checkpoints.every-steps",
            1,
            2_000_000_000,
            n -> run().checkpoints(c -> c.everySteps(n))::build),
        NumberRange.whole(
            "early-stopping.patience",
            1,
            100_000,
            n -> run().earlyStopping(e -> e.patience(n))::build),
        NumberRange.real(
            "early-stopping.min-delta",
            0,
            1_000_000,
            x -> run().earlyStopping(e -> e.minDelta(x))::build),
        NumberRange.whole(
            "training.micro-batch",
            1,
            65_536,
            n -> run().training(t -> t.batch(65_536).microBatch(n))::build),
        NumberRange.real(
                "training.label-smoothing",
                0,
                1,
                x -> run().training(t -> t.labelSmoothing(x))::build)
            .withoutHighest(),
        NumberRange.real("training.dropout", 0, 1, x -> run().training(t -> t.dropout(x))::build)
            .withoutHighest(),
        NumberRange.real("training.drop-path", 0, 1, x -> run().training(t -> t.dropPath(x))::build)
            .withoutHighest(),
        NumberRange.real(
                "training.patch-dropout", 0, 1, x -> run().training(t -> t.patchDropout(x))::build)
            .withoutHighest(),
        NumberRange.real(
                "optimizer.layer-decay", 0, 1, x -> run().optimizer(o -> o.layerDecay(x))::build)
            .withoutLowest(),
        NumberRange.real(
                "optimizer.muon-learning-rate",
                0,
                1000,
                x -> run().optimizer(o -> o.name(Name.MUON).muonLearningRate(x))::build)
            .withoutLowest(),
        NumberRange.real(
                "optimizer.momentum",
                0,
                1,
                x -> run().optimizer(o -> o.name(Name.MUON).momentum(x))::build)
            .withoutHighest(),
        NumberRange.real("ema.decay", 0, 1, x -> run().ema(x)::build)
            .withoutLowest()
            .withoutHighest(),
        NumberRange.real(
                "data.datasets[0].test-fraction",
                0,
                1,
                x -> together(new NamedDataset("mine", null, x))::build)
            .withoutLowest()
            .withoutHighest(),
        NumberRange.whole(
            "neighbours.every", 1, 100_000, n -> run().neighbours(s -> s.every(n))::build),
        NumberRange.whole("neighbours.k", 1, 100_000, n -> run().neighbours(s -> s.k(n))::build),
        NumberRange.whole(
            "neighbours.images", 1, 1_000_000, n -> run().neighbours(s -> s.images(n))::build),
        NumberRange.real("probe.l2", 0, 1e9, x -> run().probe(p -> p.l2(x))::build),
        NumberRange.whole(
            "probe.k",
            1,
            100_000,
            n -> run().probe(p -> p.kind(ProbeSpec.Kind.NEAREST_NEIGHBOURS).k(n))::build));
  }

  private static RunSpecBuilder together(NamedDataset... datasets) {
    return RunSpec.builder("run")
        .task(Task.RECONSTRUCT)
        .model(Presets.mmlitXxs())
        .datasets(datasets);
  }

  /** Those of augmentation. */
  static Stream<NumberRange> augmentationRanges() {
    return Stream.of(
        augmentation("random-resized-crop.scale[0]", 0, 1, (a, x) -> a.randomResizedCrop(x, 1))
            .withoutLowest(),
        augmentation(
            "random-resized-crop.ratio[0]", 0.01, 100, (a, x) -> a.randomResizedCrop(1, 1, x, 100)),
        NumberRange.whole(
            "augmentation.random-crop.padding",
            1,
            4096,
            n -> run().augmentation(a -> a.randomCrop(n))::build),
        augmentation("rotation", 0, 180, AugmentationSpecBuilder::rotation),
        augmentation("translation", 0, 1, AugmentationSpecBuilder::translation),
        augmentation("color-jitter.brightness", 0, 1, (a, x) -> a.colorJitter(x, 0, 0, 0)),
        augmentation("color-jitter.contrast", 0, 1, (a, x) -> a.colorJitter(0, x, 0, 0)),
        augmentation("color-jitter.saturation", 0, 1, (a, x) -> a.colorJitter(0, 0, x, 0)),
        augmentation("color-jitter.hue", 0, 0.5, (a, x) -> a.colorJitter(0, 0, 0, x)),
        augmentation("random-erasing.probability", 0, 1, AugmentationSpecBuilder::randomErasing),
        augmentation("random-erasing.area[0]", 0, 1, (a, x) -> a.randomErasing(1, x, 1))
            .withoutLowest(),
        augmentation(
            "random-erasing.ratio[0]", 0.01, 100, (a, x) -> a.randomErasing(1, 1, 1, x, 100)),
        augmentation("mixup", 0, 1000, AugmentationSpecBuilder::mixup),
        augmentation("cutmix", 0, 1000, AugmentationSpecBuilder::cutmix),
        augmentation("mix-probability", 0, 1, AugmentationSpecBuilder::mixProbability),
        operations("rand-augment.num-ops", 1, 14, (a, n) -> a.randAugment(n, 9)),
        operations("rand-augment.magnitude", 0, 999, (a, n) -> a.randAugment(2, n, 1000)),
        operations("rand-augment.num-magnitude-bins", 2, 1000, (a, n) -> a.randAugment(2, 1, n)),
        operations(
            "trivial-augment-wide.num-magnitude-bins",
            2,
            1000,
            AugmentationSpecBuilder::trivialAugmentWide));
  }

  private static NumberRange operations(
      String field, int lowest, int highest, BiConsumer<AugmentationSpecBuilder, Integer> setting) {
    return NumberRange.whole(
        "augmentation." + field,
        lowest,
        highest,
        n -> run().augmentation(a -> setting.accept(a, n))::build);
  }

  private static NumberRange augmentation(
      String field,
      double lowest,
      double highest,
      BiConsumer<AugmentationSpecBuilder, Double> setting) {
    return NumberRange.real(
        "augmentation." + field,
        lowest,
        highest,
        x -> run().augmentation(a -> setting.accept(a, x))::build);
  }

  @ParameterizedTest
  @MethodSource({"ranges", "augmentationRanges"})
  void acceptsTheLowestNumberOfARange(NumberRange range) {
    assertThatCode(range::lowest).doesNotThrowAnyException();
  }

  @ParameterizedTest
  @MethodSource({"ranges", "augmentationRanges"})
  void acceptsTheHighestNumberOfARange(NumberRange range) {
    assertThatCode(range::highest).doesNotThrowAnyException();
  }

  @ParameterizedTest
  @MethodSource({"ranges", "augmentationRanges"})
  void refusesTheNumberBelowARange(NumberRange range) {
    assertRefused(range::below, range.messageBelow());
  }

  @ParameterizedTest
  @MethodSource({"ranges", "augmentationRanges"})
  void refusesTheNumberAboveARange(NumberRange range) {
    assertRefused(range::above, range.messageAbove());
  }

  @Test
  void everyNumberHasItsRangeInThisTest() {
    assertThat(Stream.concat(ranges(), augmentationRanges()).map(NumberRange::field))
        .containsExactlyInAnyOrderElementsOf(NumberRange.fieldsWithRange(RunSpec.class));
  }

  @ParameterizedTest
  @ValueSource(longs = {Long.MIN_VALUE, -1, 0, Long.MAX_VALUE})
  void acceptsEverySeed(long seed) {
    assertThat(run().training(t -> t.seed(seed)).build().training().seed()).isEqualTo(seed);
  }

  // ---- Rules between fields, and texts ----

  @Test
  void refusesAWarmupLongerThanTheRun() {
    assertRefused(
        run().training(t -> t.epochs(3)).schedule(s -> s.warmupEpochs(3.5))::build,
        "schedule.warmup-epochs: 3.5 must be at most training.epochs 3");
  }

  @Test
  void acceptsAWarmupAsLongAsTheRun() {
    RunSpec run = run().training(t -> t.epochs(3)).schedule(s -> s.warmupEpochs(3)).build();
    assertThat(run.schedule().warmupEpochs()).isEqualTo(run.training().epochs());
  }

  @Test
  void refusesAMicroBatchLargerThanTheBatch() {
    assertRefused(
        run().training(t -> t.batch(64).microBatch(65))::build,
        "training.micro-batch: 65 must be at most training.batch 64");
  }

  @Test
  void acceptsAMicroBatchOfTheWholeBatch() {
    RunSpec run = run().training(t -> t.batch(64).microBatch(64)).build();
    assertThat(run.training().microBatch()).isEqualTo(64);
  }

  @Test
  void refusesAFinalFactorOfAConstantRate() {
    assertRefused(
        run().schedule(s -> s.decay(Decay.CONSTANT).finalFactor(0.1))::build,
        "schedule.final-factor: 0.1 must be left out where schedule.decay is constant");
  }

  @Test
  void refusesSettingsOfMuonWithoutMuon() {
    assertRefused(
        run().optimizer(o -> o.name(Name.ADAMW).muonLearningRate(4e-3).momentum(0.9))::build,
        "optimizer.muon-learning-rate: 0.004 must be left out where optimizer.name is not muon",
        "optimizer.momentum: 0.9 must be left out where optimizer.name is not muon");
  }

  /** Else a run directory could not be read again, and its name would be obeyed by a terminal. */
  @Test
  void textsHaveNoControlCharacters() {
    assertRefused(
        run().data("a\u001b[2Jb").freeze("encoder", "a\nb")::build,
        "data.dataset: a?[2Jb must be one line of text without control characters",
        "freeze[1]: a?b must be one line of text without control characters");
  }

  @Test
  void rateOfMuonIsFourTimesThatOfAdamWUnlessGiven() {
    assertThat(run().optimizer(o -> o.learningRate(3e-3)).build().optimizer().muonRate())
        .isEqualTo(12e-3);
    assertThat(
            run()
                .optimizer(o -> o.name(Name.MUON).learningRate(3e-3).muonLearningRate(5e-3))
                .build()
                .optimizer()
                .muonRate())
        .isEqualTo(5e-3);
  }

  @Test
  void namesTheOptimizerOfARunThatNamesNone() {
    RunSpec unnamed = run().build();
    assertThat(unnamed.optimizer().name()).isNull();
    for (Name name : Name.values()) {
      RunSpec named = run().optimizer(o -> o.name(name)).build();
      assertThat(unnamed.withOptimizer(name)).isEqualTo(named);
      assertThat(named.withOptimizer(Name.ADAMW)).isSameAs(named);
      assertThat(named.withOptimizer(Name.MUON)).isSameAs(named);
    }
  }

  @Test
  void refusesColoursOfGrayImages() {
    ModelSpec gray = Presets.mlitXxs().toBuilder().image(36, 36, 1).build();
    assertRefused(
        run().model(gray).augmentation(a -> a.colorJitter(0.4, 0.4, 0.3, 0.1))::build,
        "augmentation.color-jitter.saturation: 0.3 must be left out where model.image.channels is 1",
        "augmentation.color-jitter.hue: 0.1 must be left out where model.image.channels is 1");
  }

  @Test
  void refusesRandAugmentTogetherWithTrivialAugment() {
    assertRefused(
        run().augmentation(a -> a.randAugment(2, 9).trivialAugmentWide())::build,
        "augmentation.rand-augment: must be left out where there is"
            + " augmentation.trivial-augment-wide, which draws from the same operations");
  }

  @Test
  void refusesAMagnitudeThatIsNoneOfTheBins() {
    assertRefused(
        run().augmentation(a -> a.randAugment(2, 31))::build,
        "augmentation.rand-augment.magnitude: 31 must be below"
            + " augmentation.rand-augment.num-magnitude-bins 31");
  }

  @Test
  void acceptsTheLastMagnitudeOfTheBins() {
    assertThatCode(run().augmentation(a -> a.randAugment(2, 30))::build).doesNotThrowAnyException();
  }

  @Test
  void refusesQuarterTurnsOfImagesThatAreNotSquare() {
    ModelSpec wide = Presets.mlitXxs().toBuilder().image(36, 39, 3).build();
    assertRefused(
        run().model(wide).augmentation(a -> a.quarterTurns(true))::build,
        "augmentation.quarter-turns: true must be left out where images are not square:"
            + " model.image.height is 36, model.image.width 39");
  }

  @Test
  void acceptsVerticalFlipsOfImagesThatAreNotSquare() {
    ModelSpec wide = Presets.mlitXxs().toBuilder().image(36, 39, 3).build();
    assertThatCode(run().model(wide).augmentation(a -> a.verticalFlip(true))::build)
        .doesNotThrowAnyException();
  }

  @Test
  void acceptsBrightnessAndContrastOfGrayImages() {
    ModelSpec gray = Presets.mlitXxs().toBuilder().image(36, 36, 1).build();
    assertThatCode(run().model(gray).augmentation(a -> a.colorJitter(0.4, 0.4, 0, 0))::build)
        .doesNotThrowAnyException();
  }

  @Test
  void refusesAnIntervalThatEndsBeforeItBegins() {
    assertRefused(
        run().augmentation(a -> a.randomResizedCrop(0.5, 0.25).randomErasing(1, 0.4, 0.3))::build,
        "augmentation.random-resized-crop.scale: [0.5, 0.25] must be two numbers, the lower first",
        "augmentation.random-erasing.area: [0.4, 0.3] must be two numbers, the lower first");
  }

  @Test
  void refusesANameThatIsNoDirectory() {
    assertRefused(
        run().name("../run")::build,
        "name: \"../run\" must be 1 to 100 letters, digits, '.', '_' or '-', the first a letter or"
            + " a digit");
  }

  @Test
  void refusesEmptyTexts() {
    assertRefused(
        run().data("", " ").initialize("").freeze("head", "").export("")::build,
        "data.dataset: \"\" must not be empty",
        "data.directory: \" \" must not be empty",
        "initialize.from: \"\" must not be empty",
        "freeze[1]: \"\" must not be empty",
        "export: \"\" must not be empty");
  }

  @Test
  void namesEveryMissingFieldAtOnce() {
    assertRefused(
        RunSpec.builder("empty")::build,
        "model: is required (a path relative to this file, a preset's name, or the model's fields)",
        "data: is required (the images)");
  }

  @Test
  void reportsAllProblemsAtOnce() {
    assertRefused(
        run().name("").training(t -> t.epochs(0).batch(0)).optimizer(o -> o.betas(1, -1))::build,
        "name: \"\" must be 1 to 100 letters, digits, '.', '_' or '-', the first a letter or a"
            + " digit",
        "training.epochs: 0 must be at least 1 and at most 100000",
        "training.batch: 0 must be at least 1 and at most 65536",
        "optimizer.beta1: 1 must be at least 0 and below 1",
        "optimizer.beta2: -1 must be at least 0 and below 1");
  }

  // ---- Data by itself ----

  @Test
  void dataCanBeDescribedWithoutARun() {
    assertThat(Data.of("eurosat"))
        .isEqualTo(new Data("eurosat", null, 0.2, 1, 0, List.of(), List.of()));
    assertThat(
            Data.of("eurosat", "there")
                .testFraction(0.1)
                .labelFraction(0.5)
                .validationFraction(0.25))
        .isEqualTo(new Data("eurosat", "there", 0.1, 0.5, 0.25, List.of(), List.of()));
    assertThat(Data.of(NamedDataset.of("cifar10"), NamedDataset.of("cifar100")))
        .isEqualTo(
            new Data(
                null,
                null,
                0.2,
                1,
                0,
                List.of(NamedDataset.of("cifar10"), NamedDataset.of("cifar100")),
                List.of()));
  }

  // ---- Several datasets ----

  @Test
  void severalDatasetsAreOnesOwnToPreTrain() {
    RunSpec run =
        together(NamedDataset.of("cifar10"), NamedDataset.of("image-folder", "a.zip")).build();
    assertThat(run.data().dataset()).isNull();
    assertThat(run.data())
        .isEqualTo(
            new Data(
                null,
                null,
                0.2,
                1,
                0,
                List.of(
                    new NamedDataset("cifar10", null, null),
                    new NamedDataset("image-folder", "a.zip", null)),
                List.of()));
    assertThat(run.toBuilder().labelFraction(0.5).build().data().datasets())
        .isEqualTo(run.data().datasets());
  }

  @Test
  void refusesSeveralDatasetsToTellClassesApart() {
    assertRefused(
        run().datasets(NamedDataset.of("cifar10"), NamedDataset.of("cifar100"))::build,
        "data.datasets: must be left out where task is classify, which needs the classes of one"
            + " dataset; only the pixels of several are used together, to pre-train with task:"
            + " reconstruct");
  }

  @Test
  void refusesNeitherOneNorSeveralDatasets() {
    assertRefused(
        together()::build,
        "data.dataset: is required (name of a dataset, such as fashion-small), or data.datasets for"
            + " several");
  }

  @Test
  void refusesOneAndSeveralDatasets() {
    assertRefused(
        () ->
            dataOf(
                new Data(
                    "mine", "there", 0.2, 1, 0, List.of(NamedDataset.of("cifar100")), List.of())),
        "data.datasets: must be left out where there is data.dataset mine",
        "data.directory: there must be left out where there are data.datasets, each of which may"
            + " have its own");
  }

  private static RunSpec dataOf(Data data) {
    RunSpec run = together(NamedDataset.of("cifar10")).build();
    return new RunSpec(
        run.name(),
        run.task(),
        run.model(),
        data,
        run.training(),
        run.optimizer(),
        run.schedule(),
        run.augmentation(),
        run.ema(),
        run.initialize(),
        run.freeze(),
        run.checkpoints(),
        run.earlyStopping(),
        run.export(),
        run.neighbours(),
        run.probe());
  }

  @Test
  void refusesTheSameDatasetTwice() {
    assertRefused(
        together(NamedDataset.of("cifar10"), NamedDataset.of("cifar10"))::build,
        "data.datasets: must differ from each other");
  }

  @Test
  void refusesAnEmptyNameOfOneOfSeveralDatasets() {
    assertRefused(
        together(NamedDataset.of("cifar10"), NamedDataset.of("", ""))::build,
        "data.datasets[1].dataset: \"\" must not be empty",
        "data.datasets[1].directory: \"\" must not be empty");
  }

  // ---- Probes and neighbours ----

  @Test
  void refusesWhatOnlyStepsUseWithAProbe() {
    assertRefused(
        everyFieldSet().toBuilder().probe(p -> {})::build,
        "freeze: must be left out where there is a probe, which trains nothing but a head",
        "ema: must be left out where there is a probe, which trains no steps",
        "early-stopping: must be left out where there is a probe, which trains no steps",
        "training.label-smoothing: must be left out where there is a probe, which trains no steps",
        "training.dropout: must be left out where there is a probe, which trains no steps",
        "training.drop-path: must be left out where there is a probe, which trains no steps",
        "augmentation: must be left out where there is a probe, which looks at images as they are");
  }

  @Test
  void acceptsAProbeOfARunWithoutThem() {
    RunSpec run =
        run().initialize("runs/pretrained").probe(p -> p.l2(0.1)).neighbours(n -> {}).build();
    assertThat(run.probe()).isEqualTo(new ProbeSpec(ProbeSpec.Kind.LOGISTIC_REGRESSION, 0.1, 20));
    assertThat(run.neighbours()).isEqualTo(new NeighboursSpec(1, 20, 5000, null, null));
    assertThat(run.toBuilder().build()).isEqualTo(run);
  }

  @Test
  void refusesAProbeThatReconstructs() {
    assertRefused(
        together(NamedDataset.of("cifar10")).probe(p -> {})::build,
        "probe: must be left out where task is reconstruct");
  }

  @Test
  void refusesSettingsOfTheOtherKindOfProbe() {
    assertRefused(
        run().probe(p -> p.k(5))::build,
        "probe.k: 5 must be left out where probe.kind is logistic-regression");
    assertRefused(
        run().probe(p -> p.kind(ProbeSpec.Kind.NEAREST_NEIGHBOURS).l2(0.5))::build,
        "probe.l2: 0.5 must be left out where probe.kind is nearest-neighbours");
  }

  @Test
  void refusesADirectoryOfNeighboursWithoutTheirDataset() {
    RunSpec run = run().build();
    assertRefused(
        () ->
            new RunSpec(
                run.name(),
                run.task(),
                run.model(),
                run.data(),
                run.training(),
                run.optimizer(),
                run.schedule(),
                run.augmentation(),
                run.ema(),
                run.initialize(),
                run.freeze(),
                run.checkpoints(),
                run.earlyStopping(),
                run.export(),
                new NeighboursSpec(1, 20, 5000, null, "there"),
                null),
        "neighbours.directory: must be left out where there is no neighbours.dataset");
  }

  // ---- The builder ----

  @Test
  void builderReadsAsInItsDocumentation() {
    ModelSpec model = Presets.mlitXxs();
    RunSpec run =
        RunSpec.builder("quickstart")
            .model(model)
            .data("fashion-small")
            .training(t -> t.epochs(6).batch(64).seed(1))
            .optimizer(o -> o.learningRate(1e-3).weightDecay(0.05))
            .augmentation(a -> a.flip(true))
            .export("savedmodels/quickstart")
            .build();
    assertThat(run)
        .isEqualTo(
            new RunSpec(
                "quickstart",
                Task.CLASSIFY,
                model,
                data("fashion-small", null),
                training(6, 64, 1, null, 0),
                new OptimizerSpec(1e-3, 0.05, 0.9, 0.999, 1e-8, 1, 1, null, null, 0.95),
                new ScheduleSpec(1, Decay.COSINE, 0),
                augmentation(true),
                null,
                null,
                List.of(),
                new CheckpointsSpec(5, null),
                null,
                "savedmodels/quickstart",
                null,
                null));
  }

  @Test
  void leavesEverythingElseAtItsDefault() {
    assertThat(run().build())
        .isEqualTo(
            new RunSpec(
                "run",
                Task.CLASSIFY,
                Presets.mlitXxs(),
                data("fashion-small", null),
                training(10, 64, 1, null, 0),
                new OptimizerSpec(1e-3, 0.05, 0.9, 0.999, 1e-8, 1, 1, null, null, 0.95),
                new ScheduleSpec(1, Decay.COSINE, 0),
                augmentation(false),
                null,
                null,
                List.of(),
                new CheckpointsSpec(5, null),
                null,
                null,
                null,
                null));
  }

  /** What can be left out, at its default. */
  private static Data data(String dataset, @Nullable String directory) {
    return new Data(dataset, directory, 0.2, 1, 0, List.of(), List.of());
  }

  private static TrainingSpec training(
      int epochs, int batch, long seed, @Nullable Integer steps, int threads) {
    return new TrainingSpec(
        epochs,
        batch,
        null,
        seed,
        steps,
        1,
        threads,
        0,
        0,
        0,
        Precision.FLOAT32,
        60,
        0,
        Sampling.SHUFFLED,
        Recompute.AUTO);
  }

  private static AugmentationSpec augmentation(boolean flip) {
    ColorJitter none = new ColorJitter(0, 0, 0, 0);
    return new AugmentationSpec(
        flip, null, null, 0, 0, Fill.BLACK, none, null, 0, 0, 1, false, false, null, null);
  }

  private static RunSpec everyFieldSet() {
    return RunSpec.builder("all")
        .task(Task.CLASSIFY)
        .model(Presets.mlitS())
        .data("fashion-mnist", "elsewhere")
        .training(
            t ->
                t.epochs(7)
                    .batch(8)
                    .microBatch(4)
                    .seed(9)
                    .steps(11)
                    .testEvery(2)
                    .threads(3)
                    .labelSmoothing(0.12)
                    .dropout(0.13)
                    .dropPath(0.14)
                    .precision(Precision.BFLOAT16)
                    .workerTimeout(15)
                    .patchDropout(0.16)
                    .sampling(Sampling.BALANCED)
                    .recompute(Recompute.NEVER))
        .optimizer(
            o ->
                o.learningRate(0.1)
                    .weightDecay(0.2)
                    .betas(0.3, 0.4)
                    .epsilon(0.5)
                    .clipNorm(6)
                    .layerDecay(0.7)
                    .name(Name.MUON)
                    .muonLearningRate(0.8)
                    .momentum(0.9))
        .schedule(s -> s.warmupEpochs(0.5).decay(Decay.LINEAR).finalFactor(0.25))
        .augmentation(
            a ->
                a.flip(true)
                    .randomResizedCrop(0.1, 0.2, 0.3, 0.4)
                    .randomCrop(5)
                    .rotation(6)
                    .translation(0.7)
                    .fill(Fill.REFLECT)
                    .colorJitter(0.8, 0.9, 0.11, 0.12)
                    .randomErasing(0.13, 0.14, 0.15, 0.16, 0.17)
                    .mixup(0.18)
                    .cutmix(0.19)
                    .mixProbability(0.21)
                    .verticalFlip(true)
                    .quarterTurns(true)
                    .randAugment(3, 22, 23))
        .ema(0.99)
        .initialize("runs/pretrained")
        .freeze("patch_embedding", "encoder")
        .checkpoints(c -> c.everyMinutes(12).everySteps(13))
        .earlyStopping(e -> e.patience(14).minDelta(0.15).metric(EarlyStopping.Metric.TEST_LOSS))
        .export("savedmodels/all")
        .build();
  }

  @Test
  void everySetterSetsItsOwnField() {
    assertThat(everyFieldSet())
        .isEqualTo(
            new RunSpec(
                "all",
                Task.CLASSIFY,
                Presets.mlitS(),
                data("fashion-mnist", "elsewhere"),
                new TrainingSpec(
                    7,
                    8,
                    4,
                    9,
                    11,
                    2,
                    3,
                    0.12,
                    0.13,
                    0.14,
                    Precision.BFLOAT16,
                    15,
                    0.16,
                    Sampling.BALANCED,
                    Recompute.NEVER),
                new OptimizerSpec(0.1, 0.2, 0.3, 0.4, 0.5, 6, 0.7, Name.MUON, 0.8, 0.9),
                new ScheduleSpec(0.5, Decay.LINEAR, 0.25),
                new AugmentationSpec(
                    true,
                    new ResizedCrop(List.of(0.1, 0.2), List.of(0.3, 0.4)),
                    new PaddedCrop(5),
                    6,
                    0.7,
                    Fill.REFLECT,
                    new ColorJitter(0.8, 0.9, 0.11, 0.12),
                    new RandomErasing(0.13, List.of(0.14, 0.15), List.of(0.16, 0.17)),
                    0.18,
                    0.19,
                    0.21,
                    true,
                    true,
                    new RandAugment(3, 22, 23),
                    null),
                new Ema(0.99),
                new Initialize("runs/pretrained", true),
                List.of("patch_embedding", "encoder"),
                new CheckpointsSpec(12, 13),
                new EarlyStopping(14, 0.15, EarlyStopping.Metric.TEST_LOSS),
                "savedmodels/all",
                null,
                null));
  }

  @Test
  void partsOfAnAugmentationThatAreNotGivenAreAtTheirDefaults() {
    AugmentationSpec spec =
        run()
            .augmentation(a -> a.randomResizedCrop(0.5, 1).randomErasing(0.4))
            .build()
            .augmentation();
    assertThat(spec.randomResizedCrop())
        .isEqualTo(new ResizedCrop(List.of(0.5, 1.0), List.of(0.75, 1.3333)));
    assertThat(spec.randomErasing())
        .isEqualTo(new RandomErasing(0.4, List.of(0.02, 0.3333), List.of(0.3, 3.3333)));
    assertThat(run().augmentation(a -> a.randomErasing(0.4, 0.1, 0.2)).build().augmentation())
        .extracting(AugmentationSpec::randomErasing)
        .isEqualTo(new RandomErasing(0.4, List.of(0.1, 0.2), List.of(0.3, 3.3333)));
    assertThat(run().augmentation(a -> a.randAugment(3, 7)).build().augmentation().randAugment())
        .isEqualTo(new RandAugment(3, 7, 31));
    AugmentationSpec trivial =
        run().augmentation(a -> a.trivialAugmentWide()).build().augmentation();
    assertThat(trivial.trivialAugmentWide()).isEqualTo(new TrivialAugmentWide(31));
    assertThat(run().augmentation(a -> a.trivialAugmentWide(10)).build().augmentation())
        .extracting(AugmentationSpec::trivialAugmentWide)
        .isEqualTo(new TrivialAugmentWide(10));
  }

  @Test
  void everyAugmentationChangesSomething() {
    assertThat(run().build().augmentation().changesAnything()).isFalse();
    List<Consumer<AugmentationSpecBuilder>> all =
        List.of(
            a -> a.flip(true),
            a -> a.verticalFlip(true),
            a -> a.quarterTurns(true),
            a -> a.randAugment(1, 0),
            a -> a.trivialAugmentWide(),
            a -> a.randomErasing(0.1));
    for (Consumer<AugmentationSpecBuilder> one : all) {
      assertThat(run().augmentation(one).build().augmentation().changesAnything()).isTrue();
    }
  }

  @Test
  void toBuilderKeepsEveryField() {
    assertThat(everyFieldSet().toBuilder().build()).isEqualTo(everyFieldSet());
  }

  @Test
  void toBuilderChangesOneFieldOfAGroup() {
    RunSpec longer = everyFieldSet().toBuilder().training(t -> t.epochs(70)).build();
    assertThat(longer.training())
        .isEqualTo(
            new TrainingSpec(
                70,
                8,
                4,
                9,
                11,
                2,
                3,
                0.12,
                0.13,
                0.14,
                Precision.BFLOAT16,
                15,
                0.16,
                Sampling.BALANCED,
                Recompute.NEVER));
  }

  @Test
  void settingsOfAGroupAddUp() {
    RunSpec run = run().training(t -> t.epochs(2)).training(t -> t.batch(3)).build();
    assertThat(run.training()).isEqualTo(training(2, 3, 1, null, 0));
  }

  @Test
  void aRunStaysAsItIsWhenItsBuilderGoesOn() {
    RunSpecBuilder builder = run();
    RunSpec first = builder.build();
    RunSpec second = builder.training(t -> t.epochs(99)).freeze("head").build();
    assertThat(first).isEqualTo(run().build());
    assertThat(second).isNotEqualTo(first);
  }

  @Test
  void frozenVariablesStayAsGivenToTheBuilder() {
    String[] patterns = {"head"};
    RunSpecBuilder builder = run().freeze(patterns);
    patterns[0] = "encoder";
    assertThat(builder.build().freeze()).containsExactly("head");
  }

  @Test
  void frozenVariablesStayAsGivenToTheConstructor() {
    RunSpec run = run().build();
    List<String> patterns = new ArrayList<>(List.of("head"));
    RunSpec frozen =
        new RunSpec(
            run.name(),
            run.task(),
            run.model(),
            run.data(),
            run.training(),
            run.optimizer(),
            run.schedule(),
            run.augmentation(),
            run.ema(),
            run.initialize(),
            patterns,
            run.checkpoints(),
            run.earlyStopping(),
            run.export(),
            run.neighbours(),
            run.probe());
    patterns.add("encoder");
    assertThat(frozen.freeze()).containsExactly("head");
  }

  @Test
  void frozenVariablesCannotBeChanged() {
    List<String> frozen = everyFieldSet().freeze();
    assertThatExceptionOfType(UnsupportedOperationException.class)
        .isThrownBy(() -> frozen.set(0, "head"));
  }
}
