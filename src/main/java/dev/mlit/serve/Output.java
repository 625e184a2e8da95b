package dev.mlit.serve;

import dev.mlit.spec.ModelSpec;
import java.util.Optional;
import java.util.stream.Stream;

/** What a model computes for an image. */
enum Output {
  LOGITS("logits"),
  PROBABILITIES("probabilities"),
  FEATURES("features");

  private final String title;

  Output(String title) {
    this.title = title;
  }

  /** Its name in the protocols. */
  String title() {
    return title;
  }

  static Optional<Output> named(String name) {
    return Stream.of(values()).filter(output -> output.title.equals(name)).findFirst();
  }

  /** The number of values for an image. */
  int width(ModelSpec spec) {
    return this == FEATURES ? spec.embedding() : spec.classes();
  }
}
