package dev.mlit;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.MatchResult;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/**
 * The library speaks of its API; see {@link dev.mlit.spec.advice.Advice}. If it fails, a program
 * that uses mlit tells its users to type commands and options that it does not have.
 */
class LibraryWordsTest {
  private static final Path SOURCES = Path.of("src/main/java/dev/mlit");

  /** The page of a model tells whoever finds it how it is used, on the command line too. */
  private static final Path PAGE = SOURCES.resolve("savedmodel/ModelPage.java");

  /** Comments, which are passed over, and then literals. */
  private static final Pattern TOKEN =
      Pattern.compile(
          "//[^\n]*+|/\\*(?s:.*?)\\*/"
              + "|(\"\"\"(?s:.*?)\"\"\"|\"(?:[^\"\\\\]++|\\\\.)*+\"|'(?:[^'\\\\]++|\\\\.)*+')");

  private static final Pattern COMMAND_LINE = Pattern.compile("\\./mlit|--[a-z]{2,}");

  @Test
  void onlyTheCommandLineNamesCommandsAndOptions() throws IOException {
    try (Stream<Path> files = Files.walk(SOURCES)) {
      List<String> found =
          files
              .filter(file -> file.toString().endsWith(".java"))
              .filter(file -> !file.startsWith(SOURCES.resolve("cli")) && !file.equals(PAGE))
              .flatMap(LibraryWordsTest::commands)
              .toList();
      assertThat(found).isEmpty();
    }
  }

  @Test
  void literalsAreFoundAndCommentsAreNot() {
    assertThat(literals("a = \"b \\\" --set\"; // \"--out\"\n/** \"./mlit\" */ c = '\"' + \"d\";"))
        .containsExactly("\"b \\\" --set\"", "'\"'", "\"d\"");
  }

  private static Stream<String> commands(Path file) {
    try {
      return literals(Files.readString(file)).stream()
          .filter(literal -> COMMAND_LINE.matcher(literal).find())
          .map(literal -> file + ": " + literal);
    } catch (IOException e) {
      throw new AssertionError(e);
    }
  }

  private static List<String> literals(String source) {
    Matcher matcher = TOKEN.matcher(source);
    return matcher
        .results()
        .map((MatchResult token) -> token.group(1))
        .filter(literal -> literal != null)
        .toList();
  }
}
