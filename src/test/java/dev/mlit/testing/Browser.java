package dev.mlit.testing;

import java.io.File;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.Assertions;
import org.junit.jupiter.api.Assumptions;

/**
 * Chromium, without a window: the one that the system property or environment variable {@code
 * MLIT_BROWSER} names, else the first of {@code chromium}, {@code chromium-browser} and {@code
 * google-chrome} on the path. Where there is none, tests are skipped and say so.
 */
public final class Browser {
  private static final List<String> NAMES =
      List.of("chromium", "chromium-browser", "google-chrome");

  private final String executable;

  private Browser(String executable) {
    this.executable = executable;
  }

  /**
   * A page as the browser has made it.
   *
   * @param html the document after its scripts have run
   * @param console what it wrote to its console, errors and refused requests among it
   */
  public record Rendered(String html, List<String> console) {}

  /** The browser; without one, the calling test is skipped. */
  public static Browser find() {
    String named = System.getProperty("MLIT_BROWSER", System.getenv("MLIT_BROWSER"));
    Optional<String> found =
        named != null && !named.isBlank()
            ? Optional.of(named)
            : NAMES.stream().filter(Browser::isOnPath).findFirst();
    if (found.isEmpty()) {
      String message =
          "no browser for this test: install chromium, or name one: -DMLIT_BROWSER=/path/to/chromium";
      System.err.println(message);
      Assumptions.abort(message);
    }
    return new Browser(found.orElseThrow());
  }

  private static boolean isOnPath(String name) {
    return Stream.of(System.getenv("PATH").split(File.pathSeparator, -1))
        .anyMatch(directory -> Files.isExecutable(Path.of(directory, name)));
  }

  /**
   * Opens a page from the disk.
   *
   * @param scratch a directory for the browser's own files
   */
  public Rendered open(Path page, Path scratch) throws IOException, InterruptedException {
    Path html = Files.createTempFile(scratch, "page", ".html");
    Path log = Files.createTempFile(scratch, "browser", ".log");
    List<String> command = command(scratch);
    command.addAll(List.of("--dump-dom", page.toUri().toString()));
    Process process =
        new ProcessBuilder(command)
            .redirectOutput(html.toFile())
            .redirectError(log.toFile())
            .start();
    if (!process.waitFor(2, TimeUnit.MINUTES) || process.exitValue() != 0) {
      process.descendants().forEach(ProcessHandle::destroyForcibly);
      process.destroyForcibly();
      Assertions.fail(executable + " does not end well:\n" + Files.readString(log));
    }
    return new Rendered(
        Files.readString(html),
        Files.readString(log).lines().filter(line -> line.contains(":CONSOLE")).toList());
  }

  /**
   * Opens the page of a server, to act as a user does.
   *
   * @param scratch a directory for the browser's own files
   */
  public BrowserPage visit(URI address, Path scratch) throws IOException, InterruptedException {
    List<String> command = command(scratch);
    command.addAll(List.of("--remote-debugging-port=0", "--window-size=1100,1200", "about:blank"));
    return BrowserPage.open(command, address, Files.createTempFile(scratch, "browser", ".log"));
  }

  private List<String> command(Path scratch) {
    return new ArrayList<>(
        List.of(
            executable,
            "--headless",
            "--no-sandbox",
            "--disable-gpu",
            "--disable-background-networking",
            "--disable-component-update",
            "--disable-sync",
            "--no-first-run",
            "--user-data-dir=" + scratch.resolve("profile"),
            "--enable-logging=stderr"));
  }
}
