package dev.mlit.cli;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.charset.StandardCharsets;
import java.util.List;

/**
 * How a command ended in this process.
 *
 * @param exit its exit status
 * @param out standard output
 * @param err standard error, the part that the command itself writes
 * @param log the part of it that progress and logs write; empty unless it was asked for
 */
record Outcome(int exit, String out, String err, String log) {
  Outcome(int exit, String out, String err) {
    this(exit, out, err, "");
  }

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

  /** Runs a command, and keeps the log too. */
  static Outcome withLog(String... arguments) {
    ByteArrayOutputStream log = new ByteArrayOutputStream();
    PrintStream original = System.err;
    System.setErr(new PrintStream(log, true, StandardCharsets.UTF_8));
    try {
      Outcome outcome = of(arguments);
      return new Outcome(
          outcome.exit, outcome.out, outcome.err, log.toString(StandardCharsets.UTF_8));
    } finally {
      System.setErr(original);
    }
  }

  /** Standard output as JSON. */
  JsonNode json() throws IOException {
    return new ObjectMapper().readTree(out);
  }

  /** The last line of standard output, as JSON. */
  JsonNode lastLine() throws IOException {
    List<String> lines = out.lines().toList();
    return new ObjectMapper().readTree(lines.get(lines.size() - 1));
  }
}
