package dev.mlit.spec;

import dev.mlit.spec.AugmentationSpec.ColorJitter;
import dev.mlit.spec.AugmentationSpec.RandAugment;
import dev.mlit.spec.RunSpec.Task;
import dev.mlit.spec.ScheduleSpec.Decay;
import dev.mlit.spec.text.HomePath;
import dev.mlit.spec.text.NumberRule;
import java.util.HashSet;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** The rules between the fields of a run. */
final class RunRules {
  private static final String STEPS = "which trains no steps";

  private RunRules() {}

  static void check(RunSpec run) {
    Rules rules = Rules.of(run);
    data(run, rules);
    paths(run, rules);
    task(run, rules);
    lengths(run, rules);
    muon(run.optimizer(), rules);
    colors(run, rules);
    neighbours(run, rules);
    probe(run, rules);
    operations(run.augmentation(), rules);
    turns(run, rules);
    rules.verify();
  }

  /** One dataset has classes to learn; several only have pixels in common. */
  private static void data(RunSpec run, Rules rules) {
    RunSpec.Data data = run.data();
    boolean several = !data.datasets().isEmpty();
    rules
        .require(
            () -> several || data.dataset() != null,
            "data.dataset",
            "is required (name of a dataset, such as fashion-small), or data.datasets for several",
            "data.datasets")
        .require(
            () -> !several || data.dataset() == null,
            "data.datasets",
            "must be left out where there is data.dataset " + data.dataset(),
            "data.dataset")
        .require(
            () -> !several || data.directory() == null,
            "data.directory",
            data.directory()
                + " must be left out where there are data.datasets, each of which may"
                + " have its own",
            "data.datasets")
        .require(
            () -> new HashSet<>(data.datasets()).size() == data.datasets().size(),
            "data.datasets",
            "must differ from each other")
        .require(
            () -> !several || run.task() == Task.RECONSTRUCT,
            "data.datasets",
            "must be left out where task is classify, which needs the classes of one dataset; only"
                + " the pixels of several are used together, to pre-train with task: reconstruct",
            "task");
  }

  /** A shell makes the home directory of ~, and only where it begins a word. */
  private static void paths(RunSpec run, Rules rules) {
    path(rules, "data.directory", run.data().directory());
    for (int i = 0; i < run.data().datasets().size(); i++) {
      path(rules, "data.datasets[" + i + "].directory", run.data().datasets().get(i).directory());
    }
    RunSpec.Initialize initialize = run.initialize();
    path(rules, "initialize.from", initialize == null ? null : initialize.from());
    NeighboursSpec neighbours = run.neighbours();
    path(rules, "neighbours.directory", neighbours == null ? null : neighbours.directory());
    path(rules, "export", run.export());
  }

  private static void path(Rules rules, String field, @Nullable String path) {
    Optional<String> problem = path == null ? Optional.empty() : HomePath.problem(path);
    rules.require(problem::isEmpty, field, problem.orElse(""));
  }

  private static void neighbours(RunSpec run, Rules rules) {
    NeighboursSpec neighbours = run.neighbours();
    rules.require(
        () -> neighbours == null || neighbours.dataset() != null || neighbours.directory() == null,
        "neighbours.directory",
        "must be left out where there is no neighbours.dataset",
        "neighbours.dataset");
  }

  /** A probe trains no step: what would only change one is a misunderstanding. */
  private static void probe(RunSpec run, Rules rules) {
    ProbeSpec probe = run.probe();
    if (probe == null) {
      return;
    }
    rules.require(
        () -> run.task() == Task.CLASSIFY,
        "probe",
        "must be left out where task is reconstruct",
        "task");
    without(rules, run.freeze().isEmpty(), "freeze", "which trains nothing but a head");
    without(rules, run.ema() == null, "ema", STEPS);
    without(rules, run.earlyStopping() == null, "early-stopping", STEPS);
    without(rules, run.training().labelSmoothing() == 0, "training.label-smoothing", STEPS);
    without(rules, run.training().dropout() == 0, "training.dropout", STEPS);
    without(rules, run.training().dropPath() == 0, "training.drop-path", STEPS);
    without(
        rules,
        run.augmentation().equals(Draft.defaults(AugmentationSpec.class)),
        "augmentation",
        "which looks at images as they are");
    ProbeSpec plain = Draft.defaults(ProbeSpec.class);
    boolean linear = probe.kind() == ProbeSpec.Kind.LOGISTIC_REGRESSION;
    rules
        .require(
            () -> linear || probe.l2() == plain.l2(),
            "probe.l2",
            NumberRule.text(probe.l2())
                + " must be left out where probe.kind is nearest-neighbours",
            "probe.kind")
        .require(
            () -> !linear || probe.k() == plain.k(),
            "probe.k",
            probe.k() + " must be left out where probe.kind is logistic-regression",
            "probe.kind");
  }

  private static void without(Rules rules, boolean holds, String field, String why) {
    rules.require(() -> holds, field, "must be left out where there is a probe, " + why, "probe");
  }

