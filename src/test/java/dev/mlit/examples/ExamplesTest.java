package dev.mlit.examples;

import static org.assertj.core.api.Assertions.assertThat;

import dev.mlit.data.published.TinyPublished;
import dev.mlit.examples.kotlin.QuickstartKt;
import dev.mlit.spec.RunSpec;
import dev.mlit.spec.Specs;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Consumer;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * The example programs, cut short by {@code --steps}, on tiny data in the published formats.
 * Without this, an example that compiles may still fail for whoever runs it first, or the YAML
 * beside it trains something else.
 */
@Tag("slow")
class ExamplesTest {
  private static final Path SOURCES = Path.of("examples/java/dev/mlit/examples");
  private static final Path TABLE = Path.of("examples/README.md");
  private static final Path RUNS = Path.of("specs/runs");

  /** Runs of the command line and of studies. */
  private static final List<String> OTHER_RUNS =
      List.of(
          "quickstart.yaml",
          "fashion-small-augmented.yaml",
          "pretrain-cifar100.yaml",
          "transfer.yaml",
          "flowers102-from-cifar100.yaml",
          "cifar10-few-labels.yaml");

  @TempDir private Path directory;

  /**
   * An example.
   *
   * @param name of its class
   * @param tested images that are tested after two steps
   */
  record Sample(String name, RunSpec run, Consumer<Example> program, int tested) {
    Path yaml() {
      return RUNS.resolve(run.name() + ".yaml");
    }

    @Override
    public String toString() {
      return name;
    }
  }

  static Stream<Sample> samples() {
    return Stream.of(
        new Sample("Cifar10", Cifar10.run(), Cifar10::train, 128),
        new Sample("Cifar100", Cifar100.run(), Cifar100::train, 128),
        new Sample("Svhn", Svhn.run(), Svhn::train, 3),
        new Sample("Flowers102", Flowers102.run(), Flowers102::train, 2),
        new Sample("EuroSat", EuroSat.run(), EuroSat::train, 10),
        new Sample("FashionMnist", FashionMnist.run(), FashionMnist::train, 4));
  }

  // ---- Every example ----

  @ParameterizedTest
  @MethodSource("samples")
  void trainsEvaluatesAndExports(Sample sample) throws IOException {
    Path data = Files.createDirectory(directory.resolve("data"));
    TinyPublished.write(sample.run().data().dataset(), data);
    Path out = directory.resolve("out");

    Outcome outcome = run(sample.program(), "--steps", "2", "--data", data, "--out", out);

    assertThat(outcome.status()).isZero();
    assertThat(outcome.printed())
        .matches(
            Pattern.quote(out.resolve("savedmodel").toString())
                + ": accuracy [01]\\.\\d{4} on "
                + sample.tested()
                + " test images\\R");
    assertThat(out.resolve("savedmodel/saved_model.pb")).isRegularFile();
    assertThat(Files.readAllLines(out.resolve("run/metrics.jsonl")))
        .anyMatch(line -> line.contains("\"step\":2"));
  }

  @ParameterizedTest
  @MethodSource("samples")
  void isTheRunThatItsYamlDescribes(Sample sample) {
    assertThat(Specs.run(sample.yaml())).isEqualTo(sample.run());
  }

  /** What a newcomer looks for before waiting for it. */
  @ParameterizedTest
  @MethodSource("samples")
  void saysItsCommandItsTimeAndItsAccuracy(Sample sample) throws IOException {
    String header = header(sample.name());

    assertThat(header).contains("examples/run " + sample.name());
    assertThat(header)
        .containsPattern("\\d+ minutes on (one core|2 cores)|Nobody has run it in full yet")
        .containsPattern("accuracy of 0\\.\\d{4}|Nobody has run it in full yet");
  }

  @ParameterizedTest
  @MethodSource("samples")
  void hasARowInTheTableThatSaysTheSame(Sample sample) throws IOException {
    List<String> rows =
        Files.readAllLines(TABLE).stream()
            .filter(line -> line.startsWith("| [" + sample.name() + "]"))
            .toList();

    assertThat(rows).hasSize(1);
    assertThat(rows.get(0))
        .contains("(java/dev/mlit/examples/" + sample.name() + ".java)")
        .contains("(../specs/runs/" + sample.yaml().getFileName() + ")")
        .contains("`" + sample.run().data().dataset() + "`");
    Matcher accuracy = Pattern.compile("0\\.\\d{4}").matcher(rows.get(0));
    while (accuracy.find()) {
      assertThat(header(sample.name())).contains("accuracy of " + accuracy.group());
    }
  }

