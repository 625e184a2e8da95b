package dev.mlit.data.published;

import dev.mlit.spec.advice.Message;
import dev.mlit.spec.text.FileProblem;
import java.io.IOException;
import java.net.ConnectException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpConnectTimeoutException;
import java.nio.channels.UnresolvedAddressException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Locale;

/**
 * Downloads a published file: resumes what an earlier attempt left, tries again when the network
 * fails, and puts the file under its name only when its sum is the published one.
 */
final class Download {
  private static final int RANGE_NOT_SATISFIABLE = 416;

  private static final Message ELSEWHERE =
      advice ->
          "look for the file elsewhere and name its address with "
              + advice.mirror()
              + ", or put the file in place by hand";

  private final HttpClient client;
  private final Patience patience;
  private final FetchListener listener;

  Download(Patience patience, FetchListener listener) {
    this.client =
        HttpClient.newBuilder()
            .version(HttpClient.Version.HTTP_1_1)
            .followRedirects(HttpClient.Redirect.NORMAL)
            .connectTimeout(patience.connect())
            .build();
    this.patience = patience;
    this.listener = listener;
  }

  /**
   * Timeouts, and the number of attempts.
   *
   * @param connect for a connection
   * @param stall for the next byte
   * @param attempts how often to try in all, at least 1
   * @param pause before the second attempt; before every later one twice as long as before
   */
  record Patience(Duration connect, Duration stall, int attempts, Duration pause) {
    static final Patience USUAL =
        new Patience(Duration.ofSeconds(20), Duration.ofSeconds(60), 6, Duration.ofSeconds(1));
  }

  /**
   * Downloads a file; returns when it is under its name.
   *
   * @param url where from, which may be a mirror
   * @param target the file's path; what is there is replaced once the download is right
   * @throws FetchException if that cannot be done; then nothing has changed under that name
   */
  void run(PublishedFile file, URI url, Path target) {
    try (PartFile part = PartFile.of(target)) {
      listener.started(file, part.size());
      requireSpace(file, part);
      run(file, url, part);
    } catch (IOException e) {
      throw new FetchException(FileProblem.unwritable(target, e), e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new FetchException(
          advice -> url + ": interrupted; the same " + advice.call() + " goes on from here", e);
    } finally {
      listener.finished(file);
    }
  }

  private void run(PublishedFile file, URI url, PartFile part)
      throws IOException, InterruptedException {
    Duration pause = patience.pause();
    for (int attempt = 1; ; attempt++) {
      String problem;
      try {
        problem = attempt(file, url, part);
        if (problem.isEmpty()) {
          return;
        }
      } catch (Transfer.DiskException e) {
        throw new FetchException(noSpace(file, part, String.valueOf(e.getMessage())), e);
      } catch (IOException e) {
        problem = describe(url, e);
        if (attempt == patience.attempts()) {
          throw new FetchException(gaveUp(url, problem, attempt, part.size()), e);
        }
      }
      if (attempt == patience.attempts()) {
        throw new FetchException(gaveUp(url, problem, attempt, part.size()));
      }
      listener.retrying(file, problem, pause);
      Thread.sleep(pause.toMillis());
      pause = pause.multipliedBy(2);
    }
  }

  /** Returns why another attempt may help; empty if the file is in its place. */
  private String attempt(PublishedFile file, URI url, PartFile part)
      throws IOException, InterruptedException {
    long before = part.size();
    Transfer.Answer answer = new Transfer.Answer(206, true, false);
    if (before < file.bytes()) {
      answer =
          Transfer.run(
              client,
              url,
              part,
              file.bytes(),
              patience.stall(),
              present -> listener.progress(file, present));
    }
    int status = answer.status();
    if (status == RANGE_NOT_SATISFIABLE) {
      part.restart("");
      return "the server's file is shorter than what is here; starts again";
    }
    if (status == 408 || status == 429 || status >= 500) {
      return "the server answers " + status;
    }
    if (status != 200 && status != 206) {
      throw new FetchException(
          advice ->
              url
                  + ": the server answers "
                  + status
                  + meaning(status)
                  + "; "
                  + ELSEWHERE.text(advice));
    }
    try {
      boolean complete = part.size() == file.bytes() && !answer.tooLong();
      if (complete && FileCheck.md5(part.path()).equals(file.md5())) {
        part.finish();
        return "";
      }
      if (part.size() < file.bytes() && !answer.whole() && !answer.tooLong()) {
        return "the connection ended after " + part.size() + " of " + file.bytes() + " bytes";
      }
      return wrong(file, url, part, status == 206, answer.tooLong());
    } catch (IOException e) {
      throw new Transfer.DiskException(e);
    }
  }

  /**
   * Why another attempt may help after a file with another sum: parts of two versions may have been
   * joined.
   */
  private static String wrong(
      PublishedFile file, URI url, PartFile part, boolean resumed, boolean tooLong)
      throws IOException {
    String came =
        tooLong
            ? "more than " + part.size() + " bytes"
            : part.size() + " bytes, MD5 " + FileCheck.md5(part.path());
    part.restart("");
    if (resumed) {
      return "the parts of the file do not fit together; starts again";
    }
    throw new FetchException(
        advice ->
            String.format(
                Locale.ROOT,
                "%s: not the published file: %s, must be %d bytes, MD5 %s; it was removed; %s",
                url,
                came,
                file.bytes(),
                file.md5(),
                ELSEWHERE.text(advice)));
  }

  private static String describe(URI url, IOException problem) {
    for (Throwable e = problem; e != null; e = e.getCause()) {
      if (e instanceof UnresolvedAddressException) {
        throw new FetchException(
            advice ->
                url.getHost()
                    + ": unknown host; is there a network? Else "
                    + ELSEWHERE.text(advice),
            problem);
      }
    }
    if (problem instanceof HttpConnectTimeoutException) {
      return "the server does not answer";
    }
    if (problem instanceof ConnectException) {
      return "no connection to the server";
    }
    String message = problem.getMessage();
    return "the connection failed (" + (message == null ? problem.toString() : message) + ")";
  }

  private static Message gaveUp(URI url, String problem, int attempts, long bytes) {
    return advice ->
        String.format(
            Locale.ROOT,
            "%s: %s; gave up after %d attempts with %d bytes, the same %s goes on from there",
            url,
            problem,
            attempts,
            bytes,
            advice.call());
  }

  private static String meaning(int status) {
    return switch (status) {
      case 401, 403 -> " (access denied)";
      case 404, 410 -> " (no such file)";
      default -> "";
    };
  }

  private static void requireSpace(PublishedFile file, PartFile part) throws IOException {
    long missing = file.bytes() - part.size();
    if (missing > Files.getFileStore(part.path()).getUsableSpace()) {
      throw new FetchException(noSpace(file, part, "not enough space"));
    }
  }

  private static Message noSpace(PublishedFile file, PartFile part, String problem)
      throws IOException {
    long missing = file.bytes() - part.size();
    long free = Files.getFileStore(part.path()).getUsableSpace();
    return advice ->
        String.format(
            Locale.ROOT,
            "%s: %s: %d MB to come, %d MB free on this disk; make room or name another directory"
                + " with %s, the same %s goes on from there",
            part.path(),
            problem,
            megabytes(missing),
            free / 1_000_000,
            advice.fetchDirectory(),
            advice.call());
  }

  private static long megabytes(long bytes) {
    return (bytes + 999_999) / 1_000_000;
  }
}
