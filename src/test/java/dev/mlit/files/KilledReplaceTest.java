package dev.mlit.files;

import static org.assertj.core.api.Assertions.assertThat;

import dev.mlit.testing.ChildJava;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * A process that replaces a directory again and again, killed (SIGKILL) at random moments. If this
 * fails, an export that is cut off costs a user the model that was there.
 */
@Tag("slow")
class KilledReplaceTest {
  /** Of each kind; {@code mvn test -Dtest=KilledReplaceTest -DMLIT_KILLS=100}. */
  private static final int KILLS = Integer.getInteger("MLIT_KILLS", 4);

  private static final int FILES = 5;
  private static final Set<String> OWN = Set.of("0", "1", "2", "3", "4");

  @TempDir private Path parent;

  @ParameterizedTest(name = "exchange {0}")
  @ValueSource(booleans = {true, false})
  void theOldOneOrTheNewOneIsThereWhole(boolean exchanges) throws Exception {
    Path target = parent.resolve("model");
    Random random = new Random(exchanges ? 1 : 2);
    long last = -1;
    for (int kill = 0; kill < KILLS; kill++) {
      Process process =
          ChildJava.start(Writer.class, target.toString(), "" + exchanges, "" + (last + 1));
      last = killed(process, random);

      // As everyone does who reads a model.
      WholeDirectory.recover(target);

      List<String> contents = contents(target);
      assertThat(contents).as("kill %d: one and the same", kill).hasSize(1);
      long found = Long.parseLong(contents.get(0));
      assertThat(found)
          .as("kill %d: what was announced, or the next", kill)
          .isBetween(last, last + 1);
      last = found;
    }
  }

  /** A signal that a process can obey: what it was writing is not left where nobody looks. */
  @Test
  void whatIsNotFinishedWhenItIsToldToEndIsDeleted() throws Exception {
    Path target = Files.createDirectory(parent.resolve("model"));
    Process process = ChildJava.start(Hanging.class, target.toString());
    try (BufferedReader lines =
        new BufferedReader(
            new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8))) {
      assertThat(lines.readLine()).isEqualTo("writing");
      assertThat(parent).isDirectoryContaining(KilledReplaceTest::isUnfinished);

      process.destroy();

      assertThat(process.waitFor(1, TimeUnit.MINUTES)).as("ends in time").isTrue();
    } finally {
      process.destroyForcibly();
    }
    assertThat(parent).isDirectoryNotContaining(KilledReplaceTest::isUnfinished);
    assertThat(target).isEmptyDirectory();
  }

  private static boolean isUnfinished(Path path) {
    return PrivateNames.isUnfinished(path);
  }

  /** Writes weights into a directory, and is never done. */
  static final class Hanging {
    private Hanging() {}

    public static void main(String[] arguments) {
      WholeDirectory.at(Path.of(arguments[0]), OWN, Set.of("0"))
          .replace(
              into -> {
                Files.writeString(into.resolve("0"), "weights");
                System.out.println("writing");
                while (true) {
                  LockSupport.park();
                }
              });
    }
  }

  /** Kills it soon after it has announced something; returns the last that it has. */
  private static long killed(Process process, Random random) throws IOException {
    try (BufferedReader lines =
        new BufferedReader(
            new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8))) {
      long announced = -1;
      for (int i = random.nextInt(5); i >= 0; i--) {
        announced = Long.parseLong(String.valueOf(lines.readLine()));
      }
      LockSupport.parkNanos((long) (random.nextDouble() * 20e6));
      // Not by the process itself, which would close its output.
      process.toHandle().destroyForcibly();
      for (String line = lines.readLine(); line != null; line = lines.readLine()) {
        announced = Long.parseLong(line);
      }
      return announced;
    } finally {
      process.destroyForcibly();
    }
  }

  private static List<String> contents(Path target) throws IOException {
    Set<String> contents = new java.util.TreeSet<>();
    for (String file : OWN) {
      contents.add(Files.readString(target.resolve(file)));
    }
    return List.copyOf(contents);
  }

  /** Writes the directory with one number after the other in all of its files. */
  static final class Writer {
    private Writer() {}

    public static void main(String[] arguments) {
      WholeDirectory directory = WholeDirectory.at(Path.of(arguments[0]), OWN, Set.of("0"));
      if (!Boolean.parseBoolean(arguments[1])) {
        directory = directory.withoutExchange();
      }
      for (long i = Long.parseLong(arguments[2]); ; i++) {
        String content = "" + i;
        directory.replace(
            into -> {
              for (int file = 0; file < FILES; file++) {
                Files.writeString(into.resolve("" + file), content);
              }
            });
        System.out.println(content);
      }
    }
  }
}
