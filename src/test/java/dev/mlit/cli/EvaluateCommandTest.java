package dev.mlit.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.mlit.data.Archives;
import dev.mlit.savedmodel.RandomModel;
import java.awt.image.BufferedImage;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Random;
import java.util.stream.Stream;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * {@code ./mlit evaluate} on folders as people have them. If this fails, a user is told that a
 * model is better or worse than it is, or not which of its classes it is no use for.
 */
class EvaluateCommandTest {
  private static final int EACH = 12;

  @TempDir private Path temporary;

  private Path model;
  private Path photos;

  @BeforeEach
  void write() throws IOException {
    model = temporary.resolve("model");
    RandomModel.write(model);
    photos = temporary.resolve("photos");
    draw("up", "down", "dark");
  }

  /** Noise, so that the random model gives different answers. */
  private void draw(String... classes) throws IOException {
    for (String name : classes) {
      Path folder = Files.createDirectories(photos.resolve("test").resolve(name));
      for (int i = 0; i < EACH; i++) {
        Files.write(folder.resolve(i + ".png"), noise((name + i).hashCode()));
      }
    }
  }

  private static byte[] noise(long seed) throws IOException {
    Random random = new Random(seed);
    BufferedImage image = new BufferedImage(8, 8, BufferedImage.TYPE_BYTE_GRAY);
    for (int i = 0; i < 64; i++) {
      image.setRGB(i % 8, i / 8, random.nextInt(256) * 0x10101);
    }
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    ImageIO.write(image, "png", bytes);
    return bytes.toByteArray();
  }

  private Outcome evaluate(Path data, String... more) {
    return Outcome.withLog(
        Stream.concat(
                Stream.of("evaluate", model.toString(), "--data", data.toString()), Stream.of(more))
            .toArray(String[]::new));
  }

  private static Outcome done(Outcome outcome) {
    assertThat(outcome.exit()).as(outcome.err()).isZero();
    return outcome;
  }

  private static void refused(String message, Outcome outcome) {
    assertThat(outcome.exit()).isEqualTo(2);
    assertThat(outcome.err()).isEqualToIgnoringNewLines(message);
    assertThat(outcome.out()).isEmpty();
  }

  @Test
  void jsonHasEverything() throws IOException {
    JsonNode json = done(evaluate(photos, "--json")).lastLine();

    assertThat(json.fieldNames())
        .toIterable()
        .containsExactly(
            "accuracy",
            "examples",
            "loss",
            "macro",
            "calibration",
            "classes",
            "confusion",
            "worst_mistakes",
            "left_out");
    assertThat(json.path("examples").asInt()).isEqualTo(3 * EACH);
    int hits = 0;
    for (int i = 0; i < 3; i++) {
      JsonNode scores = json.path("classes").path(i);
      assertThat(scores.fieldNames())
          .toIterable()
          .containsExactly("index", "label", "examples", "predicted", "precision", "recall", "f1");
      assertThat(scores.path("examples").asInt()).isEqualTo(EACH);
      hits += json.path("confusion").path(i).path(i).asInt();
    }
    assertThat(json.path("accuracy").asDouble()).isEqualTo(hits / (3.0 * EACH));
    assertThat(json.path("calibration").path("bins")).hasSize(15);
    assertThat(json.path("worst_mistakes")).hasSize(3 * EACH - hits);
    assertThat(json.path("worst_mistakes").path(0).path("file").asText())
        .matches("test/(up|down|dark)/\\d+\\.png");
    assertThat(json.path("left_out")).isEmpty();
  }

  @Test
  void textSaysTheSameInAScreen() throws IOException {
    JsonNode json = done(evaluate(photos, "--json")).lastLine();
    List<String> lines = done(evaluate(photos)).out().lines().toList();

    assertThat(lines).hasSizeLessThan(40);
    assertThat(lines.get(0))
        .isEqualTo(
            String.format(
                Locale.ROOT, "accuracy %.4f on 36 images", json.path("accuracy").asDouble()));
    assertThat(lines.get(1))
        .startsWith(String.format(Locale.ROOT, "loss %.4f, ", json.path("loss").asDouble()));
    String row = "";
    for (JsonNode count : json.path("confusion").path(1)) {
      row += count.asInt() == 0 ? "   ." : String.format(Locale.ROOT, "%4d", count.asInt());
    }
    assertThat(lines).contains("1 down" + row);
    assertThat(String.join("\n", lines))
        .contains("class ", "precision", "wrong and sure of it", " taken for ");
  }

  /** A zip, a name, and the files of a name elsewhere, as in train. */
  @Test
  void dataIsAPathOrAName() throws IOException {
    JsonNode folder = done(evaluate(photos, "--json")).lastLine();
    Map<String, byte[]> entries = new LinkedHashMap<>();
    try (Stream<Path> files = Files.walk(photos)) {
      for (Path file : files.filter(Files::isRegularFile).toList()) {
        entries.put(photos.relativize(file).toString(), Files.readAllBytes(file));
      }
    }
    Path zip = Archives.zip(temporary.resolve("photos.zip"), entries);
    assertThat(done(evaluate(zip, "--json")).lastLine()).isEqualTo(folder);
    assertThat(
            done(evaluate(Path.of("image-folder"), "--data-dir", zip.toString(), "--json"))
                .lastLine())
        .isEqualTo(folder);
    assertThat(evaluate(Path.of("nosuchset")).err())
        .contains(
            "nosuchset: unknown dataset", "there is no folder or archive of this name either");
    assertThat(evaluate(photos, "--data-dir", "x").err()).contains(": unknown dataset");
    assertThat(evaluate(Path.of("image-folder")).err()).contains("image-folder");
  }

