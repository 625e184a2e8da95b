package dev.mlit.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import dev.mlit.Mlit;
import dev.mlit.data.Archives;
import dev.mlit.photos.PhotoOptions;
import dev.mlit.spec.RunSpec;
import dev.mlit.spec.Specs;
import dev.mlit.spec.TrainingSpec.Sampling;
import dev.mlit.train.RunDirectory;
import java.awt.image.BufferedImage;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * {@code ./mlit train --data PHOTOS} on folders as people have them. If this fails, somebody's
 * first command on their own pictures ends in something else than a model or one clear line.
 */
class PhotosCommandTest {
  /** A model that is compiled and trained in a moment. */
  private static final List<String> TINY =
      List.of(
          "model.image={height: 8, width: 8, channels: 3}",
          "model.embedding=12",
          "model.attention={heads: 2, groups: 1}",
          "model.stages=[{layers: 1, experts: 2}]",
          "model.hidden={first: 8, last: 8}",
          "training.threads=1");

  @TempDir private Path photos;

  /** Pictures that are dark in one class, and brighter from class to class. */
  private static void draw(Path folder, int first, int count, int level, int side, int type)
      throws IOException {
    Files.createDirectories(folder);
    for (int i = first; i < first + count; i++) {
      BufferedImage image = new BufferedImage(side, side, type);
      int value = Math.min(255, level + i % 5);
      int[] pixels = new int[side * side];
      Arrays.fill(pixels, value << 16 | value << 8 | value);
      image.setRGB(0, 0, side, side, pixels, 0, side);
      ImageIO.write(image, "png", folder.resolve(i + ".png").toFile());
    }
  }

  /** Pictures of one colour. */
  private static void write(Path folder, int count, int level, String format) throws IOException {
    Files.createDirectories(folder);
    BufferedImage image = new BufferedImage(12, 12, BufferedImage.TYPE_INT_RGB);
    for (int i = 0; i < count; i++) {
      for (int pixel = 0; pixel < 144; pixel++) {
        image.setRGB(pixel % 12, pixel / 12, (level + i) * 0x010101);
      }
      assertThat(ImageIO.write(image, format, folder.resolve(i + "." + format).toFile())).isTrue();
    }
  }

  private static void draw(Path folder, int count, int level) throws IOException {
    draw(folder, 0, count, level, 12, BufferedImage.TYPE_INT_RGB);
  }

  private static void drawParts(Path folder, String... parts) throws IOException {
    for (String part : parts) {
      draw(folder.resolve(part + "/a"), part.equals("train") ? 9 : 2, 20);
      draw(folder.resolve(part + "/b"), part.equals("train") ? 9 : 2, 200);
    }
  }

  /** How a set of pictures is made. */
  private interface Drawing {
    void in(Path folder) throws IOException;
  }

  /**
   * A set of pictures.
   *
   * @param said what is said of it
   */
  private record Pictures(String name, String said, Drawing drawing) {
    @Override
    public String toString() {
      return name;
    }
  }

  static Stream<Pictures> usable() {
    return Stream.of(
        new Pictures(
            "tiny",
            "4 in 2 classes (2 a class)",
            p -> {
              draw(p.resolve("dark"), 2, 20);
              draw(p.resolve("light"), 2, 200);
            }),
        new Pictures(
            "unbalanced",
            "classes balanced, as the largest has 8 times as many as the smallest",
            p -> {
              draw(p.resolve("dark"), 40, 20);
              draw(p.resolve("light"), 5, 200);
            }),
        new Pictures(
            "gray",
            "12x12, gray",
            p -> {
              for (String name : List.of("a", "b")) {
                int level = name.equals("a") ? 20 : 200;
                draw(p.resolve(name), 0, 6, level, 12, BufferedImage.TYPE_BYTE_GRAY);
              }
            }),
        new Pictures(
            "mixed sizes",
            "7 to 300 pixels",
            p -> {
              draw(p.resolve("a"), 0, 5, 20, 7, BufferedImage.TYPE_INT_RGB);
              draw(p.resolve("a"), 5, 5, 20, 300, BufferedImage.TYPE_BYTE_GRAY);
              draw(p.resolve("b"), 0, 6, 200, 64, BufferedImage.TYPE_INT_ARGB);
            }),
        new Pictures(
            "damaged files",
            "3 more unreadable",
            p -> {
              draw(p.resolve("a"), 8, 20);
              draw(p.resolve("b"), 8, 200);
              Files.write(p.resolve("a/0.png"), new byte[0]);
              Files.writeString(p.resolve("b/7.png"), "no picture");
              Files.writeString(p.resolve("b/x.jpg"), "no picture either");
              Files.writeString(p.resolve("b/notes.txt"), "notes");
            }),
        new Pictures(
            "split",
            "its own 4 to test on, 10 % of the others to watch",
            p -> drawParts(p, "train", "test")),
        new Pictures(
            "split with val",
            "its own 4 to test on, its own 4 to watch",
            p -> drawParts(p, "train", "val", "test")),
        new Pictures(
            "nested",
            "12 in 2 classes",
            p -> {
              draw(p.resolve("set/pictures/a/2020/may"), 3, 20);
              draw(p.resolve("set/pictures/a/2021"), 3, 20);
              draw(p.resolve("set/pictures/b"), 6, 200);
            }),
        new Pictures(
            "Unicode",
            "12 in 2 classes",
            p -> {
              draw(p.resolve("Äpfel & Bäume"), 6, 20);
              draw(p.resolve("りんご"), 6, 200);
            }),
        new Pictures(
            "every format that Java writes",
            "20 in 2 classes",
            p -> {
              for (String format : List.of("png", "jpg", "gif", "bmp", "tif")) {
                write(p.resolve("a"), 2, 20, format);
                write(p.resolve("b"), 2, 200, format);
              }
            }),
        new Pictures(
            "a zip",
            "12 in 2 classes",
            p -> {
              draw(p.resolve("a"), 6, 20);
              draw(p.resolve("b"), 6, 200);
            }));
  }

