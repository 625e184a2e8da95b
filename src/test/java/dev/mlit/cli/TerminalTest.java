package dev.mlit.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;

/**
 * Names that somebody else has chosen, on a terminal. If this fails, a file of a stranger's moves
 * the cursor, hides what was printed before, or adds arguments to a command.
 */
class TerminalTest {
  private static final String CLEAR = "\u001b[2J\u009b31m\u202e";

  @TempDir private Path directory;

  private static String refused(String... arguments) {
    CommandLine command = Main.commandLine();
    StringWriter err = new StringWriter();
    command.setErr(new PrintWriter(err, true));
    assertThat(command.execute(arguments)).isEqualTo(CommandLine.ExitCode.USAGE);
    return err.toString().stripTrailing();
  }

  @Test
  void aFileWhoseNameBeginsWithAnAtIsAFile() throws Exception {
    Path options = Files.writeString(directory.resolve("@x.png"), "--help\n");
    String name = directory.relativize(options).toString();
    assertThat(refused("summary", name)).contains("@x.png");
    assertThat(refused("summary", "@" + options)).contains("@" + options);
  }

  @Test
  void argumentsAreShownWithoutControlCharacters() {
    assertThat(refused("summary", "model" + CLEAR)).contains("model?[2J?31m?");
    assertThat(refused("summary", "--x" + CLEAR, "m")).contains("--x?[2J?31m?");
  }

  @Test
  void valuesOfASpecAreShownWithoutThem() throws Exception {
    Path spec =
        Files.write(directory.resolve("m.yaml"), List.of("pooling: \"\\e[2J\"", "name: \"\\ex\""));
    assertThat(refused("summary", spec.toString()))
        .contains("?[2J")
        .matches(text -> text.chars().noneMatch(c -> c != '\n' && Character.isISOControl(c)));
  }

  @Test
  void resultsAreShownWithoutThem() {
    StringWriter out = new StringWriter();
    CommandLine command = Main.commandLine().setOut(new PrintWriter(out, true));
    Console console = Console.of(command.getCommandSpec());

    console.line("%s: %s", "a" + CLEAR, "b");
    console.json(List.of("Größe" + CLEAR));

    assertThat(out.toString().lines())
        .containsExactly("a?[2J?31m?: b", "[\"Größe\\u001B[2J\\u009b31m\\u202e\"]");
  }
}
