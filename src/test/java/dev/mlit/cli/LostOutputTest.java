package dev.mlit.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.mlit.testing.TinyData;
import dev.mlit.train.Trainer;
import java.io.ByteArrayOutputStream;
import java.io.FileOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Results that go nowhere. If it fails, a script takes an empty file for what mlit has found, or a
 * run on images of a program's own cannot go on.
 */
class LostOutputTest {
  @TempDir private Path temporary;

  /** Whatever the command: it is looked at when the command is done. */
  @ParameterizedTest
  @ValueSource(
      strings = {"summary mlit-xxs", "summary mlit-xxs --json", "--version", "--help", "data list"})
  void aFullDiskBehindStandardOutputIsNoSuccess(String arguments) throws IOException {
    PrintStream out = System.out;
    PrintStream err = System.err;
    ByteArrayOutputStream said = new ByteArrayOutputStream();
    int status;
    try (PrintStream full =
        new PrintStream(new FileOutputStream("/dev/full"), false, StandardCharsets.UTF_8)) {
      System.setOut(full);
      System.setErr(new PrintStream(said, true, StandardCharsets.UTF_8));
      status = Main.run(arguments.split(" ", -1));
    } finally {
      System.setOut(out);
      System.setErr(err);
    }

    assertThat(status).isEqualTo(1);
    assertThat(said.toString(StandardCharsets.UTF_8))
        .isEqualToIgnoringNewLines(
            "standard output: cannot be written, what was printed is not whole");
  }

  /** The message says what to do from Java; a command has no such images. */
  @Test
  void aRunOnImagesOfAProgramSaysHowItGoesOn() {
    Path run = temporary.resolve("run");
    Trainer.of(TinyData.run().build()).data(TinyData.dataset(50, 30)).directory(run).train();

    PrintStream err = System.err;
    ByteArrayOutputStream said = new ByteArrayOutputStream();
    int status;
    try {
      System.setErr(new PrintStream(said, true, StandardCharsets.UTF_8));
      status = Main.run("train", "--resume", run.toString());
    } finally {
      System.setErr(err);
    }

    assertThat(status).isEqualTo(2);
    assertThat(said.toString(StandardCharsets.UTF_8))
        .isEqualToIgnoringNewLines(
            run
                + ": was begun on images of the program's own, tiny, which mlit cannot open; hand"
                + " them over to go on: Mlit.resume(directory, trainer -> trainer.data(images))");
  }
}