  /** Each task has its kind of model, and labels are only for classes. */
  private static void task(RunSpec run, Rules rules) {
    boolean autoencoder = run.model().isAutoencoder();
    if (run.task() == Task.CLASSIFY) {
      rules.require(
          () -> !autoencoder,
          "task",
          "classify must have a model with classes and without a decoder; an autoencoder's task is"
              + " reconstruct",
          "model");
      return;
    }
    rules.require(
        () -> autoencoder,
        "task",
        "reconstruct must have an autoencoder, a model with mask and decoder such as mmlit-xxs",
        "model");
    unlabelled(rules, "training.label-smoothing", run.training().labelSmoothing());
    unlabelled(rules, "augmentation.mixup", run.augmentation().mixup());
    unlabelled(rules, "augmentation.cutmix", run.augmentation().cutmix());
    double patchDropout = run.training().patchDropout();
    rules.require(
        () -> patchDropout == 0,
        "training.patch-dropout",
        NumberRule.text(patchDropout)
            + " must be left out where task is reconstruct: the model's mask already hides patches",
        "task");
    EarlyStopping early = run.earlyStopping();
    rules.require(
        () -> early == null || early.metric() == null || early.metric().isLoss(),
        "early-stopping.metric",
        "must be validation-loss, or test-loss, where task is reconstruct, which has no accuracy",
        "task");
  }

  private static void unlabelled(Rules rules, String field, double value) {
    rules.require(
        () -> value == 0,
        field,
        NumberRule.text(value)
            + " must be left out where task is reconstruct, which uses no labels",
        "task");
  }

  private static void lengths(RunSpec run, Rules rules) {
    TrainingSpec training = run.training();
    ScheduleSpec schedule = run.schedule();
    Integer microBatch = training.microBatch();
    rules
        .require(
            () -> microBatch == null || microBatch <= training.batch(),
            "training.micro-batch",
            microBatch + " must be at most training.batch " + training.batch(),
            "training.batch")
        .require(
            () -> schedule.warmupEpochs() <= training.epochs(),
            "schedule.warmup-epochs",
            NumberRule.text(schedule.warmupEpochs())
                + " must be at most training.epochs "
                + training.epochs(),
            "training.epochs")
        .require(
            () -> schedule.decay() != Decay.CONSTANT || schedule.finalFactor() == 0,
            "schedule.final-factor",
            NumberRule.text(schedule.finalFactor())
                + " must be left out where schedule.decay is constant",
            "schedule.decay");
  }

  /** Fields of Muon would be without effect, and its user without Muon. */
  private static void muon(OptimizerSpec optimizer, Rules rules) {
    String rule = " must be left out where optimizer.name is not muon";
    Double rate = optimizer.muonLearningRate();
    rules
        .require(
            () -> rate == null || optimizer.isMuon(),
            "optimizer.muon-learning-rate",
            rate == null ? rule : NumberRule.text(rate) + rule,
            "optimizer.name")
        .require(
            () -> optimizer.momentum() == OptimizerSpec.MOMENTUM || optimizer.isMuon(),
            "optimizer.momentum",
            NumberRule.text(optimizer.momentum()) + rule,
            "optimizer.name");
  }

  /** Gray has neither saturation nor hue. */
  private static void colors(RunSpec run, Rules rules) {
    ColorJitter jitter = run.augmentation().colorJitter();
    color(run, rules, "saturation", jitter.saturation());
    color(run, rules, "hue", jitter.hue());
  }

  private static void color(RunSpec run, Rules rules, String field, double value) {
    int channels = run.model().image().channels();
    rules.require(
        () -> value == 0 || channels == 3,
        "augmentation.color-jitter." + field,
        NumberRule.text(value) + " must be left out where model.image.channels is " + channels,
        "model.image.channels");
  }

  /** RandAugment has magnitudes below their number, and is not done twice over. */
  private static void operations(AugmentationSpec augmentation, Rules rules) {
    RandAugment rand = augmentation.randAugment();
    if (rand == null) {
      return;
    }
    rules
        .require(
            () -> augmentation.trivialAugmentWide() == null,
            "augmentation.rand-augment",
            "must be left out where there is augmentation.trivial-augment-wide, which draws from"
                + " the same operations",
            "augmentation.trivial-augment-wide")
        .require(
            () -> rand.magnitude() < rand.numMagnitudeBins(),
            "augmentation.rand-augment.magnitude",
            rand.magnitude()
                + " must be below augmentation.rand-augment.num-magnitude-bins "
                + rand.numMagnitudeBins(),
            "augmentation.rand-augment.num-magnitude-bins");
  }

  /** A quarter turn makes a high image of a wide one. */
  private static void turns(RunSpec run, Rules rules) {
    ImageShape image = run.model().image();
    rules.require(
        () -> !run.augmentation().quarterTurns() || image.height() == image.width(),
        "augmentation.quarter-turns",
        "true must be left out where images are not square: model.image.height is "
            + image.height()
            + ", model.image.width "
            + image.width(),
        "model.image.height",
        "model.image.width");
  }
}
