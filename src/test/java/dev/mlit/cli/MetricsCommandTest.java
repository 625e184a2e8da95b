package dev.mlit.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.mlit.model.RouterLoad;
import dev.mlit.testing.Python;
import dev.mlit.train.MetricsFile;
import dev.mlit.train.TrainingListener.Epoch;
import dev.mlit.train.TrainingListener.FinalTest;
import dev.mlit.train.TrainingListener.Step;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * {@code ./mlit metrics}. If it fails, the numbers in a researcher's spreadsheet are not those of
 * the runs, or stand in the wrong column.
 */
class MetricsCommandTest {
  private static final String EPOCHS =
      "run,epoch,step,train_loss,train_accuracy,test_loss,test_accuracy,images_per_second,seconds,"
          + "validation_loss,validation_accuracy,neighbours_accuracy";

  private static final double NAN = Double.NaN;
  private static final List<RouterLoad> LOAD =
      List.of(
          new RouterLoad(0, List.of(1.0, 0.25), List.of(0.75, 0.25), 0.5),
          new RouterLoad(1, List.of(0.5), List.of(1.0), 0.0));

  @TempDir private Path temporary;
  private Path tested;
  private Path validated;

  /** One run that is tested after every epoch, and one that has validation images. */
  @BeforeEach
  void twoRuns() throws IOException {
    tested = run("tested");
    try (MetricsFile file = MetricsFile.at(tested.resolve("metrics.jsonl"))) {
      file.step(new Step(10, 1, 32, 1e-4, 2.5, 0.25, 12));
      file.step(new Step(11, 1, 32, 1e-4, 9.5, 0.25, 12));
      file.epoch(new Epoch(1, 12, 2.25, 0.5, 1.5, 0.625, 250, 3, LOAD, List.of()));
      file.step(new Step(20, 2, 16, 1e-4, 2, 0.125, 11));
      file.epoch(new Epoch(2, 24, 1.25, 0.75, 1, 0.875, 250.5, 6, List.of(), List.of()));
    }
    validated = run("with, comma");
    try (MetricsFile file = MetricsFile.at(validated.resolve("metrics.jsonl"))) {
      file.epoch(
          new Epoch(
              1, 12, 2.25, 0.5, NAN, NAN, 250, 3, List.of(), List.of(), 1.75, 0.5, LOAD, 0.25));
      file.finalTest(new FinalTest(1, 12, 1.5, 0.625, 4, List.of()));
    }
  }

  private Path run(String name) throws IOException {
    Path run = Files.createDirectory(temporary.resolve(name));
    Files.writeString(run.resolve("run.yaml"), "name: x\n");
    return run;
  }

  /** An autoencoder, or a run without validation images, has no such number: an empty cell. */
  @Test
  void severalRunsAreOneTable() {
    Outcome outcome = Outcome.of("metrics", tested.toString(), validated.toString());

    assertThat(outcome.exit()).as(outcome.err()).isZero();
    assertThat(outcome.out().lines())
        .containsExactly(
            EPOCHS,
            tested + ",1,12,2.25,0.5,1.5,0.625,250.0,3.0,,,",
            tested + ",2,24,1.25,0.75,1.0,0.875,250.5,6.0,,,",
            "\"" + validated + "\",1,12,2.25,0.5,1.5,0.625,250.0,4.0,1.75,0.5,0.25");
  }

  @Test
  void theStepsThatAreKeptAreATable() {
    assertThat(Outcome.of("metrics", "--table", "steps", tested.toString()).out().lines())
        .containsExactly(
            "run,step,epoch,images,learning_rate,loss,balance_loss,gradient_norm",
            tested + ",10,1,32,1.0E-4,2.5,0.25,12.0",
            tested + ",20,2,16,1.0E-4,2.0,0.125,11.0");
  }

  @Test
  void theExpertsOfEveryBlockAreATable() {
    assertThat(
            Outcome.of("metrics", "--table", "experts", tested.toString(), validated.toString())
                .out()
                .lines())
        .containsExactly(
            "run,epoch,step,part,block,expert,tokens,gate,entropy",
            tested + ",1,12,train,0,0,1.0,0.75,0.5",
            tested + ",1,12,train,0,1,0.25,0.25,0.5",
            tested + ",1,12,train,1,0,0.5,1.0,0.0",
            "\"" + validated + "\",1,12,validation,0,0,1.0,0.75,0.5",
            "\"" + validated + "\",1,12,validation,0,1,0.25,0.25,0.5",
            "\"" + validated + "\",1,12,validation,1,0,0.5,1.0,0.0");
  }

  @Test
  void rowsAreObjectsInJson() throws IOException {
    List<JsonNode> rows = new ArrayList<>();
    for (String line :
        Outcome.of("metrics", "--format", "jsonl", tested.toString()).out().lines().toList()) {
      rows.add(new ObjectMapper().readTree(line));
    }

    assertThat(rows).hasSize(2);
    assertThat(rows.get(1).path("run").asText()).isEqualTo(tested.toString());
    assertThat(rows.get(1).path("test_accuracy").asDouble()).isEqualTo(0.875);
    assertThat(rows.get(1).has("validation_loss")).isFalse();
  }

  @Test
  void aRunWithoutEpochsHasNoRows() throws IOException {
    assertThat(Outcome.of("metrics", run("begun").toString()).out().lines())
        .containsExactly(EPOCHS);
  }

  /** All or nothing: a table that lacks a run looks like one of fewer runs. */
  @Test
  void whatIsNoRunIsRefusedBeforeAnythingIsWritten() {
    Path file = temporary.resolve("table.csv");

    Outcome outcome =
        Outcome.of("metrics", tested.toString(), temporary.toString(), "--out", file.toString());

    assertThat(outcome)
        .isEqualTo(
            new Outcome(
                2,
                "",
                temporary + ": not a run directory, it has no run.yaml" + System.lineSeparator()));
    assertThat(file).doesNotExist();
  }

  @Test
  void aDamagedFileIsNamed() throws IOException {
    Path metrics = tested.resolve("metrics.jsonl");
    Files.writeString(metrics, "{\"kind\": \"epoch\", \"epoch\"\n");

    Outcome outcome = Outcome.of("metrics", tested.toString());

    assertThat(outcome.exit()).isEqualTo(2);
    assertThat(outcome.out()).isEmpty();
    assertThat(outcome.err()).startsWith(metrics + ": ").hasLineCount(1);
  }

  /** Python's reader as an independent one: of pandas and spreadsheets it is the strictest. */
  @Test
  @Tag("slow")
  void pythonReadsTheFile() throws IOException {
    Path file = temporary.resolve("table.csv");
    Outcome outcome =
        Outcome.of("metrics", tested.toString(), validated.toString(), "--out", file.toString());
    assertThat(outcome).isEqualTo(new Outcome(0, "", ""));

    String output =
        Python.with("csv")
            .run(
                Duration.ofMinutes(1),
                Map.of(),
                "-c",
                """
                import csv, sys
                rows = list(csv.DictReader(open('%s', newline='', encoding='utf-8'), strict=True))
                print(len(rows), {len(row) for row in rows})
                print(rows[2]['run'], float(rows[2]['validation_accuracy']), rows[0]['validation_loss'] == '')
                """
                    .formatted(file));

    assertThat(output).isEqualTo("3 {12}\n" + validated + " 0.5 True\n");
  }
}
