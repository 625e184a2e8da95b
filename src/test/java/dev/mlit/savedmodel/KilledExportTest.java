package dev.mlit.savedmodel;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import dev.mlit.spec.InvalidInputException;
import dev.mlit.testing.ChildJava;
import dev.mlit.weights.Weights;
import java.io.BufferedReader;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Random;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * An export that is killed (SIGKILL), and one to a directory with a user's files. If it fails, a
 * service finds no model, or half of one, or a user's notes are gone with the model that they were
 * about.
 */
@Tag("slow")
class KilledExportTest {
  /** {@code mvn test -Dtest=KilledExportTest -DMLIT_KILLS=100}. */
  private static final int KILLS = Integer.getInteger("MLIT_KILLS", 2);

  @TempDir private Path parent;

  @Test
  void theOldModelOrTheNewOneIsThereWhole() throws Exception {
    Path target = parent.resolve("model");
    Random random = new Random(3);
    for (int kill = 0; kill < KILLS; kill++) {
      Process process = ChildJava.start(Exporter.class, target.toString());
      try (BufferedReader lines =
          new BufferedReader(
              new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8))) {
        for (int i = random.nextInt(4); i >= 0; i--) {
          assertThat(lines.readLine()).isEqualTo("exported");
        }
        LockSupport.parkNanos((long) (random.nextDouble() * 300e6));
      } finally {
        process.destroyForcibly().waitFor();
      }

      try (Classifier classifier = Classifier.load(target)) {
        String card = Files.readString(target.resolve("README.md"));
        assertThat(classifier.labels())
            .as("kill %d: labels, card and weights are of one export", kill)
            .isEqualTo(card.contains("odd") ? Exporter.ODD : RandomModel.LABELS);
      }
    }
  }

  /** Two models in turn. */
  static final class Exporter {
    static final List<String> ODD = List.of("one", "two", "three");

    private Exporter() {}

    public static void main(String[] arguments) {
      for (int i = 0; ; i++) {
        boolean odd = i % 2 == 1;
        SavedModelWriter.write(
            RandomModel.SPEC,
            Weights.of(RandomModel.weights()),
            odd ? ODD : RandomModel.LABELS,
            ModelCard.imported(odd ? "odd" : "even"),
            Path.of(arguments[0]));
        System.out.println("exported");
      }
    }
  }

  @Test
  void aUsersFileInAModelIsNamedAndStays() throws Exception {
    Path target = parent.resolve("model");
    RandomModel.write(target);
    Path notes = Files.writeString(target.resolve("notes.txt"), "mine");

    assertThatExceptionOfType(InvalidInputException.class)
        .isThrownBy(() -> RandomModel.write(target))
        .withMessage(
            target + ": holds something that mlit did not write, it is not overwritten: notes.txt");

    assertThat(notes).hasContent("mine");
  }
}
