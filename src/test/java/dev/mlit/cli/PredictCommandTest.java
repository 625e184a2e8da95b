package dev.mlit.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.mlit.savedmodel.RandomModel;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileSystem;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * {@code ./mlit predict} on files, folders and streams. If this fails, one damaged picture of
 * thousands costs the answers to all others, or a script takes a part of the answers for all.
 */
class PredictCommandTest {
  private static final Path IMAGES = Path.of("examples", "images");

  @TempDir private Path temporary;
  private String model = "";
  private Path photos = Path.of("");

  @BeforeEach
  void writeModelAndPhotos() throws IOException {
    Path directory = temporary.resolve("model");
    RandomModel.write(directory);
    model = directory.toString();
    photos = Files.createDirectories(temporary.resolve("photos"));
    Files.createDirectory(photos.resolve("old"));
    Files.copy(IMAGES.resolve("bag.png"), photos.resolve("z.png"));
    Files.copy(IMAGES.resolve("coat.png"), photos.resolve("old/a.PNG"));
    Files.writeString(photos.resolve("notes.txt"), "mine");
  }

  private static List<String> files(Outcome outcome) {
    return outcome.out().lines().map(line -> line.substring(0, line.lastIndexOf(": "))).toList();
  }

  @Test
  void aFolderIsReadToItsDepthInOrderAndWhatIsNoImageIsCounted() {
    Outcome outcome = Outcome.of("predict", model, photos.toString());

    assertThat(outcome.exit()).isZero();
    assertThat(files(outcome)).containsExactly(photos + "/old/a.PNG", photos + "/z.png");
    assertThat(outcome.err())
        .startsWith(photos + ": 1 file is left out, not being .jpg")
        .endsWith(": 1 .txt (" + photos + "/notes.txt)" + System.lineSeparator());
  }

  @Test
  void anArchiveIsReadAsAFolder() throws IOException {
    Path zip = temporary.resolve("photos.zip");
    try (FileSystem files = FileSystems.newFileSystem(zip, Map.of("create", "true"))) {
      Files.copy(IMAGES.resolve("bag.png"), files.getPath("bag.png"));
    }

    Outcome outcome = Outcome.of("predict", model, zip.toString());

    assertThat(files(outcome)).containsExactly(zip + "!/bag.png");
    assertThat(outcome.exit()).isZero();
  }

  @Test
  void aDamagedPictureIsNamedAndTheOthersAreClassified() throws IOException {
    Path text = Files.writeString(temporary.resolve("text.png"), "no image");
    Path missing = temporary.resolve("missing.png");
    String bag = IMAGES.resolve("bag.png").toString();

    Outcome outcome =
        Outcome.of("predict", model, bag, text.toString(), missing.toString(), bag, "--top", "1");

    assertThat(outcome.exit()).isEqualTo(2);
    assertThat(files(outcome)).containsExactly(bag, bag);
    List<String> problems = outcome.err().lines().toList();
    assertThat(problems).hasSize(3);
    assertThat(problems.get(0)).startsWith(text + ": not an image that can be read (");
    assertThat(problems.get(1)).isEqualTo(missing + ": no such file");
    assertThat(problems.get(2))
        .isEqualTo("predict: 2 of 4 images could not be read; see the line of each above");
  }

  @Test
  void linesOfJsonHaveTheAnswersOrTheProblem() throws IOException {
    Path text = Files.writeString(temporary.resolve("text.png"), "no image");
    String bag = IMAGES.resolve("bag.png").toString();

    Outcome outcome =
        Outcome.of("predict", model, text.toString(), bag, "--top", "2", "--format", "jsonl");

    List<String> lines = outcome.out().lines().toList();
    JsonNode unread = new ObjectMapper().readTree(lines.get(0));
    assertThat(unread.fieldNames()).toIterable().containsExactly("file", "problem");
    assertThat(unread.path("problem").asText()).startsWith(text + ": not an image");
    JsonNode read = new ObjectMapper().readTree(lines.get(1));
    assertThat(read.path("file").asText()).isEqualTo(bag);
    assertThat(read.path("predictions")).hasSize(2);
    assertThat(lines).hasSize(2);
    assertThat(
            Outcome.of("predict", model, text.toString(), bag, "--json").lastLine().path("images"))
        .hasSize(1);
  }

