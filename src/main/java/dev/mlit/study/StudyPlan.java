package dev.mlit.study;

import dev.mlit.spec.InvalidInputException;
import dev.mlit.spec.ModelSpec;
import dev.mlit.spec.RunSpec;
import dev.mlit.spec.RunSpec.Task;
import dev.mlit.spec.RunSpecBuilder;
import dev.mlit.spec.Specs;
import dev.mlit.spec.StudySpec;
import dev.mlit.spec.StudySpec.ArmKind;
import dev.mlit.spec.StudySpec.Pretraining;
import dev.mlit.spec.StudySpec.Target;
import dev.mlit.train.PretrainedWeights;
import dev.mlit.zoo.Zoo;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** The runs of a study, checked before the first of them starts. */
final class StudyPlan {
  /** Takes out of a recipe what only steps use, which a probe refuses. */
  private static final List<String> WITHOUT_STEPS =
      List.of(
          "augmentation={}",
          "training.label-smoothing=0",
          "training.dropout=0",
          "training.drop-path=0",
          "ema=",
          "early-stopping=",
          "freeze=[]");

  private final StudySpec spec;
  private final Path base;
  private final Path directory;
  private final Map<String, RunSpec> pretraining = new LinkedHashMap<>();

  /** Names of pre-training, and the models that were found to fit it. */
  private final Set<List<Object>> fits = new HashSet<>();

  /**
   * Plans a study.
   *
   * @param base what the paths of runs are relative to
   * @param directory of the study
   * @throws InvalidInputException if a run is not valid, or cannot start from what it shall
   */
  StudyPlan(StudySpec spec, Path base, Path directory) {
    this.spec = spec;
    this.base = base;
    this.directory = directory;
    for (Pretraining each : spec.pretraining()) {
      plan(each);
    }
    Map<String, Cell> names = new HashMap<>();
    for (Cell cell : cells()) {
      // Directories that differ only in the case of letters are the same on some disks.
      Cell other = names.put(cell.name().toLowerCase(Locale.ROOT), cell);
      if (other != null) {
        throw new InvalidInputException(
            cell.name() + ": two cells of the study have this name: rename an arm or a target");
      }
      check(cell);
    }
  }

  /** All runs of a cell: each starts from what fits, and no two of a sweep are the same. */
  private void check(Cell cell) {
    Map<RunSpec, Setting> runs = new HashMap<>();
    for (Setting setting : Setting.of(cell.arm())) {
      RunSpec run = run(cell, setting, 1);
      require(run.task() == Task.CLASSIFY, cell.target().run(), "must have task: classify");
      Pretraining from = cell.pretraining();
      RunSpec source = from == null ? null : pretraining.get(from.name());
      if (from != null && source != null && fits.add(List.of(from.name(), run.model()))) {
        PretrainedWeights.requireFits(from(from), source.model(), run.model());
      }
      Setting same = runs.put(run, setting);
      if (same != null) {
        throw new InvalidInputException(
            "arm "
                + cell.arm().name()
                + ": its sweep has the same run twice on "
                + cell.target().name()
                + ": "
                + same.text()
                + " and "
                + setting.text()
                + " (the study itself sets names, seeds, tests, and steps where a share of the"
                + " labels has them)");
      }
    }
  }

  private void plan(Pretraining each) {
    String from = each.from();
    Path earlier = from == null ? null : trained(from);
    if (from != null && earlier == null && Zoo.existing(from).isEmpty()) {
      throw new InvalidInputException(
          "pretraining "
              + each.name()
              + ": "
              + from
              + " is not there, nor pre-training further up, nor a model that comes along ("
              + Zoo.names()
              + ")");
    }
    String file = each.run();
    if (file == null) {
      return;
    }
    RunSpec read = Specs.run(base.resolve(file), each.set());
    RunSpecBuilder run = read.toBuilder().name(each.name());
    if (earlier != null) {
      RunSpec before = Objects.requireNonNull(pretraining.get(from));
      PretrainedWeights.requireFits(String.valueOf(from), before.model(), read.model());
      run.initialize(earlier.toString());
    } else if (from != null) {
      run.initialize(from);
    }
    pretraining.put(each.name(), run.build());
  }

  private static void require(boolean holds, String run, String rule) {
    if (!holds) {
      throw new InvalidInputException(run + ": " + rule + " in a study");
    }
  }

  /** The runs of pre-training that the study trains itself, by name. */
  Map<String, RunSpec> pretraining() {
    return pretraining;
  }

  /** Where a run of pre-training goes. */
  Path pretrainingDirectory(String name) {
    return directory.resolve("pretraining").resolve(name);
  }

  /** Where a cell goes with a setting of its arm's sweep, or without any. */
  Path directory(Cell cell, Setting setting) {
    return setting.equals(Setting.NONE)
        ? directory.resolve("cells").resolve(cell.name())
        : directory.resolve("sweeps").resolve(cell.name()).resolve(setting.directory());
  }

