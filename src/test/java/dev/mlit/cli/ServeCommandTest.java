package dev.mlit.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.mlit.savedmodel.RandomModel;
import dev.mlit.testing.Mlit;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** If this fails, every new version of a service drops the requests that the old one has. */
@Tag("slow")
class ServeCommandTest {
  private static final int TERMINATED = 128 + 15;

  @TempDir private Path directory;
  private Path model;
  private int port;

  @BeforeEach
  void prepare() throws IOException {
    model = directory.resolve("model");
    RandomModel.write(model);
    try (ServerSocket free = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      port = free.getLocalPort();
    }
  }

  private Mlit serve(String... more) throws Exception {
    String[] arguments = new String[more.length + 4];
    System.arraycopy(
        new String[] {"serve", model.toString(), "--port", "" + port}, 0, arguments, 0, 4);
    System.arraycopy(more, 0, arguments, 4, more.length);
    Mlit mlit = Mlit.start(directory, arguments);
    for (int i = 0; !isReady(); i++) {
      assertThat(mlit.isAlive() && i < 600).as(mlit.errors()).isTrue();
      Thread.sleep(100);
    }
    return mlit;
  }

  private boolean isReady() throws InterruptedException {
    HttpRequest ready =
        HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + port + "/v2/health/ready")).build();
    try {
      return HttpClient.newHttpClient()
              .send(ready, HttpResponse.BodyHandlers.discarding())
              .statusCode()
          == 200;
    } catch (IOException e) {
      return false;
    }
  }

  @Test
  void sigtermFinishesWhatThereIsAndThenEnds() throws Exception {
    byte[] picture = Files.readAllBytes(Path.of("examples/images/sneaker.png"));
    try (Mlit mlit = serve();
        Socket client = new Socket(InetAddress.getLoopbackAddress(), port)) {
      assertThat(mlit.errors()).doesNotContain("no authentication");
      String head =
          "POST /classify HTTP/1.1\r\nHost: x\r\nContent-Length: " + picture.length + "\r\n\r\n";
      client.getOutputStream().write(head.getBytes(StandardCharsets.US_ASCII));
      client.getOutputStream().write(picture, 0, 10);
      Thread.sleep(200);

      mlit.signal("TERM");
      for (int i = 0; !mlit.errors().contains("stopping"); i++) {
        assertThat(i).isLessThan(600);
        Thread.sleep(50);
      }
      client.getOutputStream().write(picture, 10, picture.length - 10);

      InputStream answer = client.getInputStream();
      assertThat(new String(answer.readAllBytes(), StandardCharsets.UTF_8))
          .startsWith("HTTP/1.1 200 ")
          .contains("\"predictions\":[");
      assertThat(mlit.exit()).isEqualTo(TERMINATED);
      assertThat(mlit.errors()).doesNotContain("Exception");
    }
  }

  @Test
  void anAddressThatOthersReachIsWarnedOf() throws Exception {
    try (Mlit mlit = serve("--host", "0.0.0.0")) {
      assertThat(mlit.errors())
          .contains("there is no authentication, whoever reaches this address may use the model");
    }
  }

  @Test
  void whatCannotBeServedIsOneLine() throws Exception {
    Mlit missing = Mlit.start(directory, "serve", directory.resolve("none").toString());
    assertThat(missing.exit()).isEqualTo(2);
    assertThat(missing.errors().lines()).hasSize(1);
    assertThat(missing.errors()).contains("not a SavedModel of mlit, there is no such directory");

    try (ServerSocket taken = new ServerSocket(port, 1, InetAddress.getLoopbackAddress())) {
      Mlit second =
          Mlit.start(directory, "serve", model.toString(), "--port", "" + taken.getLocalPort());
      assertThat(second.exit()).isEqualTo(2);
      assertThat(second.errors()).contains("127.0.0.1:" + port + ": cannot listen there: ");
    }
  }
}
