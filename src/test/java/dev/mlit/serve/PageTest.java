package dev.mlit.serve;

import static org.assertj.core.api.Assertions.assertThat;

import dev.mlit.testing.Browser;
import dev.mlit.testing.BrowserPage;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * If this fails, whoever opens the server's address in a browser sees nothing, or something that
 * the model did not say. {@code -Dmlit.page.model=DIR} shows another model, {@code
 * -Dmlit.page.screenshot=FILE} keeps a picture of it.
 */
class PageTest {
  private static final Path PICTURE = Path.of("examples/images/sneaker-300x400.jpg");

  @TempDir private Path directory;

  @Test
  void loadsNothingFromElsewhereAndMayNot() throws Exception {
    try (Served served = Served.start(directory, options -> {})) {
      HttpResponse<byte[]> page = served.get("/");
      assertThat(page.headers().firstValue("Content-Security-Policy").orElseThrow())
          .startsWith("default-src 'none'; style-src 'sha256-");
      assertThat(new String(page.body(), StandardCharsets.UTF_8))
          .contains("<title>tiny</title>")
          .doesNotContain("http:", "https:", "{{");
    }
  }

  @Test
  void isNotThereWhereItIsLeftOut() throws Exception {
    try (Served served = Served.start(directory, options -> options.page(false))) {
      assertThat(served.get("/").statusCode()).isEqualTo(404);
      assertThat(served.post("/inspect", Files.readAllBytes(PICTURE)).statusCode()).isEqualTo(404);
    }
  }

  @Tag("slow")
  @Test
  void aPictureThatIsDroppedShowsItsClassesAndTheExpertsOfItsPatches() throws Exception {
    Browser browser = Browser.find();
    String other = System.getProperty("mlit.page.model");
    try (Served served = Served.start(directory, options -> {});
        ModelServer server =
            ModelServer.start(
                other == null ? directory.resolve("model") : Path.of(other), o -> o.port(0));
        BrowserPage page = browser.visit(server.uri(), directory)) {

      page.drop("#drop", PICTURE, "image/jpeg");
      page.await("document.querySelectorAll('#classes li').length");
      page.await("document.querySelectorAll('#blocks canvas').length");

      if (other == null) {
        assertThat(page.evaluate("document.querySelectorAll('#blocks canvas').length"))
            .isEqualTo("2");
        assertThat(page.evaluate("document.querySelector('#classes .label').textContent"))
            .isEqualTo(served.classifier().classify(PICTURE, 1).get(0).label());
      }
      assertThat(page.evaluate("document.querySelector('#status').textContent"))
          .startsWith("sneaker-300x400.jpg, ");
      // The picture shows through, and its patches are of different colors or of one.
      assertThat(
              page.evaluate(
                  "(() => { const c = document.querySelector('#blocks canvas');"
                      + " return c.getContext('2d').getImageData(c.width / 4, c.height / 4, 1,"
                      + " 1).data[3]; })()"))
          .isEqualTo("255");
      String screenshot = System.getProperty("mlit.page.screenshot");
      if (screenshot != null) {
        Files.write(Path.of(screenshot), page.screenshot());
      }
      assertThat(page.console()).isEmpty();
    }
  }

  @Tag("slow")
  @Test
  void aFileThatIsChosenIsAnsweredAndOneThatIsNoPictureIsSaidToBe() throws Exception {
    Browser browser = Browser.find();
    Path text = Files.writeString(directory.resolve("text.png"), "no picture");
    try (Served served = Served.start(directory, options -> {});
        BrowserPage page = browser.visit(served.server().uri(), directory)) {

      page.choose("#file", PICTURE);
      page.await("document.querySelectorAll('#classes li').length === 3");
      page.choose("#file", text);
      page.await("document.querySelector('#status').classList.contains('bad')");

      assertThat(page.evaluate("document.querySelector('#status').textContent"))
          .contains("not an image that can be read");
      assertThat(page.evaluate("document.querySelectorAll('#classes li').length")).isEqualTo("0");
    }
  }
}
