package dev.mlit.insight;

import static org.assertj.core.api.Assertions.assertThat;

import dev.mlit.data.Dataset;
import dev.mlit.data.MemorySplit;
import dev.mlit.spec.RunSpec;
import dev.mlit.spec.Specs;
import dev.mlit.testing.Browser;
import dev.mlit.testing.TinyData;
import dev.mlit.train.MetricsFile;
import dev.mlit.train.Trainer;
import dev.mlit.train.TrainingListener;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.regex.Pattern;
import java.util.stream.IntStream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * {@code report.html}, opened in a browser from the disk. If this fails, a user who looks at a run
 * sees an empty page, wrong numbers, or a page that wants the network.
 */
class RunReportTest {
  /** Few enough steps that some test images are still mistaken. */
  private static final RunSpec RUN =
      TinyData.run().training(t -> t.epochs(3)).optimizer(o -> o.learningRate(1e-4)).build();

  private static final Dataset IMAGES =
      TinyData.dataset(List.of("up & away", "<down>", "dark"), 50, 30);

  /** Has every chart show its numbers, as it does under a pointer. */
  private static final String POINT =
      """
      <script>
      for (const plot of document.querySelectorAll('.plot')) {
        const box = plot.getBoundingClientRect();
        plot.dispatchEvent(new PointerEvent('pointermove', {clientX: box.left + box.width}));
      }
      </script>
      </body>""";

  @TempDir private static Path temporary;
  private static Path report;

  @BeforeAll
  static void train() {
    Path directory = temporary.resolve("run");
    Trainer.of(RUN).data(IMAGES).directory(directory).train();
    report = directory.resolve("report.html");
  }

  private static List<TrainingListener.Epoch> epochs() {
    return MetricsFile.epochs(temporary.resolve("run/metrics.jsonl"));
  }

  @Tag("slow")
  @Test
  void opensWithoutAWordOnTheConsoleAndShowsNumbersUnderThePointer() throws Exception {
    Browser browser = Browser.find();
    Path pointed =
        Files.writeString(
            temporary.resolve("pointed.html"), Files.readString(report).replace("</body>", POINT));

    Browser.Rendered page = browser.open(pointed, temporary);

    assertThat(page.console()).isEmpty();
    String loss = String.valueOf(Math.round(epochs().get(2).testLoss() * 1000) / 1000.0);
    assertThat(page.html())
        .contains("<div>epoch 3</div>")
        .containsPattern("test {2}" + loss.substring(0, loss.length() - 1));
  }

  /** Or the test above could not fail. */
  @Tag("slow")
  @Test
  void browserReportsErrorsAndRefusedRequests() throws Exception {
    Browser browser = Browser.find();
    Path broken =
        Files.writeString(
            temporary.resolve("broken.html"),
            Files.readString(report)
                .replace(
                    "</body>",
                    "<img src=\"http://localhost:1/x.png\"><script>none.of(this)</script></body>"));

    assertThat(browser.open(broken, temporary).console())
        .anyMatch(line -> line.contains("none is not defined"))
        .anyMatch(line -> line.contains("Content Security Policy"));
  }

  @Test
  void needsNothingButItself() throws IOException {
    assertThat(Files.readString(report))
        .contains("Content-Security-Policy\" content=\"default-src 'none';")
        .doesNotContainPattern("(src|href)=\"(?!data:)")
        .doesNotContain("@import", "url(");
  }

  @Test
  void namesOfClassesThatAreHtmlAreShownAsTheyAre() throws IOException {
    assertThat(Files.readString(report))
        .contains("up &amp; away", "&lt;down&gt;")
        .doesNotContain("<down>", "up & away");
  }

  @Test
  void showsWhatCameOut() throws IOException {
    String html = Files.readString(report);
    TrainingListener.Epoch last = epochs().get(2);

    assertThat(html)
        .contains(String.format(Locale.ROOT, "<strong>%.2f %%</strong>", 100 * last.testAccuracy()))
        .contains("Loss", "Learning rate", "Confusion matrix", "Accuracy by class", "Expert load")
        .contains(Specs.yaml(RUN).lines().filter(line -> line.contains("clip-norm")).toList());
    // A row for each of the model's two blocks, and a picture for every mistake.
    assertThat(html.split("class=\"whole\"", -1)).hasSize(1 + 2);
    long mistakes = Math.round(30 * (1 - last.testAccuracy()));
    assertThat(mistakes).isBetween(1L, 24L);
    assertThat(html.split("data:image/png;base64", -1)).hasSize(1 + (int) mistakes);
  }

  /** Nothing is known of it: it is not the worst, and of the others none is missing. */
  @Test
  void aClassWithoutTestImagesIsNotTheWorst() throws IOException {
    Dataset all = TinyData.dataset(List.of("up", "down", "unseen"), 50, 30);
    int size = all.shape().values();
    byte[] pixels = new byte[20 * size];
    int[] labels = new int[20];
    for (int i = 0; i < labels.length; i++) {
      labels[i] = i % 2;
      all.test().pixels(i / 2 * 3 + labels[i], pixels, i * size);
    }
    Dataset without =
        Dataset.of(
            "tiny", all.labels(), all.shape(), all.train(), new MemorySplit(pixels, labels, size));
    Path run = temporary.resolve("without");

    Trainer.of(RUN).data(without).directory(run).train();

    String html = Files.readString(run.resolve("report.html"));
    String classes = html.substring(html.indexOf("Accuracy by class"));
    assertThat(classes.substring(0, classes.indexOf("</dl>")))
        .contains("The worst class first; 1 without images to measure on")
        .contains("<dt>up</dt>", "<dt>down</dt>", " of 10<")
        .doesNotContain("unseen", "NaN");
  }

  @Test
  void confusionMatrixCountsEveryTestImageOnce() throws IOException {
    String html = Files.readString(report);
    String matrix = html.substring(html.indexOf("class=\"matrix\""), html.indexOf("</table>"));

    int[] counts =
        Pattern.compile(">(\\d+)</td>")
            .matcher(matrix)
            .results()
            .mapToInt(found -> Integer.parseInt(found.group(1)))
            .toArray();
    assertThat(IntStream.of(counts).sum()).isEqualTo(30);
  }
}
