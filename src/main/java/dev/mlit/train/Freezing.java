package dev.mlit.train;

import dev.mlit.graph.Variable;
import dev.mlit.spec.InvalidInputException;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;

/** Which variables a run leaves as they are. */
final class Freezing {
  private Freezing() {}

  /**
   * The variables that the patterns name: each is a variable's name or a group of them, such as
   * {@code encoder} or {@code encoder/block_0}.
   *
   * @throws InvalidInputException if a pattern names nothing, or nothing is left to train
   */
  static Set<Variable> frozen(List<String> patterns, List<Variable> variables) {
    Set<Variable> frozen = new LinkedHashSet<>();
    for (String pattern : patterns) {
      List<Variable> named =
          variables.stream()
              .filter(v -> v.name().equals(pattern) || v.name().startsWith(pattern + "/"))
              .toList();
      if (named.isEmpty()) {
        Set<String> groups = new TreeSet<>();
        variables.forEach(v -> groups.add(v.name().split("/", -1)[0]));
        throw new InvalidInputException(
            "freeze: \"" + pattern + "\" names no variable; groups are " + groups);
      }
      frozen.addAll(named);
    }
    if (frozen.size() == variables.size()) {
      throw new InvalidInputException("freeze: " + patterns + " leaves nothing to train");
    }
    return frozen;
  }
}
