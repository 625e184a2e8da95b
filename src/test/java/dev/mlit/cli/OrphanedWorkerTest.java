package dev.mlit.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.mlit.testing.ChildJava;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/**
 * A worker whose {@code --workers} command is killed. If it fails, processes that nobody sees train
 * on, hold their ports and write into a run that its user starts again.
 */
@Tag("slow")
class OrphanedWorkerTest {
  @Test
  void endsWhenWhatHasStartedItIsKilled() throws Exception {
    Process parent = ChildJava.start(Parent.class);
    long pid;
    try (BufferedReader lines =
        new BufferedReader(
            new InputStreamReader(parent.getInputStream(), StandardCharsets.UTF_8))) {
      pid = Long.parseLong(lines.readLine());
      ProcessHandle worker = ProcessHandle.of(pid).orElseThrow();
      assertThat(worker.isAlive()).isTrue();

      parent.destroyForcibly().waitFor();

      worker.onExit().get(1, TimeUnit.MINUTES);
      assertThat(worker.isAlive()).isFalse();
    } finally {
      parent.destroyForcibly();
    }
  }

  /** Starts a worker, says its number and waits. */
  static final class Parent {
    private Parent() {}

    public static void main(String[] arguments) throws IOException, InterruptedException {
      Process worker =
          new ProcessBuilder(
                  List.of(
                      Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                      "-Dmlit.parent=" + ProcessHandle.current().pid(),
                      "-cp",
                      System.getProperty("java.class.path"),
                      Worker.class.getName()))
              .redirectError(ProcessBuilder.Redirect.DISCARD)
              .start();
      worker.getInputStream().read();
      System.out.println(worker.pid());
      worker.waitFor();
    }
  }

  /** Says that it is there, and would wait for ever. */
  static final class Worker {
    private Worker() {}

    public static void main(String[] arguments) throws InterruptedException {
      LocalWorkers.endWithParent();
      System.out.println("here");
      Thread.currentThread().join();
    }
  }
}
