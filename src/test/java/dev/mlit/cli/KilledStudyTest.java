package dev.mlit.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.mlit.testing.Mlit;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * A study that is killed (SIGKILL) in pre-training, in the middle of a cell and of a sweep, and
 * started again. If this fails, a study of many hours must not be disturbed, or its table cannot be
 * trusted.
 */
@Tag("slow")
class KilledStudyTest {
  private static final String MODEL =
      """
      model:
        name: %s
        image: {height: 28, width: 28, channels: 1}
        patch: 7
        embedding: 12
        attention: {heads: 2, groups: 1}
        stages: [{layers: 1, experts: 3}]
        hidden: {first: 8, last: 8}
      """;

  @TempDir private static Path directory;

  @BeforeAll
  static void trainUndisturbed() throws Exception {
    write();
    try (Mlit mlit = start("undisturbed")) {
      assertThat(mlit.exit()).as(mlit.errors()).isZero();
    }
  }

  @Test
  void finishesWithTheSameTable() throws Exception {
    for (String moment :
        new String[] {
          "pretraining/pre",
          "sweeps/clothes-2pct-swept-s1/optimizer.learning-rate=1.0e-2",
          "cells/clothes-2pct-fine-tune-pre-s1"
        }) {
      Path metrics = directory.resolve("killed").resolve(moment).resolve("metrics.jsonl");
      try (Mlit mlit = start("killed")) {
        while (mlit.isAlive() && !(Files.exists(metrics) && Files.size(metrics) > 0)) {
          TimeUnit.MILLISECONDS.sleep(5);
        }
        assertThat(mlit.kill()).as("%s: killed in time: %s", moment, mlit.errors()).isTrue();
      }
    }
    try (Mlit mlit = start("killed")) {
      assertThat(mlit.exit()).as(mlit.errors()).isZero();
      assertThat(mlit.errors()).contains("of them done before");
    }

    assertThat(directory.resolve("killed/table.md"))
        .hasSameBinaryContentAs(directory.resolve("undisturbed/table.md"));
    assertThat(results(directory.resolve("killed")))
        .isEqualTo(results(directory.resolve("undisturbed")));
  }

  /** One pre-trains while the other begins with what starts from scratch. */
  @Test
  void twoProcessesShareOutTheRuns() throws Exception {
    try (Mlit first = start("shared");
        Mlit second = start("shared")) {
      assertThat(first.exit()).as(first.errors()).isZero();
      assertThat(second.exit()).as(second.errors()).isZero();
      String both = first.errors() + second.errors();
      for (String run :
          new String[] {
            "pre",
            "clothes-2pct-scratch-s1",
            "clothes-2pct-scratch-s2",
            "clothes-2pct-fine-tune-pre-s1",
            "clothes-2pct-fine-tune-pre-s2",
            "clothes-2pct-swept-s1",
            "clothes-2pct-swept-s2"
          }) {
        assertThat(both).as(both).containsOnlyOnce(": " + run + ": test ");
      }
      for (String rate : new String[] {"1.0e-3", "1.0e-2"}) {
        assertThat(both)
            .as(both)
            .containsOnlyOnce(
                ": clothes-2pct-swept-s1,optimizer.learning-rate="
                    + rate
                    + ": validation accuracy ");
      }
      assertThat(first.errors()).as("has a part of it").contains(": test accuracy ");
      assertThat(second.errors()).as("has a part of it").contains(": test accuracy ");
    }
    assertThat(directory.resolve("shared/table.md"))
        .hasSameBinaryContentAs(directory.resolve("undisturbed/table.md"));
  }

  private static Mlit start(String out) throws IOException {
    return Mlit.start(directory, "study", "study.yaml", "--out", out);
  }

  /** All but how long it took, and where. */
  private static String results(Path study) throws IOException {
    return Files.readString(study.resolve("table.json"))
        .replaceAll("\"(seconds|directory)\" : [^,\n]*", "");
  }

  private static void write() throws IOException {
    String recipe =
        "data: {dataset: fashion-small}\ntraining: {batch: 50, steps: 30, threads: 2}\n";
    Files.writeString(
        directory.resolve("pre.yaml"),
        "name: pre\ntask: reconstruct\n"
            + MODEL.formatted("pre")
            + "  mask: 0.5\n  decoder: {layers: 1, embedding: 8, hidden: 6, heads: 2, groups: 1}\n"
            + recipe);
    Files.writeString(
        directory.resolve("tune.yaml"),
        "name: tune\n" + MODEL.formatted("tune") + "  classes: 10\n" + recipe);
    Files.writeString(
        directory.resolve("study.yaml"),
        """
        name: killed
        pretraining: [{name: pre, run: pre.yaml}]
        targets:
          - name: clothes
            run: tune.yaml
            fractions: [{labels: 0.02, steps: 40}]
            set: [data.validation-fraction=0.02]
        arms:
          - {arm: scratch}
          - {arm: fine-tune}
          - {arm: scratch, name: swept, sweep: {optimizer.learning-rate: [1.0e-3, 1.0e-2]}}
        seeds: [1, 2]
        tests: 2
        """);
  }
}
