package dev.mlit;

import static org.assertj.core.api.Assertions.assertThat;

import dev.mlit.testing.Java;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * A program that embeds mlit has a log, a standard error, an environment and a common pool of its
 * own. If this fails, its lines are lost or come elsewhere while mlit loads, trains or serves.
 */
@Tag("slow")
class HostProcessTest {
  /** Watches its own process while it trains two steps and classifies with eight threads. */
  private static final String PROGRAM =
      """
      import dev.mlit.Mlit;
      import dev.mlit.savedmodel.Classifier;
      import dev.mlit.spec.RunSpec;
      import dev.mlit.spec.Specs;
      import java.io.FileDescriptor;
      import java.io.FileOutputStream;
      import java.nio.file.Files;
      import java.nio.file.Path;
      import java.util.ArrayList;
      import java.util.List;
      import java.util.Set;
      import java.util.TreeSet;
      import java.util.concurrent.ConcurrentSkipListSet;
      import com.sun.jna.Function;
      import com.sun.jna.Platform;

      public class Host {
        static volatile boolean done;
        static int lines;
        static final Set<String> places = new TreeSet<>();
        static final Set<String> levels = new TreeSet<>();
        static final Set<String> pool = new ConcurrentSkipListSet<>();

        public static void main(String[] args) throws Exception {
          Object out = System.out, err = System.err;
          Thread watch = new Thread(Host::watch);
          watch.start();
          RunSpec run =
              Specs.run(
                  Path.of(args.length > 0 ? args[0] : "specs/runs/quickstart.yaml"),
                  List.of("training.steps=2", "export=host/savedmodel"));
          Mlit.train(run, trainer -> trainer.directory(Path.of("host/run")));
          try (Classifier classifier = Mlit.load(Path.of("host/savedmodel"))) {
            List<Thread> callers = new ArrayList<>();
            for (int i = 0; i < 8; i++) {
              Thread caller =
                  new Thread(() -> classifier.classifyFiles(java.util.Collections.nCopies(20, Path.of("bag.png")), 1));
              callers.add(caller);
              caller.start();
            }
            for (Thread caller : callers) {
              caller.join();
            }
          }
          done = true;
          watch.join();
          System.out.println("lines " + lines);
          System.out.println("places " + places);
          System.out.println("levels " + levels);
          System.out.println("pool " + pool);
          System.out.println("same streams " + (out == System.out && err == System.err));
        }

        /** Writes a line to standard error, and looks around, again and again. */
        static void watch() {
          try (FileOutputStream error = new FileOutputStream(FileDescriptor.err)) {
            while (!done) {
              error.write(("host line " + lines++ + "\\n").getBytes());
              if (Platform.isLinux()) {
                places.add(Files.readSymbolicLink(Path.of("/proc/self/fd/2")).toString());
              }
              String level =
                  Function.getFunction("c", "getenv")
                      .invokeString(new Object[] {"TF_CPP_MIN_LOG_LEVEL"}, false);
              levels.add(String.valueOf(level));
              Thread.getAllStackTraces()
                  .forEach(
                      (thread, stack) -> {
                        if (thread.getName().contains("commonPool")) {
                          pool.add(List.of(stack).toString());
                        }
                      });
              Thread.sleep(2);
            }
          } catch (Exception e) {
            throw new IllegalStateException(e);
          }
        }
      }
      """;

  @TempDir private Path directory;

  @Test
  void nothingOfTheHostIsLostMovedOrChangedWhileItLoadsTrainsAndServes() throws Exception {
    Files.createSymbolicLink(directory.resolve("specs"), Path.of("specs").toAbsolutePath());
    Files.copy(Path.of("examples/images/bag.png"), directory.resolve("bag.png"));

    String output = Java.run(directory, "Host", PROGRAM);

    int lines = number(output, "lines ");
    List<String> host =
        Files.readAllLines(directory.resolve("Host.err")).stream()
            .filter(line -> line.contains("host line "))
            .toList();
    assertThat(lines).isGreaterThan(100);
    // TensorFlow writes to the same file: a line of it may begin where one of the host ends.
    assertThat(host).hasSize(lines);
    for (int i = 0; i < lines; i++) {
      assertThat(host.get(i)).endsWith("host line " + i);
    }
    assertThat(output)
        .contains("levels [null]")
        .contains("pool []")
        .contains("same streams true")
        .containsPattern("places \\[[^,]*]");
  }

  private static int number(String output, String name) {
    return output
        .lines()
        .filter(line -> line.startsWith(name))
        .map(line -> Integer.parseInt(line.substring(name.length())))
        .findFirst()
        .orElseThrow();
  }
}
