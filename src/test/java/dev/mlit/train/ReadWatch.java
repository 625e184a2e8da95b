package dev.mlit.train;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** Notes what it is told, and that no test image was read before the end. */
final class ReadWatch implements TrainingListener {
  private final CountedSplit test;
  final List<String> calls = new ArrayList<>();
  final List<Epoch> epochs = new ArrayList<>();
  final List<FinalTest> tests = new ArrayList<>();
  int readsBeforeTheEnd;
  long stopAfter;
  Runnable stop = () -> {};

  ReadWatch(CountedSplit test) {
    this.test = test;
  }

  private void told(String call) {
    calls.add(call);
    readsBeforeTheEnd = test.reads();
  }

  @Override
  public void loading(Loading loading) {
    calls.add("loading " + loading.part());
  }

  @Override
  public void started(Start start) {
    told("started at " + start.step());
  }

  @Override
  public void step(Step step) {
    told("step " + step.step());
    if (step.step() == stopAfter) {
      stop.run();
    }
  }

  @Override
  public void tested(Predictions predictions) {
    String part = predictions.part().text();
    if (predictions.part() == Predictions.Part.VALIDATION) {
      told(part);
    } else {
      calls.add(part);
    }
    assertThat(predictions.size()).isEqualTo(predictions.images().size());
  }

  @Override
  public void epoch(Epoch epoch) {
    told("epoch " + epoch.epoch());
    epochs.add(epoch);
  }

  @Override
  public Optional<String> reasonToEnd() {
    readsBeforeTheEnd = test.reads();
    return Optional.empty();
  }

  @Override
  public void finalTest(FinalTest found) {
    calls.add("final test after " + found.epoch());
    tests.add(found);
  }

  @Override
  public void ended(TrainingResult result, Optional<String> reason) {
    calls.add("ended at " + result.steps());
  }

  List<String> callsButSteps() {
    return calls.stream().filter(call -> !call.startsWith("step ")).toList();
  }
}
