package dev.mlit.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;

import com.fasterxml.jackson.core.type.TypeReference;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.dataformat.yaml.YAMLMapper;
import dev.mlit.Mlit;
import dev.mlit.spec.RunSpec;
import dev.mlit.spec.Specs;
import dev.mlit.testing.Java;
import dev.mlit.testing.Python;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * The snippets of the README and of docs, taken out of them and run. Without this, the first thing
 * a newcomer copies may be the first thing that fails.
 */
@Tag("slow")
class ReadmeTest {
  private static final Path README = Path.of("README.md");
  private static final Path DOCS = Path.of("docs");
  private static final int MOST_LINES = 180;
  private static final Pattern BLOCK =
      Pattern.compile("^```(\\w+)\\n(.*?)^```$", Pattern.DOTALL | Pattern.MULTILINE);

  private static final ObjectMapper YAML = new YAMLMapper();

  @TempDir private Path directory;

  @Test
  void javaSnippetsTrainExportClassifyServeAndEvaluate() throws Exception {
    Path images = Files.createDirectories(directory.resolve("examples/images"));
    Files.copy(Path.of("examples/images/sneaker.png"), images.resolve("sneaker.png"));
    Files.copy(Path.of("examples/images/bag.png"), images.resolve("bag.png"));
    String program =
        program("Snippet", only(README, "java", "ModelSpec.builder"))
            .replace("epochs(5)", "epochs(1).steps(2)");
    assertThat(program).contains("steps(2)");

    String output = Java.run(directory, "Snippet", program);

    assertThat(output).containsPattern("Prediction\\[index=\\d, label=.*, probability=0\\.\\d+");
    assertThat(directory.resolve("savedmodels/clothes/saved_model.pb")).isRegularFile();
    assertThat(
            Java.run(
                directory,
                "Serving",
                program("Serving", only(DOCS.resolve("serving.md"), "java", "classifyFiles"))))
        .contains("Prediction[index=")
        .endsWith("108 features\n");
    Files.copy(Path.of("examples/images/coat.png"), images.resolve("coat.png"));
    assertThat(
            Java.run(
                directory,
                "Many",
                program("Many", only(DOCS.resolve("serving.md"), "java", "classifyAll"))))
        .contains("bag.png: ", "upload 7: not an image that can be read", "coat: ");
    assertThat(
            Java.run(
                directory,
                "Http",
                program("Http", only(DOCS.resolve("serving.md"), "java", "ModelServer"))))
        .containsPattern("http://127.0.0.1:\\d+ serves clothes");
    assertThat(
            Java.run(
                directory,
                "Evaluated",
                program("Evaluated", only(DOCS.resolve("evaluation.md"), "java", "evaluate("))))
        .containsPattern("accuracy 0\\.\\d{4} on 2000 images, F1 0\\.\\d+")
        .contains("Mistake[index=");
    assertThat(directory.resolve("evaluation.html")).isNotEmptyFile();
  }

  /** It would train for hours. */
  @Test
  void javaSnippetOfAStudyCompiles() throws IOException {
    String snippet = only(DOCS.resolve("transfer.md"), "java", "StudySpec.builder");
    Java.compile(directory, "Transfer", program("Transfer", snippet));
  }

  /** Two steps of the README's run, watched by it. */
  @Test
  void javaSnippetOfAListenerWatchesARunAndKeepsItsBestModel() throws Exception {
    Files.createSymbolicLink(directory.resolve("specs"), Path.of("specs").toAbsolutePath());
    String yaml = only(README, "yaml", "name: my-run").replace("epochs: 6", "epochs: 6, steps: 2");
    Files.writeString(directory.resolve("my-run.yaml"), yaml);

    String snippet = only(DOCS.resolve("runs.md"), "java", "TrainingListener");
    Java.run(directory, "Watched", program("Watched", snippet));

    assertThat(directory.resolve("savedmodels/best/saved_model.pb")).isRegularFile();
  }

  @Test
  void javaSnippetOfADatasetProviderGivesItsDatasetAName() throws Exception {
    String provider = only(DOCS.resolve("data.md"), "java", "DatasetProvider");
    Java.compile(directory, "Leaves", provider);
    Path services = Files.createDirectories(directory.resolve("META-INF/services"));
    Files.writeString(services.resolve("dev.mlit.data.DatasetProvider"), "Leaves\n");

    String output =
        Java.run(
            directory,
            "Names",
            """
            import dev.mlit.data.Datasets;
            public class Names {
              public static void main(String[] args) {
                System.out.println(Datasets.names() + " " + Datasets.describe("leaves"));
              }
            }
            """);

    assertThat(output).contains("fashion-small").contains("leaves of 12 trees");
  }

  @Test
  void pythonSnippetsLoadClassifyAndFineTune() throws IOException {
    Python python = Python.with("tensorflow");
    RunSpec run =
        Specs.run(
            Path.of("specs/runs/quickstart.yaml"),
            List.of("training.steps=1", "export=" + directory.resolve("savedmodels/clothes")));
    Mlit.train(run, trainer -> trainer.directory(directory.resolve("run")));

    for (Path file : List.of(README, DOCS.resolve("python.md"))) {
      String output =
          python.run(
              Duration.ofMinutes(3),
              Map.of(),
              "-c",
              "import os; os.chdir('" + directory + "')\n" + only(file, "python", "import"));

      assertThat(output).as(file.toString()).contains("variables").contains("[[");
    }
  }

