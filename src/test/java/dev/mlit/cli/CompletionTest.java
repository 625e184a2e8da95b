package dev.mlit.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.mlit.data.Datasets;
import dev.mlit.zoo.Zoo;
import dev.mlit.zoo.ZooModel;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import picocli.CommandLine;
import picocli.CommandLine.Model.OptionSpec;

/**
 * What a shell makes of the tab key. If it fails, a user's shell completes what mlit then refuses,
 * or prints errors into the line that is being typed.
 */
@Tag("slow")
class CompletionTest {
  /** The words of a line so far; the last one is completed. */
  private static final String COMPLETE =
      """
      set -u
      source "$1" && shift
      COMP_WORDS=("$@")
      COMP_CWORD=$(($# - 1))
      _mlit
      printf '%s\\n' ${COMPREPLY[@]+"${COMPREPLY[@]}"}
      """;

  @TempDir private static Path directory;
  private static Path script;

  @BeforeAll
  static void writeTheScript() throws IOException {
    Outcome outcome = Outcome.of("completion", "bash");
    assertThat(outcome.exit()).as(outcome.err()).isZero();
    script = Files.writeString(directory.resolve("script"), outcome.out());
    Path home = Files.createDirectories(directory.resolve("home"));
    Files.createDirectories(home.resolve("my runs/first"));
    Files.createDirectories(home.resolve(".hidden"));
    for (String file : List.of("my.yaml", "my.txt", "my.png", "my runs/second.yaml")) {
      Files.createFile(home.resolve(file));
    }
  }

