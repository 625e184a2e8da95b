package dev.mlit.cli;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.util.List;

/**
 * How a command ended in this process.
 *
 * @param exit its exit status
 * @param out standard output
 * @param err standard error, the part that the command itself writes
 */
record Outcome(int exit, String out, String err) {
  /** Runs a command. */
  static Outcome of(String... arguments) {
    StringWriter out = new StringWriter();
    StringWriter err = new StringWriter();
    int exit =
        Main.commandLine()
            .setOut(new PrintWriter(out, true))
            .setErr(new PrintWriter(err, true))
            .execute(arguments);
    return new Outcome(exit, out.toString(), err.toString());
  }

  /** The last line of standard output, as JSON. */
  JsonNode lastLine() throws IOException {
    List<String> lines = out.lines().toList();
    return new ObjectMapper().readTree(lines.get(lines.size() - 1));
  }
}
