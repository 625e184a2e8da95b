package dev.mlit.spec;

import static java.util.stream.Collectors.joining;

import dev.mlit.spec.advice.Advice;
import dev.mlit.spec.advice.Message;
import dev.mlit.spec.text.Printable;
import java.util.List;

/**
 * A spec breaks rules. {@link #problems} has all of them; the message has a line for each of the
 * first 20.
 *
 * @since 0.1.0
 */
public final class InvalidSpecException extends InvalidInputException {
  private static final long serialVersionUID = 1;

  /** A screen full: who has broken more of them begins with these. */
  private static final int SHOWN = 20;

  private final transient List<Problem> problems;

  public InvalidSpecException(List<Problem> problems) {
    super(message(List.copyOf(problems)));
    this.problems = List.copyOf(problems);
  }

  private static Message message(List<Problem> problems) {
    return advice -> message(problems, advice);
  }

  private static String message(List<Problem> problems, Advice advice) {
    String lines =
        problems.stream()
            .limit(SHOWN)
            .map(problem -> Printable.line(problem.text(advice)))
            .collect(joining("\n"));
    int more = problems.size() - SHOWN;
    return more > 0 ? lines + " (and " + more + " more problems)" : lines;
  }

  /** Every broken rule, in the order of the file's lines; never empty. */
  public List<Problem> problems() {
    return problems;
  }
}
