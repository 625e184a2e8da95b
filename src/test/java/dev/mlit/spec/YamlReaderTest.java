package dev.mlit.spec;

import static dev.mlit.spec.SpecAssertions.assertRefused;
import static org.assertj.core.api.Assertions.assertThat;

import dev.mlit.spec.Problem.Place;
import dev.mlit.spec.SpecNode.Mapping;
import dev.mlit.spec.SpecNode.Scalar;
import dev.mlit.spec.SpecNode.Sequence;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * If this fails, a slip in a YAML file is not found or not shown where it is: of a key given twice
 * one value would be dropped in silence, and a hostile file could take all memory.
 */
class YamlReaderTest {
  private static void refused(String text, String problem) {
    assertRefused(() -> YamlReader.document(text, "my.yaml"), problem);
  }

  @Test
  void knowsTheLineOfEveryField() {
    String text =
        """
        # a comment
        a: 1

        b:
          c: x
        d: [y,
          z]
        e: {f: ~,
          g: 2.5}
        """;
    assertThat(YamlReader.document(text, "my.yaml"))
        .isEqualTo(
            new Mapping(
                at(2),
                Map.of(
                    "a", new Scalar(at(2), 1, "1"),
                    "b", new Mapping(at(4), Map.of("c", new Scalar(at(5), "x", "x"))),
                    "d",
                        new Sequence(
                            at(6),
                            List.of(new Scalar(at(6), "y", "y"), new Scalar(at(7), "z", "z"))),
                    "e",
                        new Mapping(
                            at(8),
                            Map.of(
                                "f", new Scalar(at(8), null, "null"),
                                "g", new Scalar(at(9), 2.5, "2.5"))))));
  }

  private static Place at(int line) {
    return Place.of("my.yaml", line);
  }

  @Test
  void keepsTheOrderOfTheFile() {
    assertThat(YamlReader.document("{z: 1, a: 2, m: 3}", "my.yaml").entries().keySet())
        .containsExactly("z", "a", "m");
  }

  // ---- Keys given twice ----

  @Test
  void refusesAKeyGivenTwice() {
    refused("a: 1\nb: 2\na: 1\n", "my.yaml:3: a: is given twice");
  }

  @Test
  void refusesAKeyGivenTwiceInAGroup() {
    refused("a:\n  b: 1\n  'b': 2\n", "my.yaml:3: b: is given twice");
  }

  @Test
  void refusesAKeyGivenTwiceWhenTheFirstIsEmpty() {
    refused("a:\na: 1\n", "my.yaml:2: a: is given twice");
  }

  @Test
  void acceptsAKeyInTwoGroups() {
    assertThat(YamlReader.document("a: {k: 1}\nb: {k: 2}\n", "my.yaml").entries())
        .containsOnlyKeys("a", "b");
  }

  // ---- Anchors and aliases, a way to write little and mean a lot ----

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "a: &x {b: 1}      | 1",
        "a: &x [1, 2]      | 1",
        "a: &x 1;b: *x     | 2",
        "a: 1;b: [2, *x]   | 2",
        "a: 1;<<: *x       | 2",
      })
  void refusesAnchorsAndAliases(String lines, int line) {
    refused(
        lines.replace(';', '\n'),
        "my.yaml:"
            + line
            + ": anchors and aliases (& and *) are not supported: write the value out");
  }

  // ---- What is no document ----

  @ParameterizedTest
  @ValueSource(strings = {"", "\n\n", "# only a comment\n", "~"})
  void refusesAnEmptyFile(String text) {
    refused(text, "my.yaml:1: a spec must be a group of fields (key: value), not empty");
  }

  @Test
  void refusesAText() {
    refused(
        "just words\n",
        "my.yaml:1: a spec must be a group of fields (key: value), not \"just words\"");
  }

  @Test
  void refusesAList() {
    refused(
        "\n- a: 1\n- b: 2\n",
        "my.yaml:2: a spec must be a group of fields (key: value), not a list");
  }

  @Test
  void refusesTwoDocuments() {
    refused("a: 1\n---\nb: 2\n", "my.yaml:3: only one YAML document is allowed");
  }

  // ---- What is no YAML ----

  @Test
  void refusesAMappingThatIsNotClosed() {
    refused("a: 1\nb: {c: 1\nd: ]\n", "my.yaml:3: not valid YAML: expected ',' or '}', but got :");
  }

  @Test
  void refusesTabsAsIndentation() {
    refused(
        "a:\n\tb: 1\n",
        "my.yaml:2: not valid YAML: found character '\\t(TAB)' that cannot start any token."
            + " (Do not use \\t(TAB) for indentation)");
  }

  @Test
  void refusesAQuoteThatIsNotClosed() {
    refused("a: 'b\n\n", "my.yaml:3: not valid YAML: found unexpected end of stream");
  }

  @Test
  void refusesTwoColons() {
    refused("a: b: c\n", "my.yaml:1: not valid YAML: mapping values are not allowed here");
  }

  @Test
  void refusesControlCharacters() {
    refused("a: \u0001\n", "my.yaml:1: not valid YAML: special characters are not allowed");
  }

  @Test
  void refusesANumberThatIsNone() {
    refused("a: 1\nb: .nan\n", "my.yaml:2: not valid YAML: Malformed numeric value '.nan'");
  }

  // ---- Depth ----

  @Test
  void acceptsTwentyLevels() {
    assertThat(YamlReader.document("a: " + "[".repeat(19) + "]".repeat(19), "my.yaml").entries())
        .containsOnlyKeys("a");
  }

  @ParameterizedTest
  @ValueSource(ints = {20, 100_000})
  void refusesMoreThanTwentyLevels(int brackets) {
    refused("a: " + "[".repeat(brackets), "my.yaml:1: nested deeper than 20");
  }

  @Test
  void countsGroupsAsLevels() {
    refused("{a: ".repeat(21), "my.yaml:1: nested deeper than 20");
  }

  // ---- Values outside a file ----

  @Test
  void readsAValueOfTheCommandLine() {
    assertThat(YamlReader.value("[1, x]", Place.setting("a")))
        .isEqualTo(
            new Sequence(
                Place.setting("a"),
                List.of(
                    new Scalar(Place.setting("a"), 1, "1"),
                    new Scalar(Place.setting("a"), "x", "x"))));
  }

  @Test
  void readsNothingAsNothing() {
    assertThat(YamlReader.value("", Place.setting("a")))
        .isEqualTo(new Scalar(Place.setting("a"), null, ""));
  }

  @Test
  void saysNoLineOfTheCommandLine() {
    assertRefused(
        () -> YamlReader.value("[", Place.setting("a")),
        "setting a: not valid YAML: expected the node content, but found '<stream end>'");
  }
}
