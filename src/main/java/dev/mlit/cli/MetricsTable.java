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
 * What was measured in runs, as a table: a row for every epoch, step, or expert of an epoch. Its
 * columns are the numbers and texts of a record, in snake case as in {@code metrics.jsonl}, after
 * the run.
 */
final class MetricsTable {
  /** The tables that there are. */
  enum Kind {
    /** One row for every epoch; the last one has the test at the end, where there is one. */
    EPOCHS,
    /** One row for every tenth step. */
    STEPS,
    /** One row for every epoch, part of the images, block and expert. */
    EXPERTS
  }

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

  private MetricsTable(
      Class<? extends Record> row, Function<RunDirectory, List<? extends Record>> rows) {
    this.components =
        Arrays.stream(row.getRecordComponents())
            .filter(each -> each.getType().isPrimitive() || each.getType() == String.class)
            .toList();
    this.rows = rows;
  }

  /** The table of a kind. */
  static MetricsTable of(Kind kind) {
    return switch (kind) {
      case EPOCHS -> new MetricsTable(Epoch.class, RunDirectory::epochs);
      case STEPS -> new MetricsTable(Step.class, run -> MetricsFile.steps(run.metrics()));
      case EXPERTS ->
          new MetricsTable(Expert.class, run -> run.epochs().stream().flatMap(Expert::of).toList());
    };
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