  /** Words as bash splits them: = is one of its own. Replies are in any order. */
  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "mlit tra                          | train",
        "./mlit tra                        | train",
        "mlit nosuch                       |",
        "mlit train --res                  | --resume",
        "mlit data f                       | fetch",
        "mlit data fetch mni               | mnist",
        "mlit summary mlit-x               | mlit-xxs mlit-xs",
        "mlit summary my                   | my~runs my.yaml",
        "mlit train my                     | my~runs my.yaml",
        "mlit train --out my               | my~runs",
        "mlit train --out = my             | my~runs",
        "mlit train --minutes 3 my.y       | my.yaml",
        "mlit train --json my.y            | my.yaml",
        "mlit train -- my.y                | my.yaml",
        "mlit train --set training.ep      | training.epochs=",
        "mlit train --set = training.ep    | training.epochs=",
        "mlit train --set training.epochs = 3 my.y | my.yaml",
        "mlit augment --out my             | my~runs my.png",
        "mlit summary --set attention.h    | attention.heads=",
        "mlit study --set pretrain         | pretraining=",
        "mlit predict cifar1               | cifar10 cifar10-pretrained cifar100",
        "mlit predict my                   | my~runs",
        "mlit predict cifar100 my.         | my.yaml my.txt my.png",
        "mlit predict cifar100 a.png my.p  | my.png",
        "mlit predict --top 3 cifar1       | cifar10 cifar10-pretrained cifar100",
        "mlit predict --top cifar1         |",
        "mlit predict --format ''          | text jsonl csv",
        "mlit export x --format o          | onnx",
        "mlit export x --outputs logits,f  | logits,features",
        "mlit schema ''                    | model run study",
        "mlit completion ''                | bash zsh",
        "mlit evaluate x --data-dir .h     | .hidden",
        "mlit evaluate x --data-dir ''     | my~runs",
      })
  void completes(String line, @Nullable String replies) throws Exception {
    assertThat(complete(words(line)))
        .containsExactlyInAnyOrderElementsOf(replies == null ? List.of() : words(replies));
  }

  /** Words with ~ for a space; a line that ends with two quotes has an empty word there. */
  private static List<String> words(String text) {
    return Stream.of(text.split(" ", -1))
        .map(word -> word.replace('~', ' ').replace("''", ""))
        .filter(word -> !word.isEmpty() || text.endsWith("''"))
        .toList();
  }

  @Test
  void completesEveryCommand() throws Exception {
    assertThat(complete(List.of("mlit", "")))
        .containsExactlyElementsOf(Main.commandLine().getSubcommands().keySet());
  }

  static Stream<CommandLine> commands() {
    return Main.commandLine().getSubcommands().values().stream()
        .flatMap(each -> Stream.concat(Stream.of(each), each.getSubcommands().values().stream()));
  }

  @ParameterizedTest
  @MethodSource("commands")
  void completesEveryOptionOfACommand(CommandLine command) throws Exception {
    List<String> line =
        new ArrayList<>(Arrays.asList(command.getCommandSpec().qualifiedName().split(" ", -1)));
    line.add("-");

    assertThat(complete(line))
        .containsExactlyInAnyOrderElementsOf(command.getCommandSpec().optionsMap().keySet());
  }

  /** The script takes the next word for the value of such an option, and none after it. */
  @ParameterizedTest
  @MethodSource("commands")
  void noOptionTakesSeveralWords(CommandLine command) {
    assertThat(command.getCommandSpec().options())
        .extracting(OptionSpec::arity)
        .allSatisfy(arity -> assertThat(arity.min()).isEqualTo(arity.max()).isLessThan(2));
  }

  @Test
  void completesTheNamesThatThereAre() throws Exception {
    assertThat(complete(List.of("mlit", "evaluate", "x", "--data", "")))
        .containsAll(Datasets.names())
        .contains("my runs", "my.txt");
    assertThat(complete(List.of("mlit", "serve", "")))
        .containsAll(Zoo.models().stream().map(ZooModel::name).toList());
  }

  /** Bash looks for the part after the last slash, so ./mlit is completed, too. */
  @Test
  void bashKnowsTheScriptByTheNameOfTheCommand() throws Exception {
    assertThat(bash("source \"$1\" && complete -p mlit", script.toString()))
        .containsExactly("complete -o bashdefault -o default -F _mlit mlit");
  }

  @Test
  void zshReadsItsScript() throws Exception {
    Outcome outcome = Outcome.of("completion", "zsh");
    assertThat(outcome.exit()).isZero();
    assertThat(outcome.out()).startsWith("#compdef mlit\n").contains("compdef _mlit mlit");
    Path zsh = Files.writeString(directory.resolve("zsh"), outcome.out());
    assumeTrue(Files.isExecutable(Path.of("/usr/bin/zsh")), "no zsh on this system");

    assertThat(run("/usr/bin/zsh", "-n", zsh.toString())).isEmpty();
  }

  @Test
  void anUnknownShellIsTheUsersFault() {
    assertThat(Outcome.of("completion", "fish"))
        .isEqualTo(
            new Outcome(
                2,
                "",
                "SHELL: fish must be bash or zsh (try: ./mlit completion --help)"
                    + System.lineSeparator()));
  }

  /** Lines of its help that a user copies. */
  @Test
  void theHelpSaysHowToInstallIt() {
    assertThat(Outcome.of("completion", "--help").out())
        .contains(
            "eval \"$(./mlit completion bash)\"",
            "eval \"$(./mlit completion zsh)\"",
            "  ./mlit completion bash > ~/.local/share/bash-completion/completions/mlit",
            "  mkdir -p ~/.zfunc && ./mlit completion zsh > ~/.zfunc/_mlit");
  }

  private static List<String> complete(List<String> words) throws Exception {
    List<String> arguments = new ArrayList<>(List.of(script.toString()));
    arguments.addAll(words);
    return bash(COMPLETE, arguments.toArray(String[]::new)).stream()
        .filter(reply -> !reply.isEmpty())
        .toList();
  }

  private static List<String> bash(String program, String... arguments) throws Exception {
    List<String> command = new ArrayList<>(List.of("bash", "--norc", "-c", program, "bash"));
    command.addAll(List.of(arguments));
    return run(command.toArray(String[]::new));
  }

  /** Lines of standard output; nothing may be on standard error. */
  private static List<String> run(String... command) throws Exception {
    Path err = directory.resolve("err");
    Process process =
        new ProcessBuilder(command)
            .directory(directory.resolve("home").toFile())
            .redirectError(err.toFile())
            .start();
    String out = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertThat(process.waitFor(30, TimeUnit.SECONDS)).isTrue();
    assertThat(err).isEmptyFile();
    return out.lines().toList();
  }
}
