package dev.mlit.spec;

import static java.util.stream.Collectors.joining;

import java.util.List;

/** A spec that breaks rules; it holds all of them, the message has one line for each. */
public final class InvalidSpecException extends InvalidInputException {
  private static final long serialVersionUID = 1;

  private final transient List<Problem> problems;

  public InvalidSpecException(List<Problem> problems) {
    super(problems.stream().map(Problem::toString).collect(joining("\n")));
    this.problems = List.copyOf(problems);
  }

  /** Every broken rule, in the order of the file's lines; never empty. */
  public List<Problem> problems() {
    return problems;
  }
}
