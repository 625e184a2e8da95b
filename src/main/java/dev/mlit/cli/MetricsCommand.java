package dev.mlit.cli;

import dev.mlit.files.WholeFile;
import dev.mlit.train.RunDirectory;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code ./mlit metrics}. */
@Command(
    name = "metrics",
    description = {
      "Prints what runs have measured as one table, for spreadsheets, pandas or R.",
      "The first column is the run, as it was named here; the others are called as in"
          + " metrics.jsonl, and what was not measured is empty."
    },
    mixinStandardHelpOptions = true,
    sortOptions = false)
final class MetricsCommand implements Callable<Integer> {
  @Spec private CommandSpec command;

  @Parameters(
      arity = "1..*",
      paramLabel = "RUN_DIR",
      description = "Run directories, such as runs/quickstart, or of a study runs/NAME/cells/*.")
  private List<Path> runs;

  @Option(
      names = "--table",
      paramLabel = "TABLE",
      defaultValue = "epochs",
      description =
          "epochs (if left out), steps: loss, learning rate and gradient norm of every tenth step,"
              + " or experts: what the router gave each of them, epoch by epoch.")
  private MetricsTable.Kind kind;

  @Option(
      names = "--format",
      paramLabel = "FORMAT",
      defaultValue = "csv",
      description = "csv (if left out), or jsonl: a JSON object for every row.")
  private Format format;

  @Option(
      names = "--out",
      paramLabel = "FILE",
      description = "The file to write; standard output if left out.")
  private @Nullable Path out;

  /** The names of the formats. */
  private enum Format {
    CSV,
    JSONL
  }

  @Override
  public Integer call() {
    List<RunDirectory> directories = runs.stream().map(RunDirectory::open).toList();
    MetricsTable table = MetricsTable.of(kind);
    List<String> lines = new ArrayList<>();
    if (format == Format.CSV) {
      lines.add(table.header());
    }
    try (Counter counter = Counter.of("read", directories.size(), "runs")) {
      int read = 0;
      for (RunDirectory run : directories) {
        if (format == Format.CSV) {
          lines.addAll(table.csv(run));
        } else {
          table.objects(run).forEach(row -> lines.add(Console.text(row)));
        }
        counter.to(++read);
      }
    }
    // Only when all were read: a table is whole, or there is none.
    Path file = out;
    if (file == null) {
      Console console = Console.of(command);
      lines.forEach(line -> console.line("%s", line));
    } else {
      WholeFile.writeNamed(file, String.join("\n", lines) + (lines.isEmpty() ? "" : "\n"));
    }
    return 0;
  }
}
