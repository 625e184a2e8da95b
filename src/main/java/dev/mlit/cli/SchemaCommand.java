package dev.mlit.cli;

import dev.mlit.files.NotWrittenException;
import dev.mlit.files.WholeFile;
import dev.mlit.spec.InvalidInputException;
import dev.mlit.spec.JsonSchema;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code ./mlit schema}. */
@Command(
    name = "schema",
    description =
        "Prints or writes the JSON Schema of models, runs or studies in YAML, by which an editor"
            + " completes and checks them.",
    mixinStandardHelpOptions = true,
    sortOptions = false)
final class SchemaCommand implements Callable<Integer> {
  @Spec private CommandSpec command;

  @Parameters(
      arity = "0..1",
      paramLabel = "SPEC",
      description = "One of ${COMPLETION-CANDIDATES}; all of them if left out, which needs --out.")
  private @Nullable JsonSchema schema;

  @Option(
      names = "--out",
      paramLabel = "FILE|DIR",
      description = "The file to write; without SPEC the directory, which is made.")
  private @Nullable Path out;

  @Override
  public Integer call() {
    Path target = out;
    if (schema == null) {
      if (target == null) {
        throw new InvalidInputException(
            "SPEC: name one of "
                + Mistyped.names(JsonSchema.class)
                + ", or a directory for all of them with --out");
      }
      directory(target);
      List.of(JsonSchema.values()).forEach(each -> write(each, target.resolve(each.fileName())));
    } else if (target == null) {
      command.commandLine().getOut().print(schema.text());
      command.commandLine().getOut().flush();
    } else {
      write(schema, Files.isDirectory(target) ? target.resolve(schema.fileName()) : target);
    }
    return 0;
  }

  private static void directory(Path directory) {
    try {
      Files.createDirectories(directory);
    } catch (IOException e) {
      throw NotWrittenException.orInvalid(directory, e);
    }
  }

  /** Says by which line a YAML file names the schema, wherever that file lies. */
  private void write(JsonSchema written, Path file) {
    WholeFile.writeNamed(file, written.text());
    Console console = Console.of(command);
    console.line("written to %s; the first line of a YAML file:", file);
    console.line("  %s", header(file));
  }

  /** The line of a YAML file anywhere on this machine that names the schema in a file. */
  private static String header(Path file) {
    Path absolute = file.toAbsolutePath().normalize();
    String path = absolute.toString();
    // The comment's place ends at a space.
    boolean plain = path.chars().noneMatch(Character::isWhitespace);
    return JsonSchema.header(plain ? path : absolute.toUri().toString());
  }

  /** As {@link #header}, of the schema of runs that lies where mlit does; empty if none does. */
  static Optional<String> headerOfRuns() {
    Path file = Quickstart.path().resolveSibling("../" + JsonSchema.RUN.fileName()).normalize();
    return Files.isRegularFile(file) ? Optional.of(header(file)) : Optional.empty();
  }
}
