package dev.mlit.cli;

import com.fasterxml.jackson.databind.PropertyNamingStrategies.SnakeCaseStrategy;
import dev.mlit.model.RouterLoad;
import dev.mlit.spec.text.Csv;
import dev.mlit.train.MetricsFile;
import dev.mlit.train.RunDirectory;
import dev.mlit.train.TrainingListener.Epoch;
import dev.mlit.train.TrainingListener.Step;
import java.lang.reflect.RecordComponent;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import java.util.stream.Stream;

/**
 * What was measured in runs, as tables: a row for every epoch, step, or expert of an epoch. Their
 * columns are the numbers and texts of a record, in snake case as in {@code metrics.jsonl}, after
 * the run.
 */
enum MetricsTable {
  /** One row for every epoch; the last one has the test at the end, where there is one. */
  EPOCHS(Epoch.class, run -> MetricsFile.epochs(run.metrics())),
  /** One row for every tenth step. */
  STEPS(Step.class, run -> MetricsFile.steps(run.metrics())),
  /** One row for every epoch, part of the images, block and expert. */
  EXPERTS(
      Expert.class, run -> MetricsFile.epochs(run.metrics()).stream().flatMap(Expert::of).toList());

  /**
   * What the router gave an expert; see {@link RouterLoad}.
   *
   * @param part of the images: train, validation or test
   * @param block counted from 0
   * @param expert counted from 0
   * @param tokens the share of the tokens that use it
   * @param gate its mean gate
   * @param entropy of the gates of the block, in nats
   */
  private record Expert(
      int epoch,
      long step,
      String part,
      int block,
      int expert,
      double tokens,
      double gate,
      double entropy) {
    static Stream<Expert> of(Epoch epoch) {
      return Stream.of(
              of(epoch, "train", epoch.trainRouting()),
              of(epoch, "validation", epoch.validationRouting()),
              of(epoch, "test", epoch.testRouting()))
          .flatMap(List::stream);
    }

    private static List<Expert> of(Epoch epoch, String part, List<RouterLoad> blocks) {
      List<Expert> experts = new ArrayList<>();
      for (RouterLoad load : blocks) {
        for (int i = 0; i < load.tokens().size(); i++) {
          experts.add(
              new Expert(
                  epoch.epoch(),
                  epoch.step(),
                  part,
                  load.block(),
                  i,
                  load.tokens().get(i),
                  load.gates().get(i),
                  load.entropy()));
        }
      }
      return experts;
    }
  }

  private static final String RUN = "run";

  private final List<RecordComponent> components;
  private final Function<RunDirectory, List<? extends Record>> rows;

  MetricsTable(Class<? extends Record> row, Function<RunDirectory, List<? extends Record>> rows) {
    this.components =
        Arrays.stream(row.getRecordComponents())
            .filter(each -> each.getType().isPrimitive() || each.getType() == String.class)
            .toList();
    this.rows = rows;
  }

  /** The header, without its line feed. */
  String header() {
    return csv(Stream.concat(Stream.of(RUN), components.stream().map(MetricsTable::column)));
  }

  /** The rows of a run in CSV, without their line feeds; what was not measured is empty. */
  List<String> csv(RunDirectory run) {
    return rows.apply(run).stream()
        .map(
            row ->
                csv(
                    Stream.concat(
                        Stream.of(run.path().toString()),
                        components.stream().map(each -> cell(value(row, each))))))
        .toList();
  }

  /** The rows of a run by the names of the columns; what was not measured is left out. */
  List<Map<String, Object>> objects(RunDirectory run) {
    return rows.apply(run).stream().map(row -> object(run, row)).toList();
  }

  private Map<String, Object> object(RunDirectory run, Record row) {
    Map<String, Object> object = new LinkedHashMap<>();
    object.put(RUN, run.path().toString());
    for (RecordComponent component : components) {
      Object value = value(row, component);
      if (!isMissing(value)) {
        object.put(column(component), value);
      }
    }
    return object;
  }

  private static String csv(Stream<String> cells) {
    return Csv.row(cells.toList()).stripTrailing();
  }

  private static String column(RecordComponent component) {
    return new SnakeCaseStrategy().translate(component.getName());
  }

  private static String cell(Object value) {
    return isMissing(value) ? "" : value.toString();
  }

  private static boolean isMissing(Object value) {
    return value instanceof Double number && number.isNaN();
  }

  private static Object value(Record row, RecordComponent component) {
    try {
      return component.getAccessor().invoke(row);
    } catch (ReflectiveOperationException e) {
      throw new LinkageError(component + " has no accessor", e);
    }
  }
}
