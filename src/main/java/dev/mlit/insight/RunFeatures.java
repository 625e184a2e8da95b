package dev.mlit.insight;

import dev.mlit.report.LineChart;
import dev.mlit.report.Tiles;
import dev.mlit.spec.NeighboursSpec;
import dev.mlit.spec.ProbeSpec;
import dev.mlit.spec.RunSpec;
import dev.mlit.train.TrainingListener.Epoch;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/**
 * What the page of a run says of its features: the probe, and the nearest neighbours after epochs.
 *
 * @param run the run
 * @param epochs that are done, at least one
 */
record RunFeatures(RunSpec run, List<Epoch> epochs) {

  /** The epochs after which nearest neighbours were asked. */
  private List<Epoch> measured() {
    return epochs.stream().filter(e -> !Double.isNaN(e.neighboursAccuracy())).toList();
  }

  /** Adds what nearest neighbours said last, if they were asked. */
  void addNeighbours(Tiles tiles) {
    NeighboursSpec spec = run.neighbours();
    List<Epoch> measured = measured();
    if (spec != null && !measured.isEmpty()) {
      Epoch last = measured.get(measured.size() - 1);
      tiles.add(
          "Nearest neighbours",
          percent(last.neighboursAccuracy()),
          "validation images, k = " + spec.k() + ", after epoch " + last.epoch());
    }
  }

  /** What a probe found. */
  Tiles probe(ProbeSpec probe) {
    Epoch done = epochs.get(epochs.size() - 1);
    Tiles tiles = Tiles.none();
    accuracy(tiles, "Test accuracy", done.testAccuracy());
    accuracy(tiles, "Validation accuracy", done.validationAccuracy());
    if (probe.kind() == ProbeSpec.Kind.LOGISTIC_REGRESSION) {
      tiles
          .add("Train accuracy", percent(done.trainAccuracy()), "of the same head")
          .add(
              "Probe",
              "logistic regression",
              String.format(Locale.ROOT, "standardised features, l2 %s", probe.l2()));
    } else {
      tiles.add("Probe", "nearest neighbours", "cosine similarity, k = " + probe.k());
    }
    return tiles.add("Time", Durations.text(done.seconds()), "features, probe and test");
  }

  /** Of what was looked at: the test images are read last, validation images may be none. */
  private static void accuracy(Tiles tiles, String name, double share) {
    if (!Double.isNaN(share)) {
      tiles.add(name, percent(share), "of the frozen features");
    }
  }

  /** The accuracy of nearest neighbours, epoch by epoch, if they were asked. */
  Optional<LineChart> chart(long stepsPerEpoch) {
    List<LineChart.Point> points =
        measured().stream()
            .map(
                e -> new LineChart.Point(e.step() / (double) stepsPerEpoch, e.neighboursAccuracy()))
            .toList();
    return points.isEmpty()
        ? Optional.empty()
        : Optional.of(
            LineChart.of("Accuracy of nearest neighbours", "epoch").line("validation", points));
  }

  private static String percent(double share) {
    return String.format(Locale.ROOT, "%.2f %%", 100 * share);
  }
}
