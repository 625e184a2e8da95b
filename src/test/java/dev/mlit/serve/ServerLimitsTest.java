package dev.mlit.serve;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.mlit.spec.InvalidInputException;
import java.io.IOException;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * If this fails, one client can make the service useless to all others, or its end loses answers.
 */
class ServerLimitsTest {
  private static final String INFER = "/v2/models/tiny/infer";

  @TempDir private Path directory;

  private static String head(String body) {
    return "POST "
        + INFER
        + " HTTP/1.1\r\nHost: x\r\nContent-Length: "
        + body.length()
        + "\r\n\r\n";
  }

  private static void awaitRequests(Served served, int requests) throws Exception {
    String line = "mlit_queue_requests " + requests + "\n";
    for (int i = 0;
        !new String(served.get("/metrics").body(), StandardCharsets.UTF_8).contains(line);
        i++) {
      assertThat(i).as("waits for " + line).isLessThan(200);
      Thread.sleep(20);
    }
  }

  @Test
  void pathsAndMethodsThatAreNotThereAreSaidToBe() throws Exception {
    try (Served served = Served.start(directory, options -> {})) {
      assertThat(served.get("/nothing").statusCode()).isEqualTo(404);
      HttpResponse<byte[]> other = served.get("/v2/models/other");
      assertThat(other.statusCode()).isEqualTo(404);
      assertThat(Served.error(other))
          .isEqualTo("nothing is at this path; the model's name is tiny");
      HttpResponse<byte[]> get = served.get(INFER);
      assertThat(get.statusCode()).isEqualTo(405);
      assertThat(get.headers().firstValue("Allow")).hasValue("POST");
      assertThat(served.post("/v2", "").statusCode()).isEqualTo(405);
    }
  }

  @Test
  void aBodyThatIsTooLargeIsRefusedWhetherItSaysSoOrNot() throws Exception {
    try (Served served = Served.start(directory, options -> options.maxBody(1000))) {
      HttpResponse<byte[]> told = served.post(INFER, new byte[1001]);
      assertThat(told.statusCode()).isEqualTo(413);
      assertThat(Served.error(told)).isEqualTo("the body must have at most 1000 bytes");
      HttpRequest.BodyPublisher unsaid =
          HttpRequest.BodyPublishers.fromPublisher(
              HttpRequest.BodyPublishers.ofByteArray(new byte[5000]));
      assertThat(served.send(served.request(INFER).POST(unsaid).build()).statusCode())
          .isEqualTo(413);
      assertThat(served.get("/v2/health/ready").statusCode()).isEqualTo(200);
    }
  }

  @Test
  void oneRequestMoreThanTheQueueTakesIsToldToComeAgain() throws Exception {
    String body = Served.infer(Served.images(1), "");
    try (Served served = Served.start(directory, options -> options.queue(1));
        RawConnection first = new RawConnection(served.server().port())) {
      first.send(head(body)).send(body.substring(0, 10));
      awaitRequests(served, 1);

      HttpResponse<byte[]> refused = served.post(INFER, body);
      assertThat(refused.statusCode()).isEqualTo(429);
      assertThat(refused.headers().firstValue("Retry-After")).hasValue("1");
      assertThat(served.get("/v2/health/ready").statusCode()).isEqualTo(200);

      assertThat(first.send(body.substring(10)).reply().status()).isEqualTo(200);
      for (int i = 0; i < 20; i++) {
        assertThat(served.post(INFER, body).statusCode()).isEqualTo(200);
      }
    }
  }

  @Test
  void aClientThatGoesAwayGivesItsPlaceBack() throws Exception {
    String body = Served.infer(Served.images(1), "");
    try (Served served = Served.start(directory, options -> options.queue(1))) {
      try (RawConnection gone = new RawConnection(served.server().port())) {
        gone.send(head(body)).send(body.substring(0, 10));
        awaitRequests(served, 1);
      }
      awaitRequests(served, 0);
      assertThat(served.post(INFER, body).statusCode()).isEqualTo(200);
    }
  }

  @Test
  void aBodyThatComesTooSlowlyIsGivenUp() throws Exception {
    String body = Served.infer(Served.images(1), "");
    try (Served served =
            Served.start(directory, options -> options.timeout(Duration.ofMillis(500)));
        RawConnection slow = new RawConnection(served.server().port())) {
      slow.send(head(body));
      CompletableFuture<Void> trickle = trickle(slow, body);
      assertThat(slow.reply().status()).isEqualTo(408);
      slow.rest();
      trickle.join();
      awaitRequests(served, 0);
    }
  }

