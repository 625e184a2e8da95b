package dev.mlit.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.mlit.savedmodel.Evaluation;
import dev.mlit.savedmodel.Evaluation.ClassScores;
import dev.mlit.savedmodel.Evaluations;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** If this fails, what a user looks for has scrolled away, or stands under another class's name. */
class EvaluationTextTest {
  @ParameterizedTest
  @ValueSource(ints = {2, 10, 11, 100, 1000})
  void itIsAScreenHoweverManyClasses(int classes) {
    List<String> lines = EvaluationText.of(Evaluations.random(Evaluations.names(classes), 3000));
    assertThat(lines).hasSizeLessThanOrEqualTo(36);
    assertThat(lines).allMatch(line -> line.length() <= 100);
  }

  @Test
  void ofManyClassesTheWorstAreShownAndSaid() {
    Evaluation evaluation = Evaluations.random(Evaluations.names(1000), 5000);
    List<String> lines = EvaluationText.of(evaluation);

    int head = lines.indexOf(lines.stream().filter(l -> l.startsWith("worst ")).findFirst().get());
    assertThat(lines.get(head)).startsWith("worst 10 of 1000");
    List<String> worst =
        evaluation.classes().stream()
            .sorted(Comparator.comparingDouble(ClassScores::f1))
            .limit(10)
            .map(ClassScores::label)
            .toList();
    for (int i = 0; i < 10; i++) {
      assertThat(lines.get(head + 1 + i)).startsWith(worst.get(i) + " ");
    }
    assertThat(lines).contains("most often confused").anyMatch(l -> l.startsWith("top-5 accuracy"));
  }

  @Test
  void longNamesAreShortenedSoThatColumnsStay() {
    List<String> lines =
        EvaluationText.of(Evaluations.random(List.of("x".repeat(300), "りんご"), 100));
    assertThat(lines.stream().filter(line -> line.contains("x…") || line.contains("りんご")))
        .hasSizeGreaterThanOrEqualTo(4);
    assertThat(lines).noneMatch(line -> line.contains("x".repeat(24)) && !line.contains("taken"));
  }

  @Test
  void filesThatAreLeftOutAreCountedAndTheFirstNamed() {
    assertThat(EvaluationText.leftOut(List.of("a.png")))
        .isEqualTo("1 image file is left out, as it cannot be read: a.png");
    assertThat(EvaluationText.leftOut(Stream.of("a", "b", "c", "d").toList()))
        .isEqualTo("4 image files are left out, as they cannot be read: a, b, c and 1 more");
  }
}
