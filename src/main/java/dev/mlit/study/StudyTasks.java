package dev.mlit.study;

import dev.mlit.data.Dataset;
import dev.mlit.data.Datasets;
import dev.mlit.spec.RunSpec;
import dev.mlit.spec.StudySpec;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * The runs of a study in the order in which they are done.
 *
 * @param datasets opens what a run names as its data
 */
record StudyTasks(StudySpec spec, StudyPlan plan, Function<RunSpec.Data, Dataset> datasets) {
  /** Pre-training first, then the cells of each row of the table. */
  List<Task> all() {
    List<Task> tasks = new ArrayList<>();
    for (StudySpec.Pretraining pretraining : spec.pretraining()) {
      RunSpec run = plan.pretraining().get(pretraining.name());
      if (run != null) {
        tasks.add(pretraining(pretraining, run));
      }
    }
    for (StudySpec.Target target : spec.targets()) {
      Supplier<Dataset> data = () -> datasets.apply(plan.run(target).data());
      for (StudySpec.Fraction fraction : target.fractions()) {
        List<Cell> cells =
            plan.cells(target).stream().filter(c -> c.fraction().equals(fraction)).toList();
        cells.forEach(cell -> tasks.addAll(sweep(cell, data)));
        cells.forEach(cell -> tasks.add(chosen(cell, data)));
      }
    }
    return tasks;
  }

  private Task pretraining(StudySpec.Pretraining pretraining, RunSpec run) {
    String from = pretraining.from();
    Task.Work work =
        new Task.Work(plan.pretrainingDirectory(pretraining.name()), images -> 1, known -> run);
    return new Task(
        pretraining.name(),
        Task.Kind.TRAIN_AND_TEST,
        from == null ? null : plan.trained(from),
        () -> datasets.apply(run.data()),
        () -> work);
  }

  /** Every setting of a cell's sweep, if the cell compares them. */
  private List<Task> sweep(Cell cell, Supplier<Dataset> data) {
    List<Task> tasks = new ArrayList<>();
    if (comparesSettings(cell)) {
      for (Setting setting : Setting.of(cell.arm())) {
        String name = cell.name() + "," + setting.directory();
        Task.Work work = work(cell, setting);
        tasks.add(new Task(name, Task.Kind.TRAIN, first(cell), data, () -> work));
      }
    }
    return tasks;
  }

  /** A cell with the setting that is chosen: its test only, if the sweep has trained it. */
  private Task chosen(Cell cell, Supplier<Dataset> data) {
    return new Task(
        cell.name(),
        comparesSettings(cell) ? Task.Kind.TEST : Task.Kind.TRAIN_AND_TEST,
        first(cell),
        data,
        () -> {
          Setting setting = plan.setting(cell);
          return setting == null ? null : work(cell, setting);
        });
  }

  private boolean comparesSettings(Cell cell) {
    return !cell.arm().sweep().isEmpty() && plan.sweepSeeds().contains(cell.seed());
  }

  private @Nullable Path first(Cell cell) {
    StudySpec.Pretraining from = cell.pretraining();
    return from == null ? null : plan.trained(from.name());
  }

  private Task.Work work(Cell cell, Setting setting) {
    return new Task.Work(
        plan.directory(cell, setting),
        all -> Datasets.parts(plan.run(cell, setting, 1), all).train().size(),
        images -> plan.run(cell, setting, images));
  }
}