  @Test
  void aHeadThatComesTooSlowlyIsGivenUp() throws Exception {
    try (Served served =
            Served.start(directory, options -> options.timeout(Duration.ofMillis(500)));
        RawConnection slow = new RawConnection(served.server().port())) {
      CompletableFuture<Void> trickle =
          trickle(slow, "GET /v2 HTTP/1.1\r\nHost: x\r\nX: " + "a".repeat(1000));
      try {
        assertThat(slow.rest()).doesNotContain("200");
      } catch (IOException e) {
        // Reset, as it was still sending.
      }
      trickle.join();
    }
  }

  /** Sends a byte every 20 ms, until the server has enough. */
  private static CompletableFuture<Void> trickle(RawConnection connection, String text) {
    return CompletableFuture.runAsync(
        () -> {
          try {
            for (int i = 0; i < text.length(); i++) {
              connection.send(text.substring(i, i + 1));
              Thread.sleep(20);
            }
            throw new AssertionError("the server took all of it");
          } catch (IOException e) {
            // Closed, as it is meant to be.
          } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
          }
        });
  }

  @Test
  void headersThatAreTooLargeAreRefused() throws Exception {
    try (Served served = Served.start(directory, options -> {});
        RawConnection large = new RawConnection(served.server().port())) {
      large.send("GET /v2 HTTP/1.1\r\nHost: x\r\nX: " + "a".repeat(20_000) + "\r\n\r\n");
      RawConnection.Reply reply = large.reply();
      assertThat(reply.status()).isEqualTo(431);
      assertThat(reply.body()).startsWith("{\"error\":");
    }
  }

  @Test
  void aCompressedBodyIsRefusedAndNotTakenForGarbage() throws Exception {
    try (Served served = Served.start(directory, options -> {})) {
      HttpResponse<byte[]> response = served.post(INFER, new byte[10], "Content-Encoding", "gzip");
      assertThat(response.statusCode()).isEqualTo(415);
    }
  }

  @Test
  void closingAnswersWhatItHasAndRefusesTheRest() throws Exception {
    String body = Served.infer(Served.images(1), "");
    Served served = Served.start(directory, options -> {});
    int port = served.server().port();
    try (RawConnection first = new RawConnection(port);
        RawConnection second = new RawConnection(port)) {
      second.send("GET /v2/health/ready HTTP/1.1\r\nHost: x\r\n\r\n");
      assertThat(second.reply().status()).isEqualTo(200);
      first.send(head(body)).send(body.substring(0, 10));
      awaitRequests(served, 1);

      CompletableFuture<Void> closing = CompletableFuture.runAsync(served.server()::close);
      while (accepts(port)) {
        Thread.sleep(10);
      }
      second.send("GET /v2/health/ready HTTP/1.1\r\nHost: x\r\n\r\n");
      assertThat(second.reply().status()).isEqualTo(503);
      assertThat(closing).isNotDone();

      assertThat(first.send(body.substring(10)).reply().status()).isEqualTo(200);
      closing.join();
    } finally {
      served.close();
    }
  }

  /** A batch that waits for others for longer than an idle connection may stay. */
  @Test
  void closingWaitsForWhatIsComputed() throws Exception {
    String body = Served.infer(Served.images(1), "");
    Served served =
        Served.start(
            directory,
            options -> options.maxWait(Duration.ofMillis(2500)).timeout(Duration.ofSeconds(8)));
    try (RawConnection first = new RawConnection(served.server().port())) {
      first.send(head(body)).send(body);
      awaitRequests(served, 1);
      CompletableFuture<Void> closing = CompletableFuture.runAsync(served.server()::close);
      assertThat(first.reply().status()).isEqualTo(200);
      closing.join();
    } finally {
      served.close();
    }
  }

  @Test
  void anAnswerMayTakeLongerThanAClientMay() throws Exception {
    try (Served served =
        Served.start(
            directory,
            options -> options.maxWait(Duration.ofMillis(1200)).timeout(Duration.ofMillis(500)))) {
      assertThat(served.post(INFER, Served.infer(Served.images(1), "")).statusCode())
          .isEqualTo(200);
    }
  }

  private static boolean accepts(int port) {
    try {
      new RawConnection(port).close();
      return true;
    } catch (IOException e) {
      return false;
    }
  }

  @Test
  void aPortThatIsTakenIsOneClearLine() {
    try (Served served = Served.start(directory, options -> {})) {
      assertThatThrownBy(
              () ->
                  ModelServer.start(
                      directory.resolve("model"), o -> o.port(served.server().port())))
          .isInstanceOf(InvalidInputException.class)
          .hasMessage(
              "127.0.0.1:"
                  + served.server().port()
                  + ": cannot listen there: Address already in use");
    }
  }
}
