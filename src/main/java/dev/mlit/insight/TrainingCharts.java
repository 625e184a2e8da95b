package dev.mlit.insight;

import dev.mlit.report.Component;
import dev.mlit.report.LineChart;
import dev.mlit.spec.OptimizerSpec;
import dev.mlit.train.TrainingListener.Epoch;
import dev.mlit.train.TrainingListener.Start;
import dev.mlit.train.TrainingListener.Step;
import java.util.ArrayList;
import java.util.List;
import java.util.function.ToDoubleFunction;

/**
 * Charts of a run's numbers over its epochs, such as loss and learning rate.
 *
 * @param run what was known at its start
 * @param epochs that are done
 * @param steps some of them
 */
record TrainingCharts(Start run, List<Epoch> epochs, List<Step> steps) {
  /**
   * The charts that a run has.
   *
   * @param classifies whether it is one of a classifier, which has an accuracy
   */
  Component[] all(boolean classifies) {
    String x = "epoch";
    LineChart loss =
        LineChart.of("Loss", x)
            .faintLine("steps", steps(Step::loss))
            .line("train", epochs(Epoch::trainLoss));
    measured(loss, Epoch::validationLoss, Epoch::testLoss);
    LineChart accuracy = LineChart.of("Accuracy", x).line("train", epochs(Epoch::trainAccuracy));
    measured(accuracy, Epoch::validationAccuracy, Epoch::testAccuracy);
    LineChart rate = rates(x);
    LineChart norm =
        LineChart.of("Gradient norm", x)
            .logarithmic()
            .line("before clipping", steps(Step::gradientNorm));
    double clip = run.run().optimizer().clipNorm();
    if (clip > 0) {
      norm.mark("clipped above " + clip, clip);
    }
    LineChart balance =
        LineChart.of("Balance loss", x).line("all blocks", steps(Step::balanceLoss));
    LineChart speed =
        LineChart.of("Images per second", x).line("training", epochs(Epoch::imagesPerSecond));
    List<Component> charts = new ArrayList<>(List.of(loss));
    if (classifies) {
      charts.add(accuracy);
    }
    new RunFeatures(run.run(), epochs).chart(run.stepsPerEpoch()).ifPresent(charts::add);
    charts.addAll(List.of(rate, norm, balance, speed));
    return charts.toArray(new Component[0]);
  }

  /** Adds a line for each part that was looked at. */
  private void measured(
      LineChart chart, ToDoubleFunction<Epoch> validation, ToDoubleFunction<Epoch> test) {
    if (run.validationImages() > 0) {
      chart.line("validation", epochs(validation));
    }
    if (epochs.stream().anyMatch(e -> Double.isFinite(test.applyAsDouble(e)))) {
      chart.line("test", epochs(test));
    }
  }

  private LineChart rates(String x) {
    OptimizerSpec optimizer = run.run().optimizer();
    LineChart rates = LineChart.of("Learning rate", x);
    if (!optimizer.isMuon()) {
      return rates.line("rate", steps(Step::learningRate));
    }
    double muon = optimizer.muonRate() / optimizer.learningRate();
    return rates
        .line("Muon", steps(step -> muon * step.learningRate()))
        .line("AdamW", steps(Step::learningRate));
  }

  private List<LineChart.Point> epochs(ToDoubleFunction<Epoch> value) {
    double each = run.stepsPerEpoch();
    return epochs.stream()
        .map(e -> new LineChart.Point(e.step() / each, value.applyAsDouble(e)))
        .toList();
  }

  private List<LineChart.Point> steps(ToDoubleFunction<Step> value) {
    double each = run.stepsPerEpoch();
    return steps.stream()
        .map(s -> new LineChart.Point(s.step() / each, value.applyAsDouble(s)))
        .toList();
  }
}
