package dev.mlit.spec;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import dev.mlit.spec.ModelSpec.Stage;
import dev.mlit.spec.RunSpec.NamedDataset;
import dev.mlit.spec.StudySpec.ArmKind;
import java.util.List;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.Test;

/**
 * If this fails, of two values for one field the later one wins without a word, and somebody trains
 * by another recipe than the one that is written a few lines further up.
 */
class SetTwiceTest {
  private static RunSpecBuilder run() {
    return RunSpec.builder("run").model(Presets.mlitXxs()).data("fashion-small");
  }

  private static void assertRefused(ThrowingCallable setter, String conflict) {
    assertThatExceptionOfType(IllegalStateException.class)
        .isThrownBy(setter)
        .withMessage(
            conflict + "; a builder's field is set once, toBuilder() changes a finished spec");
  }

  // ---- Another value, the same value ----

  @Test
  void refusesAnotherValueOfAField() {
    assertRefused(() -> run().export("a").export("b"), "export: set to a before, and now to b");
    assertRefused(
        () -> ModelSpec.builder("a").patch(3).patch(4), "patch: set to 3 before, and now to 4");
    assertRefused(
        () -> StudySpec.builder("a").tests(2).tests(3), "tests: set to 2 before, and now to 3");
  }

  @Test
  void acceptsTheSameValueAgain() {
    RunSpec run =
        run()
            .export("a")
            .export("a")
            .model(Presets.mlitXxs())
            .data("fashion-small")
            .freeze("head", "encoder")
            .freeze("head", "encoder")
            .training(t -> t.epochs(6).epochs(6))
            .build();
    assertThat(run)
        .isEqualTo(run().export("a").freeze("head", "encoder").training(t -> t.epochs(6)).build());
  }

  @Test
  void refusesAnotherNameThanTheBuildersOwn() {
    assertRefused(() -> run().name("other"), "name: set to run before, and now to other");
    assertThat(run().name("run").build().name()).isEqualTo("run");
  }

  @Test
  void refusesAValueThatIsNotTheDefaultAfterTheDefaultWasSet() {
    assertRefused(
        () -> run().training(t -> t.epochs(10).epochs(6)),
        "training.epochs: set to 10 before, and now to 6");
  }

  @Test
  void refusalNamesTheFieldThatDiffersInAGroupOrList() {
    assertRefused(
        () -> ModelSpec.builder("a").image(28, 32, 1).image(28, 36, 1),
        "image.width: set to 32 before, and now to 36");
    assertRefused(
        () -> run().model(Presets.mlitXxs().toBuilder().classes(10).build()),
        "model.classes: set to 100 before, and now to 10");
    assertRefused(
        () -> run().freeze("head").freeze("head", "encoder"),
        "freeze[1]: set to nothing before, and now to encoder");
    assertRefused(
        () -> run().augmentation(a -> a.randomErasing(0.2).randomErasing(0.2, 0.1, 0.3333)),
        "augmentation.random-erasing.area[0]: set to 0.02 before, and now to 0.1");
  }

  @Test
  void aBuilderThatRefusedKeepsItsFirstValue() {
    RunSpecBuilder builder = run().export("a");
    assertRefused(() -> builder.export("b"), "export: set to a before, and now to b");
    assertThat(builder.build().export()).isEqualTo("a");
  }

  // ---- Groups ----

  @Test
  void refusesAnotherValueInAGroupThatIsOpenedTwice() {
    assertRefused(
        () -> run().training(t -> t.epochs(6)).training(t -> t.epochs(10)),
        "training.epochs: set to 6 before, and now to 10");
    assertRefused(
        () -> run().optimizer(o -> o.betas(0.9, 0.99)).optimizer(o -> o.betas(0.9, 0.999)),
        "optimizer.beta2: set to 0.99 before, and now to 0.999");
    assertRefused(
        () -> run().checkpoints(c -> c.everySteps(5)).checkpoints(c -> c.everySteps(6)),
        "checkpoints.every-steps: set to 5 before, and now to 6");
    assertRefused(
        () -> run().schedule(s -> s.warmupEpochs(0)).schedule(s -> s.warmupEpochs(0.5)),
        "schedule.warmup-epochs: set to 0 before, and now to 0.5");
  }

  @Test
  void refusesAnotherValueInAnOptionalGroupThatIsOpenedTwice() {
    assertRefused(
        () -> run().earlyStopping(e -> e.patience(3)).earlyStopping(e -> e.patience(4)),
        "early-stopping.patience: set to 3 before, and now to 4");
    assertRefused(
        () -> run().neighbours(n -> n.dataset("a", "b")).neighbours(n -> n.dataset("a", "c")),
        "neighbours.directory: set to b before, and now to c");
    assertRefused(
        () -> run().probe(p -> p.l2(1)).probe(p -> p.l2(2)),
        "probe.l2: set to 1 before, and now to 2");
  }

  @Test
  void settingsOfAnOptionalGroupAddUp() {
    RunSpec run =
        run().earlyStopping(e -> e.patience(3)).earlyStopping(e -> e.minDelta(0.5)).build();
    assertThat(run.earlyStopping())
        .isEqualTo(new EarlyStopping(3, 0.5, EarlyStopping.Metric.VALIDATION_ACCURACY));
  }

  // ---- Data: a dataset and its shares ----