  private static String[] command(Path data, String... more) {
    List<String> command = new ArrayList<>(List.of("train", "--data", data.toString()));
    TINY.forEach(setting -> command.addAll(List.of("--set", setting)));
    command.addAll(List.of(more));
    return command.toArray(String[]::new);
  }

  private Path zipped(Path folder) throws IOException {
    Map<String, byte[]> entries = new LinkedHashMap<>();
    try (Stream<Path> files = Files.walk(folder)) {
      for (Path file : files.filter(Files::isRegularFile).toList()) {
        entries.put(folder.relativize(file).toString(), Files.readAllBytes(file));
      }
    }
    return Archives.zip(photos.resolve("pictures.zip"), entries);
  }

  @ParameterizedTest
  @MethodSource("usable")
  void picturesBecomeAModel(Pictures pictures) throws IOException {
    Path folder = photos.resolve("my pictures");
    pictures.drawing.in(folder);
    Path data = pictures.name.equals("a zip") ? zipped(folder) : folder;
    Path out = photos.resolve("run");

    Outcome outcome =
        Outcome.of(command(data, "--minutes", "0.05", "--out", out.toString(), "--json"));

    assertThat(outcome.exit()).as(outcome.err()).isZero();
    assertThat(outcome.err()).contains(pictures.said);
    assertThat(
            outcome
                .err()
                .lines()
                .filter(line -> line.matches("(model|start|parts|recipe|time) .*")))
        .hasSize(5);
    assertThat(outcome.lastLine().path("test_accuracy").isNumber()).isTrue();
    RunSpec run = RunDirectory.open(out).run();
    assertThat(run.training().steps()).isNotNull();
    String model = outcome.lastLine().path("saved_model").asText();
    Outcome evaluated = Outcome.of("evaluate", model, "--data", data.toString(), "--json");
    assertThat(evaluated.exit()).as(evaluated.err()).isZero();
    assertThat(evaluated.json().path("accuracy").asDouble())
        .isEqualTo(outcome.lastLine().path("test_accuracy").asDouble());
  }

  static Stream<Pictures> unusable() {
    return Stream.of(
        new Pictures(
            "one class", "1 class folders, must be at least 2", p -> draw(p.resolve("a"), 5, 20)),
        new Pictures("no class", "0 class folders, must be at least 2", p -> draw(p, 5, 20)),
        new Pictures("empty", "0 class folders, must be at least 2", Files::createDirectories),
        new Pictures(
            "a class of one",
            "every class must have at least 2 images, one to train on and one to test on, that can"
                + " be read: b has 1",
            p -> {
              draw(p.resolve("a"), 5, 20);
              draw(p.resolve("b"), 1, 200);
            }),
        new Pictures(
            "all damaged",
            "a/1.png: not an image that can be read",
            p -> {
              for (String name : List.of("a", "b")) {
                Files.createDirectories(p.resolve(name));
                Files.writeString(p.resolve(name).resolve("1.png"), "no picture");
                Files.writeString(p.resolve(name).resolve("2.png"), "no picture");
              }
            }),
        new Pictures(
            "a SavedModel",
            "is a SavedModel, must be a folder or an archive of images",
            p -> {
              Files.createDirectories(p);
              Files.write(p.resolve("saved_model.pb"), new byte[1]);
            }),
        new Pictures(
            "a run",
            "is the directory of a run",
            p -> {
              Files.createDirectories(p.resolve("checkpoints"));
              Files.writeString(p.resolve("run.yaml"), "name: x\n");
            }),
        new Pictures("not there", "not there", p -> {}));
  }

  @ParameterizedTest
  @MethodSource("unusable")
  void whatIsNoSetOfPicturesIsOneClearLine(Pictures pictures) throws IOException {
    Path folder = photos.resolve("my pictures");
    pictures.drawing.in(folder);

    Outcome outcome = Outcome.of(command(folder, "--out", photos.resolve("run").toString()));

    assertThat(outcome.exit()).isEqualTo(2);
    assertThat(outcome.err()).contains(pictures.said);
    List<String> lines =
        outcome.err().lines().filter(line -> !line.startsWith("left out: ")).toList();
    assertThat(lines).hasSize(1);
    assertThat(photos.resolve("run")).doesNotExist();
  }

