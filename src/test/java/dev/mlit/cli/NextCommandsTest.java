package dev.mlit.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.mlit.testing.Mlit;
import java.awt.Color;
import java.awt.image.BufferedImage;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Every command that mlit prints as the next one is run, through a shell, as it is printed. If this
 * fails, a newcomer's second command ends in an error that the first one made.
 */
@Tag("slow")
class NextCommandsTest {
  private static final String MODEL =
      """
      name: tiny
      image: {height: 8, width: 8, channels: 3}
      patch: 4
      embedding: 12
      attention: {heads: 2, groups: 1}
      stages: [{layers: 1, experts: 2}]
      hidden: {first: 8, last: 8}
      """;

  @TempDir private Path temporary;

  private Path place;

  @BeforeEach
  void writeImages() throws IOException {
    place = Files.createDirectory(temporary.resolve("a user's place"));
    for (String color : List.of("RED", "BLUE")) {
      Path folder = Files.createDirectories(place.resolve("my photos").resolve(color));
      for (int i = 0; i < 8; i++) {
        BufferedImage image = new BufferedImage(8, 8, BufferedImage.TYPE_INT_RGB);
        image.setRGB(i, 0, color.equals("RED") ? Color.RED.getRGB() : Color.BLUE.getRGB());
        ImageIO.write(image, "png", folder.resolve(i + ".png").toFile());
      }
    }
  }

  private Path run(String name, String model, String more) throws IOException {
    String text =
        "name: "
            + name
            + "\nmodel:\n"
            + (MODEL + model).indent(2)
            + "data: {dataset: image-folder, directory: \""
            + place.resolve("my photos")
            + "\", test-fraction: 0.5}\n"
            + "training: {epochs: 1, batch: 4}\n"
            + more;
    return Files.writeString(place.resolve(name + ".yaml"), text);
  }

  @Test
  void whatIsPrintedAfterATrainingOnAFolderRuns() throws Exception {
    Path run = run("photos", "classes: 2\n", "");
    String output = mlit("train", run.toString(), "--out", place.resolve("the run").toString());
    List<String> next = next(output);
    assertThat(next).hasSize(3);
    assertThat(shell(next.get(0).replace("IMAGE.png", picture())))
        .containsAnyOf("RED 0.", "BLUE 0.");
    assertThat(shell(next.get(1))).startsWith("accuracy ").contains(" on 8 images");
    serves(next.get(2));
  }

  /** A training as a user starts it: the model, the size of images and the length are decided. */
  @Test
  void whatIsPrintedAfterATrainingOnPicturesRuns() throws Exception {
    String data = place.resolve("my photos").toString();
    String out = place.resolve("the run").toString();
    long start = System.nanoTime();
    List<String> next = next(mlit("train", "--data", data, "--minutes", "0.5", "--out", out));
    // Half a minute, and the minute that a busy machine may take in addition.
    assertThat((System.nanoTime() - start) / 1e9).isLessThan(90);
    assertThat(next).hasSize(3);
    assertThat(shell(next.get(0).replace("IMAGE.png", picture())))
        .containsAnyOf("RED 0.", "BLUE 0.");
    assertThat(shell(next.get(1))).startsWith("accuracy ").contains(" on 4 images");
  }

  @Test
  void whatIsPrintedAfterATrainingOfAnAutoencoderRuns() throws Exception {
    Path classifier = run("photos", "classes: 2\n", "");
    Path run =
        run(
            "painter",
            "mask: 0.5\ndecoder: {layers: 1, embedding: 12, hidden: 8, experts: 2, heads: 2,"
                + " groups: 1}\n",
            "task: reconstruct\n");
    String output = mlit("train", run.toString(), "--out", place.resolve("the run").toString());
    List<String> next = next(output);
    assertThat(next).hasSize(2);
    String train = next.get(0).replace("RUN.yaml", CommandText.word(classifier));
    assertThat(shell(train + " --out " + CommandText.word(place.resolve("tuned"))))
        .contains("test accuracy");
    assertThat(shell(next.get(1))).contains("mean squared error");
  }

  @Test
  void whatIsPrintedAfterAnImportOfNamelessWeightsRuns() throws Exception {
    Path run = run("photos", "classes: 2\n", "");
    Path directory = place.resolve("the run");
    mlit("train", run.toString(), "--out", directory.toString());
    Path weights = place.resolve("weights");
    mlit("export", directory.toString(), "--format", "safetensors", "--to", weights.toString());
    Files.delete(weights.resolve("labels.txt"));
    Files.delete(weights.resolve("SHA256SUMS"));
    Path target = place.resolve("imported");
    String output =
        mlit("import", weights.resolve("model.safetensors").toString(), "--to", target.toString());
    List<String> next = next(output);
    assertThat(next).hasSize(3);
    String data = "image-folder --data-dir " + CommandText.word(place.resolve("my photos"));
    assertThat(shell(next.get(0).replace("NAME", data))).startsWith("accuracy ");
    assertThat(shell(next.get(1).replace("IMAGE.png", picture()))).contains(": class_");
    String train = next.get(2).replace("RUN.yaml", CommandText.word(run));
    assertThat(shell(train + " --out " + CommandText.word(place.resolve("tuned"))))
        .contains("test accuracy");
  }

  private String picture() {
    return CommandText.word(place.resolve("my photos/RED/0.png"));
  }

  private static List<String> next(String output) {
    List<String> commands = new ArrayList<>();
    for (String line : output.lines().toList()) {
      if (line.startsWith("next  ") || (!commands.isEmpty() && line.startsWith("      "))) {
        commands.add(line.replaceFirst("^(next)? +", ""));
      }
    }
    return commands;
  }

  /** Runs a printed command with the words that a shell makes of it. */
  private static String shell(String command) throws IOException, InterruptedException {
    return mlit(words(command));
  }

  /** The command runs until it is stopped: on a port that is free, as any other may be taken. */
  private void serves(String command) throws IOException, InterruptedException {
    try (Mlit server = Mlit.start(place, words(command + " --port 0"))) {
      for (int i = 0; !server.output().contains(" serves "); i++) {
        assertThat(server.isAlive() && i < 600).as(server.errors()).isTrue();
        Thread.sleep(100);
      }
    }
  }

  private static String[] words(String command) throws IOException, InterruptedException {
    assertThat(command).startsWith("./mlit ");
    String words = "for word in " + command.substring(7) + "; do echo \"$word\"; done";
    Process process = new ProcessBuilder("bash", "-c", words).start();
    String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertThat(process.waitFor()).as(command).isZero();
    return output.lines().toArray(String[]::new);
  }

  private static String mlit(String... arguments) {
    Outcome outcome = Outcome.of(arguments);
    assertThat(outcome.exit()).as(String.join(" ", arguments) + "\n" + outcome.err()).isZero();
    return outcome.out();
  }
}