  @Test
  void datasetAndItsSharesAddUp() {
    RunSpec run = run().labelFraction(0.5).validationFraction(0.1).labelFraction(0.5).build();
    assertThat(run.data())
        .isEqualTo(new RunSpec.Data("fashion-small", null, 0.2, 0.5, 0.1, List.of(), List.of()));
  }

  @Test
  void refusesAnotherDatasetDirectoryOrShare() {
    assertRefused(
        () -> run().data("cifar10"),
        "data.dataset: set to fashion-small before, and now to cifar10");
    assertRefused(
        () -> run().data("fashion-small", "there"),
        "data.directory: set to nothing before, and now to there");
    assertRefused(
        () -> run().labelFraction(0.5).labelFraction(0.25),
        "data.label-fraction: set to 0.5 before, and now to 0.25");
    assertRefused(
        () -> run().datasets(NamedDataset.of("cifar10")),
        "data.dataset: set to fashion-small before, and now to nothing");
  }

  // ---- Models ----

  @Test
  void stagesAreAddedOneAfterTheOtherOrSetAtOnce() {
    List<Stage> stages = List.of(new Stage(1, 2), new Stage(1, 2));
    assertThat(Presets.mlitXxs().toBuilder().stages(stages).stages(stages).build().stages())
        .isEqualTo(stages);
    assertRefused(
        () -> ModelSpec.builder("a").stage(1, 2).stage(1, 2).stages(List.of(new Stage(1, 3))),
        "stages[0].experts: set to 2 before, and now to 3");
  }

  @Test
  void balanceWeightsMayFollowTheTop() {
    ModelSpec model =
        Presets.mlitXxs().toBuilder().routing(1).routing(1, 0.1, 0.2).routing(1).build();
    assertThat(model.routing()).isEqualTo(new ModelSpec.Routing(1, 0.1, 0.2));
    assertRefused(
        () -> ModelSpec.builder("a").routing(1).routing(2, 0.1, 0.2),
        "routing.top: set to 1 before, and now to 2");
  }

  // ---- Finished specs ----

  @Test
  void everyFieldOfAFinishedSpecCanBeSetOnceMore() {
    RunSpec finished = run().export("a").training(t -> t.epochs(6)).labelFraction(0.5).build();
    RunSpec changed =
        finished.toBuilder()
            .name("changed")
            .export("b")
            .training(t -> t.epochs(10))
            .labelFraction(0.25)
            .model(Presets.mlitXs())
            .build();
    assertThat(changed.name()).isEqualTo("changed");
    assertThat(changed.export()).isEqualTo("b");
    assertThat(changed.training().epochs()).isEqualTo(10);
    assertThat(changed.data().labelFraction()).isEqualTo(0.25);
    assertThat(changed.model()).isEqualTo(Presets.mlitXs());
  }

  @Test
  void refusesToSetAFieldOfAFinishedSpecTwice() {
    RunSpec finished = run().training(t -> t.epochs(6)).build();
    assertRefused(
        () -> finished.toBuilder().training(t -> t.epochs(10)).training(t -> t.epochs(6)),
        "training.epochs: set to 10 before, and now to 6");
    assertRefused(
        () -> Presets.mlitXxs().toBuilder().classes(10).classes(100),
        "classes: set to 10 before, and now to 100");
  }

  @Test
  void otherImagesOfAFinishedRunAreWholeUnlessTheirShareIsSet() {
    RunSpec finished = run().labelFraction(0.5).validationFraction(0.1).build();
    assertThat(finished.toBuilder().data("cifar10").build().data())
        .isEqualTo(new RunSpec.Data("cifar10", null, 0.2, 1, 0, List.of(), List.of()));
    assertThat(finished.toBuilder().labelFraction(0.25).data("cifar10").build().data())
        .isEqualTo(new RunSpec.Data("cifar10", null, 0.2, 0.25, 0, List.of(), List.of()));
  }

  @Test
  void optionalGroupOfAFinishedRunIsDescribedFromItsDefaults() {
    RunSpec finished = run().earlyStopping(e -> e.patience(3)).build();
    assertThat(finished.toBuilder().earlyStopping(e -> e.minDelta(0.5)).build().earlyStopping())
        .isEqualTo(new EarlyStopping(10, 0.5, EarlyStopping.Metric.VALIDATION_ACCURACY));
  }

  // ---- Studies ----

  @Test
  void partsOfAStudyAreSetOnceEach() {
    StudySpecBuilder study =
        StudySpec.builder("a")
            .pretraining("first", p -> p.run("a.yaml"))
            .pretraining("second", p -> p.run("b.yaml"))
            .arm(ArmKind.SCRATCH);
    assertRefused(
        () -> study.pretraining("third", p -> p.run("a.yaml").run("b.yaml")),
        "pretraining[2].run: set to a.yaml before, and now to b.yaml");
    assertRefused(
        () -> study.target("first", t -> t.set("training.epochs=1").set("training.epochs=2")),
        "targets[0].set[0]: set to training.epochs=1 before, and now to training.epochs=2");
    assertRefused(
        () -> study.arm(ArmKind.SCRATCH, a -> a.name("b").name("c")),
        "arms[1].name: set to b before, and now to c");
    assertRefused(
        () -> study.arm(ArmKind.SCRATCH, a -> a.sweep("ema.decay", "0.9").sweep("ema.decay", "1")),
        "arms[2].sweep.ema.decay[0]: set to 0.9 before, and now to 1");
    assertRefused(() -> study.seeds(1, 2).seeds(1, 3), "seeds[1]: set to 2 before, and now to 3");
  }
}