  @Test
  void aThousandClassesArePlanned() throws IOException {
    for (int i = 0; i < 1000; i++) {
      draw(photos.resolve("class " + i), 0, 2, i % 200, 4, BufferedImage.TYPE_INT_RGB);
    }
    Outcome outcome = Outcome.of(command(photos, "--minutes", "0.2", "--dry-run"));
    assertThat(outcome.exit()).as(outcome.err()).isZero();
    assertThat(outcome.err()).contains("2,000 in 1,000 classes (2 a class)");
    assertThat(outcome.out()).contains("classes: 1000");
  }

  /** What a dry run prints is a run, and that run is the one that is trained. */
  @Test
  void aDryRunPrintsARunThatCanBeTrained() throws IOException {
    Path pictures = photos.resolve("pictures");
    draw(pictures.resolve("a"), 9, 20);
    draw(pictures.resolve("b"), 40, 200);
    Outcome dry =
        Outcome.of(command(pictures, "--dry-run", "--set", "training.epochs=2", "--set", "name=x"));
    assertThat(dry.exit()).as(dry.err()).isZero();
    Path file = Files.writeString(photos.resolve("run.yaml"), dry.out());
    RunSpec run = Specs.run(file);
    assertThat(run.name()).isEqualTo("x");
    assertThat(run.training().epochs()).isEqualTo(2);
    assertThat(run.training().sampling()).isEqualTo(Sampling.BALANCED);
    Path first = photos.resolve("first");
    Path second = photos.resolve("second");
    Outcome trained = Outcome.of("train", file.toString(), "--out", first.toString());
    assertThat(trained.exit()).as(trained.err()).isZero();
    Outcome direct =
        Outcome.of(
            command(
                pictures,
                "--set",
                "training.epochs=2",
                "--set",
                "name=x",
                "--out",
                second.toString()));
    assertThat(direct.exit()).as(direct.err()).isZero();
    Path weights = Path.of("savedmodel/variables/variables.data-00000-of-00001");
    assertThat(first.resolve(weights)).hasSameBinaryContentAs(second.resolve(weights));
    assertThat(first.resolve("run.yaml")).hasSameTextualContentAs(second.resolve("run.yaml"));
  }

  @Test
  void aNameOfADatasetIsTakenToo() {
    Outcome outcome =
        Outcome.of(command(Path.of("fashion-small"), "--dry-run", "--minutes", "0.05"));
    assertThat(outcome.exit()).as(outcome.err()).isZero();
    assertThat(outcome.out()).contains("dataset: fashion-small");
    assertThat(outcome.err()).contains("12,000 in 10 classes", "28x28, gray");
  }

  @Test
  void optionsThatDoNotGoTogetherAreRefused() {
    assertThat(Outcome.of("train", "--minutes", "3").err())
        .isEqualToIgnoringNewLines("--minutes: needs --data");
    assertThat(Outcome.of("train", "--dry-run").exit()).isEqualTo(2);
    assertThat(Outcome.of("train", "x.yaml", "--data", "y").err())
        .contains("--data: must be left out");
    assertThat(Outcome.of("train", "--data", "y", "--minutes", "0").err()).contains("--minutes: ");
    assertThat(Outcome.of("train", "--data", "nosuchset").err())
        .contains(
            "nosuchset: unknown dataset", "there is no folder or archive of this name either");
  }

  /** Nobody can tell the second class from the third. */
  @Test
  void theClassesThatAreToldApartWorstAreSaidAtTheEnd() throws IOException {
    Path pictures = photos.resolve("pictures");
    draw(pictures.resolve("dark"), 20, 20);
    draw(pictures.resolve("light"), 20, 220);
    draw(pictures.resolve("light too"), 20, 220);
    Outcome outcome =
        Outcome.of(
            command(pictures, "--minutes", "0.05", "--out", photos.resolve("run").toString()));
    assertThat(outcome.exit()).as(outcome.err()).isZero();
    assertThat(outcome.out())
        .containsPattern("\\Rworst {7}(.*, )?light( too)? F1 0\\.\\d{4}.*\\Rrun  ");
  }

  @Test
  void theSameInJava() throws IOException {
    draw(photos.resolve("pictures/a"), 9, 20);
    draw(photos.resolve("pictures/b"), 9, 200);
    List<String> lines = new ArrayList<>();
    Mlit.TrainedModel trained =
        Mlit.train(
            photos.resolve("pictures"),
            options ->
                options.minutes(0.05).set(TINY).directory(photos.resolve("run")).lines(lines::add));
    assertThat(trained.savedModel().resolve("saved_model.pb")).isRegularFile();
    assertThat(lines).hasSize(7);
    RunSpec plan =
        Mlit.plan(photos.resolve("pictures"), options -> options.minutes(0.05).set(TINY));
    assertThat(plan.data().directory()).isEqualTo(photos.resolve("pictures").toString());
    assertThatIllegalArgumentException().isThrownBy(() -> new PhotoOptions().minutes(0));
  }
}
