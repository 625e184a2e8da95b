package dev.mlit.insight;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import dev.mlit.data.Dataset;
import dev.mlit.savedmodel.Evaluation;
import dev.mlit.savedmodel.Evaluations;
import dev.mlit.spec.InvalidInputException;
import dev.mlit.testing.Browser;
import dev.mlit.testing.TinyData;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.regex.Pattern;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * The page of an evaluation. If this fails, a user who looks for what a model gets wrong sees other
 * numbers, other pictures, or a page that runs what somebody has written into the name of a folder.
 */
class EvaluationReportTest {
  private static final List<String> LABELS = List.of("<script>alert(1)</script>", "b & \"c\"", "d");
  private static final Dataset IMAGES = TinyData.dataset(LABELS, 3, 60);

  @TempDir private Path temporary;

  private Evaluation evaluation;
  private Path page;

  @BeforeEach
  void write() {
    evaluation = Evaluations.random(LABELS, 60);
    page = temporary.resolve("evaluation.html");
    EvaluationReport.of("tiny <b>", evaluation, IMAGES)
        .note("left out: <i>x</i>")
        .footer("model & co")
        .write(page);
  }

  @Test
  void showsTheNumbers() throws IOException {
    String html = Files.readString(page);
    assertThat(html)
        .contains("60 images of 3 classes")
        .contains(String.format(Locale.ROOT, "%.2f %%", 100 * evaluation.accuracy()))
        .contains(String.format(Locale.ROOT, "<strong>%.4f</strong>", evaluation.loss()))
        .contains(
            String.format(Locale.ROOT, "<strong>%.4f</strong>", evaluation.calibration().error()))
        .contains("Macro F1", "Confusion matrix", "Reliability", "Worst mistakes");
    for (Evaluation.ClassScores scores : evaluation.classes()) {
      assertThat(html).contains("<td data-value=\"" + scores.f1() + "\">");
    }
  }

  @Test
  void namesAndNotesAreTextAndNeverMarkup() throws IOException {
    assertThat(Files.readString(page))
        .contains("tiny &lt;b&gt;", "&lt;i&gt;x&lt;/i&gt;", "model &amp; co")
        .contains("&lt;script&gt;alert(1)", "b &amp; &quot;c&quot;")
        .doesNotContain("<script>alert", "<i>x", "tiny <b>");
  }

  @Test
  void needsNothingButItself() throws IOException {
    assertThat(Files.readString(page))
        .contains("Content-Security-Policy\" content=\"default-src 'none';")
        .doesNotContainPattern("(src|href)=\"(?!data:)");
  }

  /** Those of the dataset, in its own size. */
  @Test
  void thePicturesAreThoseOfTheWorstMistakesUpTo32() throws IOException {
    String html = Files.readString(page);
    int mistakes = Math.min(32, evaluation.worstMistakes().size());
    assertThat(html.split("data:image/png;base64", -1)).hasSize(1 + mistakes);
    List<String> files =
        Pattern.compile("<small>(test/\\d+\\.png)</small>")
            .matcher(html)
            .results()
            .map(found -> found.group(1))
            .toList();
    assertThat(files)
        .containsExactlyElementsOf(
            evaluation.worstMistakes().subList(0, mistakes).stream()
                .map(mistake -> mistake.file().orElseThrow())
                .toList());
  }

  @Test
  void manyClassesAreAPageOfModerateSize() throws IOException {
    List<String> labels = Evaluations.names(1000);
    EvaluationReport.of(
            "many", Evaluations.random(labels, 20_000), TinyData.dataset(labels, 3, 20_000))
        .write(page);
    assertThat(Files.size(page)).isLessThan(3_000_000);
    assertThat(Files.readString(page))
        .contains("Top-5 accuracy", "The worst 30 of 1000 classes")
        .contains("<details class=\"card\"><summary><h3>Every class");
  }

  @Test
  void aModelWithoutMistakesHasAPageWithoutThem() throws IOException {
    Dataset one = TinyData.dataset(List.of("only"), 1, 5);
    EvaluationReport.of("one", Evaluations.random(List.of("only"), 5), one).write(page);
    assertThat(Files.readString(page)).contains("100.00 %").doesNotContain("Worst mistakes");
  }

  @Test
  void aFileThatCannotBeWrittenIsNamed() {
    Path nowhere = temporary.resolve("nowhere/page.html");
    assertThatExceptionOfType(InvalidInputException.class)
        .isThrownBy(() -> EvaluationReport.of("x", evaluation, IMAGES).write(nowhere))
        .withMessageStartingWith(nowhere + ": cannot be written: ");
  }

  @Tag("slow")
  @Test
  void opensWithoutAWordOnTheConsole() throws Exception {
    Browser.Rendered rendered = Browser.find().open(page, temporary);
    assertThat(rendered.console()).isEmpty();
    assertThat(rendered.html()).contains("Worst mistakes");
  }
}