  @Test
  void noneIsLeftOut() throws IOException {
    assertThat(names(samples().map(Sample::name))).isEqualTo(names(mains()));
    Set<String> runs = names(samples().map(sample -> sample.yaml().getFileName().toString()));
    runs.addAll(OTHER_RUNS);
    assertThat(runs).isEqualTo(names(files(RUNS).map(file -> file.getFileName().toString())));
  }

  private static Stream<String> mains() throws IOException {
    return files(SOURCES)
        .map(file -> file.getFileName().toString().replace(".java", ""))
        .filter(name -> !name.equals("Example"));
  }

  private static Stream<Path> files(Path folder) throws IOException {
    try (Stream<Path> files = Files.list(folder)) {
      return files.toList().stream();
    }
  }

  private static Set<String> names(Stream<String> names) {
    return names.collect(Collectors.toCollection(TreeSet::new));
  }

  /** The Javadoc of the class, its lines joined. */
  private static String header(String name) throws IOException {
    String source = Files.readString(SOURCES.resolve(name + ".java"));
    int begin = source.indexOf("/**");
    return source.substring(begin, source.indexOf("*/", begin)).replaceAll("\\s*\\n \\* ?", " ");
  }

  @Test
  void theKotlinExampleTrainsExportsAndClassifies() {
    QuickstartKt.main(new String[] {"--steps", "2", "--out", directory.toString()});

    assertThat(directory.resolve("savedmodel/saved_model.pb")).isRegularFile();
  }

  // ---- The options ----

  @Test
  void withoutOptionsARunIsAsTheExampleDescribesIt() {
    assertThat(changed()).isEqualTo(Flowers102.run());
  }

  @Test
  void optionsChangeWhatTheyNameAndNothingElse() {
    RunSpec run = Flowers102.run();

    assertThat(changed("--data", "flowers.zip", "--out", "there", "--epochs", "7", "--steps", "9"))
        .isEqualTo(
            run.toBuilder()
                .data("flowers102-trainval", "flowers.zip")
                .training(t -> t.epochs(7).steps(9))
                .export(Path.of("there", "savedmodel").toString())
                .build());
  }

  /** Forty minutes of training are not to be lost to one minute of trying. */
  @Test
  void aFirstLookLeavesTheModelOfAWholeRunAlone() {
    assertThat(changed("--steps", "9").export()).isEqualTo("savedmodels/my-flowers102-9-steps");
  }

  private static RunSpec changed(String... options) {
    AtomicReference<RunSpec> changed = new AtomicReference<>(Cifar10.run());
    Outcome outcome =
        run(example -> changed.set(example.change(Flowers102.run())), (Object[]) options);
    assertThat(outcome.status()).as(outcome.errors()).isZero();
    return changed.get();
  }

  @Test
  void saysInOneLineWhatIsWrong() {
    Path nowhere = directory.resolve("nowhere");

    assertThat(run(Cifar10::train, "--data", nowhere, "--out", directory.resolve("out")))
        .isEqualTo(
            new Outcome(
                2,
                "",
                "data.directory: "
                    + nowhere
                    + " is not there; it must have the files of cifar10;"
                    + " DatasetFetch.of(\"cifar10\").to(Path.of(\""
                    + nowhere
                    + "\")).run() downloads it\n"));
    assertThat(run(Cifar10::train, "--step", "2"))
        .isEqualTo(new Outcome(2, "", "Unknown options: '--step', '2' (try: --help)\n"));
    assertThat(directory).isEmptyDirectory();
  }

  // ---- Running ----

  /** What a program printed and how it ended. */
  private record Outcome(int status, String printed, String errors) {}

  private static Outcome run(Consumer<Example> program, Object... options) {
    String[] args = Stream.of(options).map(Object::toString).toArray(String[]::new);
    ByteArrayOutputStream printed = new ByteArrayOutputStream();
    ByteArrayOutputStream errors = new ByteArrayOutputStream();
    PrintStream out = System.out;
    PrintStream err = System.err;
    System.setOut(new PrintStream(printed, true, StandardCharsets.UTF_8));
    System.setErr(new PrintStream(errors, true, StandardCharsets.UTF_8));
    try {
      int status = Example.run("Name", args, program);
      return new Outcome(
          status,
          printed.toString(StandardCharsets.UTF_8),
          errors.toString(StandardCharsets.UTF_8).replace("\r\n", "\n"));
    } finally {
      System.setOut(out);
      System.setErr(err);
    }
  }
}
