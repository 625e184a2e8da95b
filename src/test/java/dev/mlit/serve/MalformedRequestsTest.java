package dev.mlit.serve;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.bytedeco.javacpp.Pointer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * If this fails, a client with a fault, or with bad intentions, ends the service or makes it forget
 * what it took. The full size:
 *
 * <pre>{@code
 * mvn test -Dtest=MalformedRequestsTest -Dmlit.serve.malformed=10000
 * }</pre>
 */
class MalformedRequestsTest {
  private static final int REQUESTS = Integer.getInteger("mlit.serve.malformed", 2000);
  private static final int ROUNDS = 10;
  private static final Pattern STATUS = Pattern.compile("HTTP/1\\.[01] (\\d{3})");

  /** 503 is for a server that stops, 505 for what says it is HTTP of another version. */
  private static final Set<Integer> DOCUMENTED =
      Set.of(100, 200, 400, 404, 405, 408, 413, 414, 415, 417, 426, 431, 505);

  @TempDir private Path directory;

  @Test
  void everyOneIsAnsweredAsDocumentedAndTheNextGoodOneGetsItsAnswer() throws Exception {
    MalformedRequests requests = new MalformedRequests(1);
    String good = Served.infer(Served.images(1), ",\"outputs\":[{\"name\":\"logits\"}]");
    Map<Integer, Integer> statuses = new TreeMap<>();
    try (Served served =
        Served.start(directory, options -> options.queue(8).timeout(Duration.ofSeconds(20)))) {
      String expected =
          new String(served.post("/v2/models/tiny/infer", good).body(), StandardCharsets.UTF_8);
      long pointers = 0;
      for (int round = 0; round < ROUNDS; round++) {
        for (int i = 0; i < REQUESTS / ROUNDS; i++) {
          byte[] request = requests.next();
          int status = send(served.server().port(), request);
          assertThat(status == 0 || DOCUMENTED.contains(status))
              .as("%d to %s", status, new String(request, StandardCharsets.ISO_8859_1))
              .isTrue();
          statuses.merge(status, 1, Integer::sum);
        }
        HttpResponse<byte[]> next = served.post("/v2/models/tiny/infer", good);
        assertThat(new String(next.body(), StandardCharsets.UTF_8)).isEqualTo(expected);
        pointers = round == 0 ? Pointer.totalCount() : pointers;
      }
      assertThat(Pointer.totalCount()).as("native objects").isEqualTo(pointers);
      assertThat(new String(served.get("/metrics").body(), StandardCharsets.UTF_8))
          .contains("mlit_queue_requests 0\n", "mlit_queue_waiting 0\n");
    }
    if (REQUESTS > 2000) {
      System.out.println(REQUESTS + " malformed requests: " + statuses);
    }
    assertThat(statuses).as("statuses").containsKeys(200, 400, 404, 405, 431);
  }

  /** The status of the last answer, 0 where the server only closed. */
  private static int send(int port, byte[] request) throws IOException {
    try (RawConnection connection = new RawConnection(port)) {
      String answer;
      try {
        connection.send(request).finish();
        answer = connection.rest();
      } catch (IOException e) {
        // Closed while this was still sending.
        return 0;
      }
      int status = 0;
      Matcher matcher = STATUS.matcher(answer);
      while (matcher.find()) {
        status = Integer.parseInt(matcher.group(1));
      }
      return status;
    }
  }
}