  /** Where a cell goes; null as long as its arm's sweep has chosen no setting. */
  @Nullable Path directory(Cell cell) {
    Setting setting = setting(cell);
    return setting == null ? null : directory(cell, setting);
  }

  /** The setting that a cell is run with; null as long as its arm's sweep has chosen none. */
  @Nullable Setting setting(Cell cell) {
    return cell.arm().sweep().isEmpty() ? Setting.NONE : sweep(cell).chosen();
  }

  /** The seeds that the settings of a sweep are compared by. */
  List<Integer> sweepSeeds() {
    return spec.seeds().subList(0, spec.sweepSeeds());
  }

  /** The sweep that decides the setting of a cell, and of those of other seeds. */
  Sweep sweep(Cell cell) {
    List<Cell> cells =
        sweepSeeds().stream()
            .map(
                seed ->
                    new Cell(cell.target(), cell.fraction(), cell.arm(), cell.pretraining(), seed))
            .toList();
    return new Sweep(this, cells, Setting.of(cell.arm()));
  }

  /** What {@code initialize.from} of a cell says. */
  String from(Pretraining each) {
    Path trained = trained(each.name());
    return trained == null ? String.valueOf(each.from()) : trained.toString();
  }

  /** Where this study itself trains pre-training of this name; null if it does not. */
  @Nullable Path trained(String name) {
    return pretraining.containsKey(name) ? pretrainingDirectory(name) : null;
  }

  /** All cells, in the order in which they are run: those of a table's row together. */
  List<Cell> cells() {
    List<Cell> cells = new ArrayList<>();
    for (Target target : spec.targets()) {
      cells.addAll(cells(target));
    }
    return cells;
  }

  /** The cells of a target. */
  List<Cell> cells(Target target) {
    List<Cell> cells = new ArrayList<>();
    for (StudySpec.Fraction fraction : target.fractions()) {
      for (int seed : spec.seeds()) {
        for (StudySpec.Arm arm : spec.arms()) {
          if (arm.arm() == ArmKind.SCRATCH) {
            cells.add(new Cell(target, fraction, arm, null, seed));
          } else {
            spec.pretraining().forEach(p -> cells.add(new Cell(target, fraction, arm, p, seed)));
          }
        }
      }
    }
    return cells;
  }

  /** The run of a target, without what makes it a cell. */
  RunSpec run(Target target) {
    return Specs.run(base.resolve(target.run()), target.set());
  }

  /**
   * The run of a cell.
   *
   * @param setting of its arm's sweep
   * @param images that it is trained on
   */
  RunSpec run(Cell cell, Setting setting, int images) {
    List<String> settings = new ArrayList<>(cell.target().set());
    settings.addAll(probe(cell.arm().arm()));
    settings.addAll(cell.arm().set());
    settings.addAll(setting.changes());
    RunSpec run = Specs.run(base.resolve(cell.target().run()), settings);
    int batch = run.training().batch();
    int perEpoch = (images + batch - 1) / batch;
    Integer steps = cell.fraction().steps();
    // Where a plan is checked, the number of images is not known yet.
    int epochs =
        steps == null
            ? run.training().epochs()
            : Math.min(100_000, (steps + perEpoch - 1) / perEpoch);
    RunSpecBuilder builder =
        run.toBuilder()
            .name(cell.name())
            .labelFraction(cell.fraction().labels())
            .training(
                t -> {
                  t.seed(cell.seed()).epochs(epochs);
                  t.testEvery(Math.max(1, (epochs + spec.tests() - 1) / spec.tests()));
                  if (steps != null) {
                    t.steps(steps);
                  }
                });
    Pretraining pretraining = cell.pretraining();
    if (pretraining != null) {
      RunSpec source = this.pretraining.get(pretraining.name());
      boolean supervised = source != null && source.task() == Task.CLASSIFY;
      builder.initialize(from(pretraining), !supervised);
    }
    return builder.build();
  }

  /** The settings that make a recipe a probe; none for an arm that trains. */
  private static List<String> probe(ArmKind arm) {
    String kind =
        switch (arm) {
          case SCRATCH, FINE_TUNE -> null;
          case LINEAR_PROBE -> "logistic-regression";
          case NEAREST_NEIGHBOUR -> "nearest-neighbours";
        };
    if (kind == null) {
      return List.of();
    }
    List<String> settings = new ArrayList<>(WITHOUT_STEPS);
    settings.add("probe.kind=" + kind);
    return settings;
  }

  /** The model of what is pre-trained; null where a file says nothing of it. */
  @Nullable ModelSpec model(Pretraining from) {
    RunSpec run = pretraining.get(from.name());
    return run == null ? null : run.model();
  }
}
