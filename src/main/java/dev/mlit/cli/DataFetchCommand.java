package dev.mlit.cli;

import dev.mlit.data.published.DatasetFetch;
import dev.mlit.data.published.FetchListener;
import dev.mlit.data.published.PublishedFile;
import dev.mlit.spec.text.Printable;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code ./mlit data fetch}. */
@Command(
    name = "fetch",
    description = "Downloads a dataset; goes on where an earlier download stopped.",
    mixinStandardHelpOptions = true,
    sortOptions = false)
final class DataFetchCommand implements Callable<Integer> {
  @Spec private CommandSpec command;

  @Parameters(
      paramLabel = "NAME",
      completionCandidates = Candidates.PublishedNames.class,
      description = "The dataset; ./mlit data list names them.")
  private String name;

  @Option(
      names = "--to",
      paramLabel = "DIR",
      description = "Where to put its files; $$MLIT_DATA/NAME or data/NAME if left out.")
  private @Nullable Path target;

  @Option(
      names = "--from",
      paramLabel = "URL",
      description = "A directory on the web with the same files; the authors' if left out.")
  private @Nullable String mirror;

  @Option(
      names = "--unpack",
      description = "Unpacks archives too; mlit reads them as they are, so it does not need that.")
  private boolean unpack;

  @Option(names = "--json", description = "Prints the result as JSON, on the last line.")
  private boolean json;

  /** What {@code --json} prints. */
  record Result(
      @Nullable String directory,
      List<String> fetched,
      List<String> present,
      long bytes,
      List<String> unpacked) {}

  @Override
  public Integer call() {
    DatasetFetch fetch = DatasetFetch.of(name).unpack(unpack);
    if (target != null) {
      fetch.to(target);
    }
    if (mirror != null) {
      fetch.from(mirror);
    }
    DatasetFetch.Result result;
    try (Shown shown = new Shown()) {
      result = fetch.listener(shown).run();
    }
    Console console = Console.of(command);
    Path directory = result.directory();
    List<String> unpacked = result.unpacked().stream().map(Path::toString).toList();
    if (json) {
      console.json(
          new Result(
              directory == null ? null : directory.toString(),
              result.fetched(),
              result.present(),
              result.bytes(),
              unpacked));
      return 0;
    }
    if (directory == null) {
      console.line("%s comes with mlit, there is nothing to fetch", name);
    } else if (result.fetched().isEmpty()) {
      console.line("%s is in %s, every file as published; nothing to fetch", name, directory);
    } else {
      console.line(
          "%s is in %s: %d files fetched, %.1f MB, sums checked",
          name, directory, result.fetched().size(), result.bytes() / 1e6);
    }
    unpacked.forEach(path -> console.line("unpacked to %s", path));
    return 0;
  }

  /** Shows a person how it proceeds. */
  private static final class Shown implements FetchListener, AutoCloseable {
    private @Nullable Counter counter;

    @Override
    public void started(PublishedFile file, long present) {
      close();
      counter = Counter.ofBytes(file.name(), present, file.bytes());
    }

    @Override
    public void progress(PublishedFile file, long present) {
      if (counter != null) {
        counter.to(present);
      }
    }

    @Override
    public void retrying(PublishedFile file, String problem, Duration pause) {
      System.err.println(
          file.name()
              + ": "
              + Printable.line(problem)
              + "; tries again in "
              + pause.toSeconds()
              + " s");
    }

    @Override
    public void finished(PublishedFile file) {
      close();
    }

    @Override
    public void close() {
      if (counter != null) {
        counter.close();
        counter = null;
      }
    }
  }
}