  /** Names may hold what separates values. */
  @Test
  void rowsOfCsvHaveOneClassEach() throws IOException {
    Path odd = temporary.resolve("a \"b\", c.png");
    Files.copy(IMAGES.resolve("bag.png"), odd);
    Path text = Files.writeString(temporary.resolve("text.png"), "no image");

    Outcome outcome =
        Outcome.of("predict", model, "" + odd, "" + text, "--top", "2", "--format", "csv");

    List<String> lines = outcome.out().lines().toList();
    String name = '"' + odd.toString().replace("\"", "\"\"") + '"';
    assertThat(lines.get(0)).isEqualTo("file,rank,index,label,probability,problem");
    assertThat(lines.get(1)).matches("\\Q" + name + "\\E,1,[012],(up|down|dark),0\\.\\d+,");
    assertThat(lines.get(2)).startsWith(name + ",2,");
    assertThat(lines.get(3)).startsWith(text + ",,,,,\"" + text + ": not an image");
    assertThat(lines).hasSize(4);
  }

  @Test
  void pathsComeLineByLine() throws IOException {
    Path list =
        Files.writeString(
            temporary.resolve("list.txt"),
            IMAGES.resolve("bag.png") + "\r\n\n" + photos + "\n" + temporary.resolve("no.png"));

    Outcome outcome = Outcome.of("predict", model, "--from", list.toString());

    assertThat(files(outcome))
        .containsExactly(
            IMAGES.resolve("bag.png").toString(), photos + "/old/a.PNG", photos + "/z.png");
    assertThat(outcome.err()).contains("no.png: no such file", "predict: 1 of 4 images");
    assertThat(outcome.exit()).isEqualTo(2);
    assertThat(Outcome.of("predict", model, "--from", temporary.resolve("none").toString()).err())
        .isEqualToIgnoringNewLines(temporary.resolve("none") + ": no such file");
  }

  @Test
  void standardInputIsAPictureOrAListOfThem() throws IOException {
    InputStream original = System.in;
    try {
      System.setIn(Files.newInputStream(IMAGES.resolve("bag.png")));
      Outcome picture = Outcome.of("predict", model, "-");
      String lines = IMAGES.resolve("bag.png") + "\n" + IMAGES.resolve("coat.png") + "\n";
      System.setIn(new ByteArrayInputStream(lines.getBytes(StandardCharsets.UTF_8)));
      Outcome list = Outcome.of("predict", model, "--from", "-");

      assertThat(files(picture)).containsExactly("-");
      assertThat(files(list))
          .containsExactly(
              IMAGES.resolve("bag.png").toString(), IMAGES.resolve("coat.png").toString());
      assertThat(picture.out().replace("-: ", ""))
          .isEqualTo(list.out().lines().findFirst().orElseThrow().replaceFirst(".*: ", "") + "\n");
    } finally {
      System.setIn(original);
    }
  }

  @Test
  void whatMakesNoSenseIsRefusedBeforeTheModelIsLoaded() throws IOException {
    String bag = IMAGES.resolve("bag.png").toString();
    refused("IMAGE: name at least one, or a list with --from", "predict", "no/model");
    refused(
        "--from: cannot be combined with images by name",
        "predict",
        "no/model",
        bag,
        "--from",
        "-");
    refused(
        "--json: cannot be combined with --format",
        "predict",
        "no/model",
        bag,
        "--json",
        "--format",
        "csv");
    refused(
        "IMAGE: - is standard input, which has one image only", "predict", "no/model", "-", "-");
    Path empty = Files.createDirectory(temporary.resolve("empty"));
    refused(empty + ": holds no image", "predict", model, empty.toString());
  }

  private static void refused(String message, String... arguments) {
    Outcome outcome = Outcome.of(arguments);
    assertThat(outcome.exit()).isEqualTo(2);
    assertThat(outcome.err()).isEqualToIgnoringNewLines(message);
    assertThat(outcome.out()).isEmpty();
  }
}
