package dev.mlit.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.mlit.Mlit;
import dev.mlit.data.Dataset;
import dev.mlit.testing.ChildJava;
import dev.mlit.testing.TinyData;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Environments that are not the developer's. If it fails, mlit trains, names or reads something
 * else for a user in Cairo, in a container without a locale, or in one that lets nothing be
 * executed.
 */
@Tag("slow")
class EnvironmentTest {
  @TempDir private Path temporary;

  /** The library by itself, in a process whose locale is not mlit's to change. */
  @Test
  void inAnArabicLocaleTheSameModelIsTrained() throws Exception {
    Path root = temporary.resolve("root");
    Path arabic = temporary.resolve("arabic");

    train(List.of("-Duser.language=en", "-Duser.country=US"), root);
    train(List.of("-Duser.language=ar", "-Duser.country=EG"), arabic);

    for (String file :
        List.of("model/variables/variables.data-00000-of-00001", "model/spec.yaml")) {
      assertThat(arabic.resolve(file)).hasSameBinaryContentAs(root.resolve(file));
    }
    for (String file : List.of("run/report.html", "run/metrics.jsonl", "model/README.md")) {
      assertThat(Files.readString(arabic.resolve(file))).as(file).doesNotContainPattern("[٠-٩٫٬]");
    }
  }

  private void train(List<String> options, Path directory) throws Exception {
    Files.createDirectory(directory);
    ChildJava.run(directory, "", options, Training.class, directory.toString());
  }

  /** Trains and exports. */
  static final class Training {
    private Training() {}

    public static void main(String[] arguments) {
      Path directory = Path.of(arguments[0]);
      Mlit.train(
          TinyData.run()
              .export(directory.resolve("model").toString())
              .training(t -> t.threads(1))
              .build(),
          trainer -> trainer.data(TinyData.dataset(50, 30)).directory(directory.resolve("run")));
    }
  }

  /** JNA unpacks its library to one of these; only the quiet log needs it. */
  @Test
  void whereJnaCannotLoadItsLibraryTrainingGoesOn() throws Exception {
    Path directory = Files.createDirectory(temporary.resolve("run"));
    Path file = Files.createFile(temporary.resolve("file"));

    train(
        List.of("-Djna.tmpdir=" + file, "-Djna.nosys=true", "-Djna.boot.library.path=" + file),
        directory.resolve("x"));

    assertThat(directory.resolve("x/model/saved_model.pb")).isRegularFile();
  }

  /** Java then knows no letters but those of ASCII. */
  @Test
  void withoutALocaleFoldersHaveTheirNames() throws Exception {
    Path pictures = temporary.resolve("pictures");
    Files.createDirectory(pictures);
    String shell =
        "export LC_ALL=C; cp -r examples/images '%s'/Katze; cp -r examples/images '%s'/$'H\\303\\274ndin'"
            .formatted(pictures, pictures);

    List<String> lines =
        ChildJava.run(temporary, shell, List.of(), Reading.class, pictures.toString());

    assertThat(lines).containsExactly("[H\\u00fcndin, Katze]", "read");
  }

  /** Reads images. */
  static final class Reading {
    private Reading() {}

    public static void main(String[] arguments) throws IOException {
      Dataset images = dev.mlit.data.ImageFolder.read("pictures", Path.of(arguments[0]));
      StringBuilder ascii = new StringBuilder();
      images
          .labels()
          .toString()
          .chars()
          .forEach(
              c ->
                  ascii.append(
                      c < 128
                          ? "" + (char) c
                          : String.format(java.util.Locale.ROOT, "\\u%04x", c)));
      System.out.println(ascii);
      images.train().pixels(0, new byte[images.shape().values()], 0);
      System.out.println("read");
    }
  }

  @Test
  void nothingIsLeftInTheTemporaryDirectory() throws Exception {
    Path empty = Files.createDirectory(temporary.resolve("tmp"));

    train(List.of("-Djava.io.tmpdir=" + empty), temporary.resolve("run"));

    try (Stream<Path> left = Files.list(empty)) {
      assertThat(left.filter(path -> path.getFileName().toString().startsWith("mlit"))).isEmpty();
    }
  }
}
