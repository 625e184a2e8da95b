package dev.mlit.train;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** Several listeners as one. All of them are closed, whatever one of them throws. */
final class ListenerGroup implements TrainingListener {
  private final List<TrainingListener> all;

  ListenerGroup(List<TrainingListener> all) {
    this.all = new ArrayList<>(all);
  }

  /** Adds listeners that are called before the others. */
  void addFirst(List<TrainingListener> listeners) {
    all.addAll(0, listeners);
  }

  @Override
  public void loading(Loading loading) {
    all.forEach(l -> l.loading(loading));
  }

  @Override
  public void waiting(List<String> workers) {
    all.forEach(l -> l.waiting(workers));
  }

  @Override
  public void started(Start start) {
    all.forEach(l -> l.started(start));
  }

  @Override
  public void step(Step step) {
    all.forEach(l -> l.step(step));
  }

  @Override
  public void tested(Predictions predictions) {
    all.forEach(l -> l.tested(predictions));
  }

  @Override
  public void painted(Painted painted) {
    all.forEach(l -> l.painted(painted));
  }

  @Override
  public void epoch(Epoch epoch) {
    all.forEach(l -> l.epoch(epoch));
  }

  @Override
  public void finalTest(FinalTest test) {
    all.forEach(l -> l.finalTest(test));
  }

  /** The first reason that one of them has. */
  @Override
  public Optional<String> reasonToEnd() {
    return all.stream().map(TrainingListener::reasonToEnd).flatMap(Optional::stream).findFirst();
  }

  @Override
  public void ended(TrainingResult result, Optional<String> reason) {
    all.forEach(l -> l.ended(result, reason));
  }

  @Override
  public void close() {
    RuntimeException failure = null;
    for (TrainingListener listener : all) {
      try {
        listener.close();
      } catch (RuntimeException e) {
        if (failure == null) {
          failure = e;
        } else {
          failure.addSuppressed(e);
        }
      }
    }
    if (failure != null) {
      throw failure;
    }
  }
}
