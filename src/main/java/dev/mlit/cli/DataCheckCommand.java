package dev.mlit.cli;

import dev.mlit.data.ContactSheet;
import dev.mlit.data.Dataset;
import dev.mlit.data.Datasets;
import dev.mlit.data.Split;
import dev.mlit.data.published.Catalogue;
import dev.mlit.data.published.DatasetCheck;
import dev.mlit.data.published.FileCheck;
import dev.mlit.spec.InvalidInputException;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code ./mlit data check}. */
@Command(
    name = "check",
    description = "Reads a dataset: sums of its files, images of every class, what is damaged.",
    mixinStandardHelpOptions = true,
    sortOptions = false)
final class DataCheckCommand implements Callable<Integer> {
  @Spec private CommandSpec command;

  @Parameters(
      index = "0",
      paramLabel = "NAME",
      completionCandidates = Candidates.DatasetNames.class,
      description = "The dataset.")
  private String name;

  @Parameters(
      index = "1",
      arity = "0..1",
      paramLabel = "DIR",
      description = "Where its files lie; where ./mlit data list says if left out.")
  private @Nullable Path directory;

  @Option(
      names = "--sheet",
      paramLabel = "FILE.png",
      description = "Writes a picture of some images of every class.")
  private @Nullable Path sheet;

  @Option(names = "--json", description = "Prints the result as JSON, on the last line.")
  private boolean json;

  /** What {@code --json} prints. */
  record Result(DatasetCheck.Report dataset, List<FileCheck> files, @Nullable String sheet) {}

  @Override
  public Integer call() {
    Console console = Console.of(command);
    // First: a file that no reader takes is best explained by its sum.
    List<FileCheck> files = DatasetCheck.files(name, directory);
    if (!json) {
      files.forEach(file -> console.line("%-28s %s", file.name(), describe(file)));
    }
    Dataset dataset = Datasets.open(name, directory);
    DatasetCheck.Report report;
    int images =
        dataset.train().size()
            + dataset.validation().map(Split::size).orElse(0)
            + dataset.test().size();
    try (Counter counter = Counter.of("check", images, "images")) {
      report = DatasetCheck.run(dataset, counter::to);
    }
    if (sheet != null) {
      ContactSheet.write(dataset, sheet);
    }
    if (json) {
      console.json(new Result(report, files, sheet == null ? null : sheet.toString()));
    } else {
      print(console, report);
    }
    if (!report.problems().isEmpty()) {
      throw new InvalidInputException(String.join(System.lineSeparator(), report.problems()));
    }
    return 0;
  }

  private void print(Console console, DatasetCheck.Report report) {
    boolean validates = report.validation() > 0;
    console.line(
        "%s: %,d images to train on, %s%,d to test on, %s, %d classes",
        report.name(),
        report.train(),
        validates ? number(report.validation()) + " to validate on, " : "",
        report.test(),
        report.shape(),
        report.classes().size());
    int published = Catalogue.named(name).images();
    if (published > 0 && published != report.train() + report.validation() + report.test()) {
      console.line("published are %,d images in all", published);
    }
    int longest = report.classes().stream().mapToInt(c -> c.label().length()).max().orElse(0);
    String label = "%-" + Math.max(longest, 5) + "s";
    String validation = validates ? " %10s" : "%s";
    String format = label + " %8s" + validation + " %8s";
    console.line(format, "class", "train", validates ? "validation" : "", "test");
    for (DatasetCheck.ClassCount count : report.classes()) {
      console.line(
          format,
          count.label(),
          number(count.train()),
          validates ? number(count.validation()) : "",
          number(count.test()));
    }
    if (sheet != null) {
      console.line("sheet  %s", sheet);
    }
  }

  private static String number(int value) {
    return String.format(Locale.ROOT, "%,d", value);
  }

  private static String describe(FileCheck file) {
    String detail = file.detail().isEmpty() ? "" : ": " + file.detail();
    return switch (file.state()) {
      case PUBLISHED -> "as published";
      case SAME_CONTENT -> "the published content" + detail;
      case DIFFERENT -> "not the published file" + detail;
      case MISSING -> "not there";
    };
  }
}
