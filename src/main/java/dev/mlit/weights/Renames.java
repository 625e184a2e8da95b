package dev.mlit.weights;

import dev.mlit.spec.InvalidInputException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Predicate;
import java.util.function.UnaryOperator;

/**
 * The names of a model's variables where weights come from, if they are not mlit's: one by one, or
 * by what stands in front of many of them.
 *
 * @since 0.1.0
 */
public final class Renames {
  /** What a rename is, to follow it in a message. */
  public static final String RULE =
      " must be NAME=VARIABLE, such as dense/kernel=head/kernel, or PREFIX=, such as module.=";

  private final Map<String, String> names = new LinkedHashMap<>();
  private final List<Prefix> prefixes = new ArrayList<>();

  /**
   * What stands in front of names.
   *
   * @param there where the weights come from
   * @param here in the model, with slashes; empty for nothing
   */
  private record Prefix(String there, String here) {}

  /**
   * Adds one.
   *
   * @param from the name of a variable, or what names begin with up to a dot or slash
   * @param to the model's variable, or what stands there in its names: mostly nothing
   * @throws InvalidInputException if only one of the two is a name
   */
  public void add(String from, String to) {
    String variable = to.replace('.', '/');
    boolean begins = isBeginning(from);
    if (from.isBlank() || begins != (variable.isEmpty() || isBeginning(variable))) {
      throw new InvalidInputException(from + "=" + to + RULE);
    }
    if (begins) {
      prefixes.add(new Prefix(from, variable));
    } else {
      names.put(variable, from);
    }
  }

  private static boolean isBeginning(String name) {
    return name.endsWith(".") || name.endsWith("/");
  }

  boolean isEmpty() {
    return names.isEmpty() && prefixes.isEmpty();
  }

  /**
   * The variables that have other names where the weights come from.
   *
   * @param variables those of the model
   * @param isThere whether there is one of a name
   * @param form what becomes of a name that is not changed, such as dots for slashes
   * @return for a variable of the model, the name of the one that it is. A variable that is behind
   *     no prefix, but there under its name, is left out.
   */
  Map<String, String> of(
      Set<String> variables, Predicate<String> isThere, UnaryOperator<String> form) {
    Map<String, String> renamed = new LinkedHashMap<>();
    names.forEach(
        (here, there) -> renamed.put(here, isThere.test(there) ? there : form.apply(there)));
    for (String variable : variables) {
      if (!renamed.containsKey(variable)) {
        List<String> behind =
            prefixes.stream()
                .filter(prefix -> variable.startsWith(prefix.here))
                .map(p -> form.apply(p.there) + form.apply(variable.substring(p.here.length())))
                .toList();
        behind.stream()
            .filter(isThere)
            .findFirst()
            .or(() -> behind.stream().findFirst().filter(n -> !isThere.test(form.apply(variable))))
            .ifPresent(name -> renamed.put(variable, name));
      }
    }
    return renamed;
  }

  /** What is wrong with renames of {@link #of}: what they name is not there. */
  static List<String> problems(
      Map<String, String> renamed, Set<String> variables, Predicate<String> isThere) {
    List<String> problems = new ArrayList<>();
    renamed.forEach(
        (here, there) -> {
          if (!variables.contains(here)) {
            problems.add(here + ": the model has no such variable to rename " + there + " to");
          } else if (!isThere.test(there)) {
            problems.add(there + ": is not there, to be renamed to " + here);
          }
        });
    return problems;
  }
}
