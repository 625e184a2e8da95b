package dev.mlit.cli;

import dev.mlit.data.published.Catalogue;
import dev.mlit.data.published.Installation;
import dev.mlit.data.published.PublishedDataset;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code ./mlit data list}. */
@Command(
    name = "list",
    description = "Lists the datasets: what they are, their licence, and where they lie.",
    mixinStandardHelpOptions = true,
    sortOptions = false)
final class DataListCommand implements Callable<Integer> {
  @Spec private CommandSpec command;

  @Option(names = "--json", description = "Prints the result as JSON, on the last line.")
  private boolean json;

  /** What {@code --json} prints. */
  record Result(List<Item> datasets) {}

  /** One of the datasets. */
  record Item(
      String name,
      String description,
      int images,
      int classes,
      long bytes,
      String licence,
      String homepage,
      List<String> places,
      @Nullable String found,
      List<String> missing) {}

  @Override
  public Integer call() {
    Console console = Console.of(command);
    List<Installation> all = Catalogue.all().stream().map(Installation::of).toList();
    if (json) {
      console.json(new Result(all.stream().map(DataListCommand::item).toList()));
      return 0;
    }
    for (Installation installation : all) {
      PublishedDataset dataset = installation.dataset();
      String classes = dataset.classes() == 0 ? "" : ", " + dataset.classes() + " classes";
      console.line("%-19s  %s%s", dataset.name(), dataset.description(), classes);
      console.line("%-19s  %s; %s", "", dataset.licence(), dataset.homepage());
      console.line("%-19s  %s", "", where(installation));
    }
    return 0;
  }

  private static Item item(Installation installation) {
    PublishedDataset dataset = installation.dataset();
    Path found = installation.found();
    return new Item(
        dataset.name(),
        dataset.description(),
        dataset.images(),
        dataset.classes(),
        dataset.bytes(),
        dataset.licence(),
        dataset.homepage().toString(),
        installation.places().stream().map(Path::toString).toList(),
        found == null ? null : found.toString(),
        installation.missing());
  }

  private static String where(Installation installation) {
    PublishedDataset dataset = installation.dataset();
    if (dataset.images() == 0) {
      return "lies where you say: data.directory, --data-dir";
    }
    if (installation.places().isEmpty()) {
      return "comes with mlit";
    }
    Path found = installation.found();
    if (found == null) {
      return String.format(
          Locale.ROOT,
          "not in %s; %s: ./mlit data fetch %s",
          String.join(", ", installation.places().stream().map(Path::toString).toList()),
          size(dataset.bytes()),
          dataset.name());
    }
    int missing = installation.missing().size();
    int files = dataset.files().size();
    return missing == 0
        ? "in " + found
        : "in " + found + ", " + (files - missing) + " of the " + files + " published files";
  }

  private static String size(long bytes) {
    return String.format(Locale.ROOT, "%,d MB", (bytes + 500_000) / 1_000_000);
  }
}
