package dev.mlit.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;

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
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * The README's snippets, taken out of it and run. Without this, the first thing a newcomer copies
 * may be the first thing that fails.
 */
class ReadmeTest {
  private static final Path README = Path.of("README.md");
  private static final Pattern BLOCK =
      Pattern.compile("^```(\\w+)\\n(.*?)^```$", Pattern.DOTALL | Pattern.MULTILINE);

  @TempDir private Path directory;

  @Test
  void javaSnippetsTrainExportClassifyAndServe() throws Exception {
    Path images = Files.createDirectories(directory.resolve("examples/images"));
    Files.copy(Path.of("examples/images/sneaker.png"), images.resolve("sneaker.png"));
    Files.copy(Path.of("examples/images/bag.png"), images.resolve("bag.png"));
    String program =
        program("Snippet", only("java", "ModelSpec.builder"))
            .replace("epochs(5)", "epochs(1).steps(2)");
    assertThat(program).contains("steps(2)");

    String output = Java.run(directory, "Snippet", program);

    assertThat(output).containsPattern("Prediction\\[index=\\d, label=.*, probability=0\\.\\d+");
    assertThat(directory.resolve("savedmodels/clothes/saved_model.pb")).isRegularFile();
    assertThat(Java.run(directory, "Serving", program("Serving", only("java", "classifyFiles"))))
        .contains("Prediction[index=")
        .endsWith("108 features\n");
  }

  /** It would train for hours. */
  @Test
  void javaSnippetOfAStudyCompiles() throws IOException {
    Java.compile(directory, "Transfer", program("Transfer", only("java", "StudySpec.builder")));
  }

  @Test
  void pythonSnippetLoadsClassifiesAndFineTunes() throws IOException {
    Python python = Python.with("tensorflow");
    RunSpec run =
        Specs.run(
            Path.of("specs/runs/quickstart.yaml"),
            List.of("training.steps=1", "export=" + directory.resolve("savedmodels/clothes")));
    Mlit.train(run, trainer -> trainer.directory(directory.resolve("run")));

    String output =
        python.run(
            Duration.ofMinutes(3),
            Map.of(),
            "-c",
            "import os; os.chdir('" + directory + "')\n" + only("python"));

    assertThat(output).contains("variables").contains("[[");
  }

  @Test
  void kotlinSnippetIsPartOfTheProgramThatEveryBuildCompiles() throws IOException {
    String example = Files.readString(Path.of("examples/kotlin/Quickstart.kt"));

    assertThat(example.replaceAll("(?m)^ +", ""))
        .contains(only("kotlin").replaceAll("(?m)^ +", ""));
  }

  /** Two steps of it, beside the specs of this repository, as the README has it. */
  @Test
  void yamlSnippetTrains() throws IOException {
    Path file = Files.writeString(directory.resolve("run.yaml"), only("yaml", "name: my-run"));
    Files.createSymbolicLink(directory.resolve("specs"), Path.of("specs").toAbsolutePath());
    Path export = directory.resolve("my-run");
    RunSpec run = Specs.run(file, List.of("training.steps=2", "export=" + export));

    Mlit.train(run, trainer -> trainer.directory(directory.resolve("run")));

    assertThat(export.resolve("saved_model.pb")).isRegularFile();
  }

  @Test
  void everyCommandLineIsOneThatTheProgramTakes() throws IOException {
    List<String> commands =
        blocks("sh").stream()
            .flatMap(String::lines)
            .map(line -> line.replaceAll("\\s+#.*", "").replaceFirst("^MLIT_GPU=1 ", ""))
            .filter(line -> line.startsWith("./mlit "))
            .toList();

    assertThat(commands).hasSizeGreaterThan(5);
    for (String command : commands) {
      String[] words = command.split(" +", -1);
      assertThatCode(() -> Main.commandLine().parseArgs(Arrays.copyOfRange(words, 1, words.length)))
          .as(command)
          .doesNotThrowAnyException();
    }
  }

  @Test
  void everyFileThatIsLinkedIsThere() throws IOException {
    Matcher link = Pattern.compile("\\]\\(([^)#:]+)\\)").matcher(Files.readString(README));
    List<String> linked = new ArrayList<>();
    while (link.find()) {
      linked.add(link.group(1));
    }

    assertThat(linked).isNotEmpty().allSatisfy(file -> assertThat(Path.of(file)).exists());
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
  private static String only(String language, String part) throws IOException {
    List<String> blocks = blocks(language).stream().filter(b -> b.contains(part)).toList();
    assertThat(blocks).as("README blocks in " + language + " with " + part).hasSize(1);
    return blocks.get(0);
  }

  private static String only(String language) throws IOException {
    List<String> blocks = blocks(language);
    assertThat(blocks).as("README blocks in " + language).hasSize(1);
    return blocks.get(0);
  }

  private static List<String> blocks(String language) throws IOException {
    List<String> blocks = new ArrayList<>();
    Matcher block = BLOCK.matcher(Files.readString(README));
    while (block.find()) {
      if (block.group(1).equals(language)) {
        blocks.add(block.group(2));
      }
    }
    return blocks;
  }
}
