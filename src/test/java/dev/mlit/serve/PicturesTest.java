package dev.mlit.serve;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import dev.mlit.data.image.ImageFile;
import dev.mlit.model.Inspector;
import dev.mlit.savedmodel.Prediction;
import dev.mlit.savedmodel.RandomModel;
import dev.mlit.weights.WeightFiles;
import java.io.ByteArrayInputStream;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * If this fails, curl with a picture gets other classes than Java, or the page shows other experts.
 */
class PicturesTest {
  private static final Path PICTURE = Path.of("examples/images/sneaker-300x400.jpg");

  @TempDir private static Path directory;
  private static Served served;

  @BeforeAll
  static void start() {
    served = Served.start(directory, options -> options.maxPixels(200_000));
  }

  @AfterAll
  static void stop() {
    served.close();
  }

  @Test
  void aPictureGetsTheClassesThatItGetsInJava() throws Exception {
    byte[] file = Files.readAllBytes(PICTURE);
    List<Prediction> expected = served.classifier().classify(new ByteArrayInputStream(file));

    JsonNode best = Served.json(served.post("/classify?top=2", file)).get("predictions");

    assertThat(best).hasSize(2);
    for (int i = 0; i < 2; i++) {
      assertThat(best.get(i).get("label").asText()).isEqualTo(expected.get(i).label());
      assertThat(best.get(i).get("index").asInt()).isEqualTo(expected.get(i).index());
      assertThat(best.get(i).get("probability").asDouble())
          .isCloseTo(expected.get(i).probability(), within(1e-5));
    }
  }

  @Test
  void everyPatchHasTheExpertThatTheModelSendsItTo() throws Exception {
    byte[] file = Files.readAllBytes(PICTURE);
    byte[] pixels = ImageFile.read(PICTURE, RandomModel.SPEC.image());

    JsonNode answer = Served.json(served.post("/inspect", file));

    assertThat(answer.get("rows").asInt()).isEqualTo(2);
    assertThat(answer.get("columns").asInt()).isEqualTo(2);
    assertThat(answer.get("blocks")).hasSize(2);
    try (Inspector inspector =
        new Inspector(RandomModel.SPEC, WeightFiles.read(directory.resolve("model")))) {
      List<int[]> experts = inspector.look(pixels, 1).experts();
      for (int block = 0; block < 2; block++) {
        JsonNode patches = answer.get("blocks").get(block).get("patches");
        assertThat(patches).hasSize(4);
        for (int patch = 0; patch < 4; patch++) {
          assertThat(patches.get(patch).asInt()).isEqualTo(experts.get(block)[1 + patch]);
        }
      }
    }
    assertThat(answer.get("blocks").get(1).get("experts").asInt()).isEqualTo(3);
  }

  @Test
  void whatIsNoPictureIsRefusedInOneLine() throws Exception {
    for (String body : new String[] {"", "no picture"}) {
      HttpResponse<byte[]> response = served.post("/classify", body);
      assertThat(response.statusCode()).isEqualTo(400);
      assertThat(Served.error(response)).startsWith("image: ").doesNotContain("\n");
    }
    HttpResponse<byte[]> large =
        served.post("/classify", Files.readAllBytes(Path.of("examples/images/bag-640x640.jpg")));
    assertThat(large.statusCode()).isEqualTo(400);
    assertThat(Served.error(large)).contains("640x640 pixels, must be at most 200000");
  }

  @Test
  void aWrongNumberOfClassesIsRefused() throws Exception {
    HttpResponse<byte[]> response = served.post("/classify?top=0", Files.readAllBytes(PICTURE));
    assertThat(response.statusCode()).isEqualTo(400);
    assertThat(Served.error(response)).isEqualTo("top: 0 must be a whole number of at least 1");
  }
}
