package dev.mlit.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * {@code ./mlit data}. If it fails, a newcomer does not get his images, or does not learn why; and
 * a script takes a failed download for a good one.
 */
@Timeout(60)
class DataCommandTest {
  @TempDir private Path temporary;

  @Test
  void listNamesEveryDatasetItsLicenceAndItsPlace() {
    Outcome outcome = Outcome.of("data", "list");

    assertThat(outcome.exit()).isZero();
    assertThat(outcome.out())
        .contains("cifar10 ", "tiny-imagenet ", "eurosat ", "MIT, Zalando SE", "comes with mlit")
        .containsPattern("mnist +60,000 \\+ 10,000 handwritten digits, 28x28 gray, 10 classes\\R");
  }

  @Test
  void listIsReadByPrograms() throws IOException {
    JsonNode datasets =
        new ObjectMapper().readTree(Outcome.of("data", "list", "--json").out()).path("datasets");

    assertThat(datasets).hasSizeGreaterThanOrEqualTo(11);
    JsonNode first = datasets.get(0);
    assertThat(first.path("name").asText()).isEqualTo("fashion-small");
    assertThat(first.path("images").asInt()).isEqualTo(12_000);
    assertThat(first.path("missing")).isEmpty();
  }

  @Test
  void whatComesWithMlitIsNotFetched() {
    assertThat(Outcome.of("data", "fetch", "fashion-small"))
        .isEqualTo(
            new Outcome(0, "fashion-small comes with mlit, there is nothing to fetch" + nl(), ""));
  }

  @Test
  void unknownDatasetIsTheUsersFault() {
    Outcome outcome = Outcome.of("data", "fetch", "mnits");

    assertThat(outcome.exit()).isEqualTo(2);
    assertThat(outcome.err()).startsWith("mnits: unknown dataset; did you mean mnist? ");
    assertThat(outcome.err()).hasLineCount(1);
  }

  @Test
  void wrongAddressIsTheUsersFault() {
    assertThat(Outcome.of("data", "fetch", "mnist", "--from", "nowhere"))
        .isEqualTo(
            new Outcome(
                2,
                "",
                "--from: nowhere must be an address such as https://example.org/data" + nl()));
  }

  @Test
  void serverWithoutTheFileIsNot() throws IOException {
    HttpServer server =
        HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    server.start();
    try {
      String address = "http://127.0.0.1:" + server.getAddress().getPort() + "/data";

      Outcome outcome =
          Outcome.of(
              "data", "fetch", "mnist", "--from", address, "--to", "" + temporary.resolve("m"));

      assertThat(outcome)
          .isEqualTo(
              new Outcome(
                  1,
                  "",
                  address
                      + "/train-images-idx3-ubyte.gz: the server answers 404 (no such file); look"
                      + " for the file elsewhere and name its address with --from, or put the file"
                      + " in place by hand"
                      + nl()));
      assertThat(temporary).isEmptyDirectory();
    } finally {
      server.stop(0);
    }
  }

  @Test
  void checkCountsAndDraws() throws IOException {
    Path sheet = temporary.resolve("sheet.png");

    Outcome outcome = Outcome.of("data", "check", "fashion-small", "--sheet", sheet.toString());

    assertThat(outcome.exit()).as(outcome.err()).isZero();
    assertThat(outcome.out())
        .startsWith(
            "fashion-small: 10,000 images to train on, 2,000 to test on, 28x28x1, 10 classes")
        .containsPattern("Sneaker +1,000 +200\\R")
        .endsWith("sheet  " + sheet + nl());
    assertThat(Files.size(sheet)).isGreaterThan(10_000);
  }

  @Test
  void checkNamesADamagedFileAndItsSum() throws IOException {
    Path file = temporary.resolve("train-images-idx3-ubyte.gz");
    Files.writeString(file, "no images at all");

    Outcome outcome = Outcome.of("data", "check", "fashion-mnist", temporary.toString());

    assertThat(outcome.exit()).isEqualTo(2);
    assertThat(outcome.out())
        .contains("train-images-idx3-ubyte.gz   not the published file: " + file + ": 16 bytes")
        .contains("t10k-labels-idx1-ubyte.gz    not there");
    assertThat(outcome.err())
        .isEqualTo(
            file + ": begins with 6e6f2069, must be 00000803: not an IDX file of images" + nl());
  }

  @Test
  void withoutACommandItPrintsWhatThereIs() {
    assertThat(Outcome.of("data").out()).contains("list ", "fetch ", "check ");
  }

  @Test
  void countsHaveARateAndATimeLeft() {
    try (Counter counter = Counter.of("check", 2_000, "images")) {
      assertThat(counter.line(500, 2))
          .isEqualTo("check: 500 of 2,000 images, 250 images/s, 6 s left");
      assertThat(counter.line(0, 2)).isEqualTo("check: 0 of 2,000 images");
    }
  }

  @Test
  void whatAnEarlierDownloadLeftDoesNotCountAsSpeed() {
    try (Counter counter = Counter.ofBytes("a.zip", 60_000_000, 100_000_000)) {
      assertThat(counter.line(70_000_000, 5)).isEqualTo("a.zip: 70 of 100 MB, 2.0 MB/s, 15 s left");
    }
  }

  private static String nl() {
    return System.lineSeparator();
  }
}
