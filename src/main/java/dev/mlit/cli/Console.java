package dev.mlit.cli;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.PropertyNamingStrategies;
import com.fasterxml.jackson.databind.json.JsonMapper;
import dev.mlit.spec.text.Printable;
import java.io.PrintWriter;
import java.util.Locale;
import picocli.CommandLine;

/** What a command writes: results on standard output, everything else on standard error. */
final class Console {
  private static final ObjectMapper JSON =
      JsonMapper.builder().propertyNamingStrategy(PropertyNamingStrategies.SNAKE_CASE).build();

  private final PrintWriter out;

  private Console(PrintWriter out) {
    this.out = out;
  }

  static Console of(CommandLine.Model.CommandSpec command) {
    return new Console(command.commandLine().getOut());
  }

  /** True if standard error is a terminal; Java cannot tell, so the launcher says it. */
  static boolean isTerminal() {
    return Boolean.getBoolean("mlit.terminal");
  }

  /** True if results are printed on a terminal; the launcher says it. */
  static boolean showsResults() {
    return Boolean.getBoolean("mlit.terminal.results");
  }

  void line(String format, Object... values) {
    // Values may be of files that somebody else has made.
    out.println(Printable.lines(String.format(Locale.ROOT, format, values)));
    out.flush();
  }

  /** One JSON object on a line of its own. */
  void json(Object value) {
    out.println(text(value));
    out.flush();
  }

  /** One JSON object as a line. */
  static String text(Object value) {
    try {
      // JSON must escape some control characters only; of the others, some terminals obey a few.
      return Printable.json(JSON.writeValueAsString(value));
    } catch (JsonProcessingException e) {
      throw new AssertionError("records are always JSON", e);
    }
  }
}
