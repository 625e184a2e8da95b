package dev.mlit.train.step;

import dev.mlit.spec.InvalidInputException;
import dev.mlit.spec.RunSpec;
import dev.mlit.spec.text.Suggestions;
import dev.mlit.weights.Variable;
import java.nio.file.FileSystems;
import java.nio.file.Path;
import java.nio.file.PathMatcher;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.PatternSyntaxException;
import java.util.stream.Collectors;

/** Which variables a run leaves as they are. */
final class Freezing {
  private Freezing() {}

  /**
   * The variables that a run leaves as they are: those that {@code freeze} names, and with a probe
   * all but the head.
   *
   * @throws InvalidInputException if a pattern names nothing, or nothing is left to train
   */
  static Set<Variable> of(RunSpec run, List<Variable> variables) {
    return run.probe() == null
        ? frozen(run.freeze(), variables)
        : variables.stream()
            .filter(variable -> !variable.name().startsWith("head/"))
            .collect(Collectors.toCollection(LinkedHashSet::new));
  }

  /**
   * The variables that the patterns name: each is a variable's name or a group of them, such as
   * {@code encoder} or {@code encoder/block_0}, or a pattern of such as in a shell: {@code *},
   * which ends at a slash, {@code **}, which does not, {@code ?}, {@code [0-3]}, {@code {a,b}}.
   *
   * @throws InvalidInputException if a pattern names nothing, or nothing is left to train
   */
  static Set<Variable> frozen(List<String> patterns, List<Variable> variables) {
    Set<Variable> frozen = new LinkedHashSet<>();
    for (String pattern : patterns) {
      PathMatcher matcher = matcher(pattern);
      List<Variable> named = variables.stream().filter(v -> names(matcher, v)).toList();
      if (named.isEmpty()) {
        throw nothing(pattern, variables);
      }
      frozen.addAll(named);
    }
    if (frozen.size() == variables.size()) {
      throw new InvalidInputException("freeze: " + patterns + " leaves nothing to train");
    }
    return frozen;
  }

  private static PathMatcher matcher(String pattern) {
    try {
      return FileSystems.getDefault().getPathMatcher("glob:" + pattern);
    } catch (PatternSyntaxException e) {
      throw new InvalidInputException(
          "freeze: \"" + pattern + "\" is no pattern: " + e.getDescription(), e);
    }
  }

  private static boolean names(PathMatcher matcher, Variable variable) {
    for (Path name = Path.of(variable.name()); name != null; name = name.getParent()) {
      if (matcher.matches(name)) {
        return true;
      }
    }
    return false;
  }

  private static InvalidInputException nothing(String pattern, List<Variable> variables) {
    Set<String> groups = new TreeSet<>();
    Set<String> names = new LinkedHashSet<>();
    for (Variable variable : variables) {
      groups.add(variable.name().split("/", -1)[0]);
      for (Path name = Path.of(variable.name()); name != null; name = name.getParent()) {
        names.add(name.toString().replace('\\', '/'));
      }
    }
    return new InvalidInputException(
        "freeze: \""
            + pattern
            + "\" names no variable; "
            + Suggestions.didYouMean(pattern, names)
            + "groups are "
            + groups);
  }
}