  @Test
  void missingClassesAreSaidAndTheirNamesTakenForOtherImagesToo() throws IOException {
    Path two = temporary.resolve("two");
    for (String name : List.of("dark", "up")) {
      Files.createDirectories(two.resolve("test"));
      Files.move(photos.resolve("test").resolve(name), two.resolve("test").resolve(name));
    }
    Outcome outcome = done(evaluate(two));
    JsonNode json = done(evaluate(two, "--json")).lastLine();

    int strays =
        json.path("confusion").path(0).path(1).asInt()
            + json.path("confusion").path(2).path(1).asInt();
    assertThat(strays).isPositive();
    assertThat(outcome.out()).contains("\n2 dark ").doesNotContain("\n1 down ");
    assertThat(outcome.out())
        .contains(" on 24 images of 2 of its 3 classes\n" + strays + " image")
        .contains(" taken for classes that have no images here, which counts as wrong");
    assertThat(json.path("classes").path(1).path("examples").asInt()).isZero();
    double recalls =
        json.path("classes").path(0).path("recall").asDouble()
            + json.path("classes").path(2).path("recall").asDouble();
    assertThat(json.path("macro").path("recall").asDouble()).isEqualTo(recalls / 2);
  }

  @Test
  void damagedImagesAreNamedCountedAndLeftOut() throws IOException {
    Files.writeString(photos.resolve("test/up/3.png"), "no picture");
    Files.write(photos.resolve("test/dark/x.jpg"), new byte[0]);
    Path page = temporary.resolve("page.html");

    Outcome outcome = done(evaluate(photos, "--json", "--report", page.toString()));

    assertThat(outcome.err().lines())
        .hasSize(2)
        .allMatch(line -> line.startsWith("left out: "))
        .anyMatch(line -> line.contains("up/3.png"));
    JsonNode json = outcome.lastLine();
    assertThat(json.path("examples").asInt()).isEqualTo(35);
    assertThat(json.path("left_out").path(0).asText()).isEqualTo("test/dark/x.jpg");
    assertThat(json.path("left_out").path(1).asText()).isEqualTo("test/up/3.png");
    assertThat(Files.readString(page))
        .contains("2 image files are left out, as they cannot be read: test/dark/x.jpg, ");
  }

  @Test
  void aReportIsWrittenAndNamed() throws IOException {
    Path page = temporary.resolve("page.html");
    Outcome outcome = done(evaluate(photos, "--report", page.toString()));
    assertThat(outcome.out()).endsWith("report      " + page + System.lineSeparator());
    assertThat(Files.readString(page))
        .contains("tiny on the test images of photos", "Confusion matrix", "Reliability");
    JsonNode json = done(evaluate(photos, "--json", "--report", page.toString())).lastLine();
    assertThat(json.path("report").asText()).isEqualTo(page.toString());
  }

  /** Known before the images are classified, which may take minutes. */
  @Test
  void aReportThatCannotBeWrittenIsRefusedFirst() {
    Path nowhere = temporary.resolve("nowhere/page.html");
    refused(
        "--report: " + nowhere + ": there is no directory " + nowhere.getParent(),
        evaluate(photos, "--report", nowhere.toString()));
    refused(
        "--report: " + photos + " is a directory, must be a file",
        evaluate(photos, "--report", photos.toString()));
  }

  @Test
  void classesByPositionAreSaidInTheReport() throws IOException {
    for (String name : List.of("up", "down", "dark")) {
      Files.move(
          photos.resolve("test").resolve(name), photos.resolve("test").resolve("other " + name));
    }
    Path page = temporary.resolve("page.html");
    refused(
        "dataset image-folder: its classes must be classes of the model, which knows no other dark,"
            + " other down, other up; those of the dataset are other dark, other down, other up;"
            + " those of the model are up, down, dark; if they are the same in this order:"
            + " --by-position",
        evaluate(photos));
    done(evaluate(photos, "--by-position", "--report", page.toString()));
    assertThat(Files.readString(page)).contains("were taken for those of the model in their order");
  }

  @Test
  void namesThatAreMarkupOrCommandsOfATerminalAreText() throws IOException {
    model = temporary.resolve("hostile");
    RandomModel.write(model, List.of("<img src=x>", "a\u202eb & c", "%s %n {} \\"));
    photos = temporary.resolve("other");
    draw("<img src=x>", "a\u202eb & c", "%s %n {} \\");
    Path page = temporary.resolve("page.html");

    Outcome outcome = done(evaluate(photos, "--report", page.toString()));

    assertThat(outcome.out()).contains("a?b & c", "%s %n {} \\").doesNotContain("\u202e");
    assertThat(Files.readString(page))
        .contains("&lt;img src=x&gt;", " &amp; c")
        .doesNotContain("<img src=x>");
    assertThat(done(evaluate(photos, "--json")).out()).doesNotContain("\u202e");
  }
}