  /** Two steps of it, beside the specs of this repository, as the README has it. */
  @Test
  void yamlSnippetTrains() throws IOException {
    Path file =
        Files.writeString(directory.resolve("run.yaml"), only(README, "yaml", "name: my-run"));
    Files.createSymbolicLink(directory.resolve("specs"), Path.of("specs").toAbsolutePath());
    Path export = directory.resolve("my-run");
    RunSpec run = Specs.run(file, List.of("training.steps=2", "export=" + export));

    Mlit.train(run, trainer -> trainer.directory(directory.resolve("run")));

    assertThat(export.resolve("saved_model.pb")).isRegularFile();
  }

  static Stream<Path> files() throws IOException {
    try (Stream<Path> docs = Files.list(DOCS)) {
      List<Path> pages = docs.filter(file -> file.toString().endsWith(".md")).sorted().toList();
      return Stream.concat(
          Stream.of(README, Path.of("CONTRIBUTING.md"), Path.of("examples/README.md")),
          pages.stream());
    }
  }

  /** Each is a part of a run or a study: with it in place, all of the run is valid. */
  @ParameterizedTest
  @MethodSource("files")
  void everyPieceOfYamlFitsIntoARun(Path file) throws IOException {
    List<String> blocks = blocks(file, "yaml");
    if (!blocks.isEmpty()) {
      Files.createSymbolicLink(directory.resolve("specs"), Path.of("specs").toAbsolutePath());
    }
    for (String block : blocks) {
      boolean study = block.startsWith("arms:");
      String whole =
          study
              ? Files.readString(Path.of("specs/studies/eurosat.yaml"))
              : only(README, "yaml", "name: my-run");
      Path merged = directory.resolve("merged.yaml");
      Files.write(merged, YAML.writeValueAsBytes(merged(whole, block)));
      assertThatCode(() -> read(merged, study)).as(block).doesNotThrowAnyException();
    }
  }

  private static void read(Path file, boolean study) {
    if (study) {
      Specs.study(file, List.of());
    } else {
      Specs.run(file, List.of());
    }
  }

  private static Map<String, Object> merged(String whole, String block) throws IOException {
    TypeReference<LinkedHashMap<String, Object>> type = new TypeReference<>() {};
    Map<String, Object> all = YAML.readValue(whole, type);
    all.putAll(YAML.readValue(block, type));
    return all;
  }

  @ParameterizedTest
  @MethodSource("files")
  void everyCommandLineIsOneThatTheProgramTakes(Path page) throws IOException {
    List<String> commands =
        blocks(page, "sh").stream()
            .flatMap(String::lines)
            .map(line -> line.replaceAll("\\s+#.*", "").replaceFirst("^MLIT_GPU=1 ", ""))
            .filter(line -> line.startsWith("./mlit "))
            .toList();

    for (String command : commands) {
      String[] words = command.split(" +", -1);
      assertThatCode(() -> Main.commandLine().parseArgs(Arrays.copyOfRange(words, 1, words.length)))
          .as(command)
          .doesNotThrowAnyException();
    }
  }

  @ParameterizedTest
  @MethodSource("files")
  void everyFileAndHeadingThatIsLinkedIsThere(Path page) throws IOException {
    Matcher link = Pattern.compile("\\]\\(([^)#:]*)(#[^)]+)?\\)").matcher(Files.readString(page));
    int links = 0;
    for (; link.find(); links++) {
      Path file = link.group(1).isEmpty() ? page : page.resolveSibling(link.group(1));
      assertThat(file).exists();
      if (link.group(2) != null) {
        assertThat(headings(file)).as("%s in %s", link.group(), page).contains(link.group(2));
      }
    }
    assertThat(page.equals(README) ? links : 1).isPositive();
  }

  /** As forges make anchors of headings. */
  private static List<String> headings(Path file) throws IOException {
    return Files.readAllLines(file).stream()
        .filter(line -> line.startsWith("#"))
        .map(line -> line.replaceFirst("^#+ ", "").toLowerCase(Locale.ROOT))
        .map(line -> "#" + line.replaceAll("[^a-z0-9 -]", "").replace(' ', '-'))
        .toList();
  }

  @Test
  void theReadmeIsReadInOneSitting() throws IOException {
    assertThat(Files.readAllLines(README)).hasSizeLessThanOrEqualTo(MOST_LINES);
  }

  /** A page that nobody links is a page that nobody finds. */
  @Test
  void everyPageIsInTheContents() throws IOException {
    String contents = Files.readString(DOCS.resolve("README.md"));
    assertThat(files().filter(file -> file.startsWith(DOCS)))
        .allSatisfy(
            page -> {
              String name = page.getFileName().toString();
              assertThat(name.equals("README.md") || contents.contains("](" + name + ")"))
                  .as(name)
                  .isTrue();
            });
  }

  /** Imports on top, the statements in a main method. */
  private static String program(String name, String snippet) {
    Stream<String> imports = snippet.lines().filter(line -> line.startsWith("import "));
    Stream<String> statements = snippet.lines().filter(line -> !line.startsWith("import "));
    return String.join("\n", imports.toList())
        + "\npublic class "
        + name
        + " { public static void main(String[] args) throws Exception {\n"
        + String.join("\n", statements.toList())
        + "\n} }\n";
  }

  /** The block that has this in it. */
  private static String only(Path file, String language, String part) throws IOException {
    List<String> blocks = blocks(file, language).stream().filter(b -> b.contains(part)).toList();
    assertThat(blocks).as("%s: blocks in %s with %s", file, language, part).hasSize(1);
    return blocks.get(0);
  }

  private static List<String> blocks(Path file, String language) throws IOException {
    List<String> blocks = new ArrayList<>();
    Matcher block = BLOCK.matcher(Files.readString(file));
    while (block.find()) {
      if (block.group(1).equals(language)) {
        blocks.add(block.group(2));
      }
    }
    return blocks;
  }
}
