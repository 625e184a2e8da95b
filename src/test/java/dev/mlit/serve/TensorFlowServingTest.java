package dev.mlit.serve;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** If this fails, a client that was written for TensorFlow Serving cannot change over. */
class TensorFlowServingTest {
  private static final float ROUNDING = 1e-5f;
  private static final String PREDICT = "/v1/models/tiny:predict";

  @TempDir private static Path directory;
  private static Served served;
  private static float[] images = Served.images(2);
  private static float[] logits;

  @BeforeAll
  static void start() {
    served = Served.start(directory, options -> {});
    logits = served.classifier().logits(images, 2);
  }

  @AfterAll
  static void stop() {
    served.close();
  }

  private static void assertSecondRow(JsonNode row) {
    assertThat(Served.floats(row))
        .usingComparatorWithPrecision(ROUNDING)
        .containsExactly(logits[3], logits[4], logits[5]);
  }

  @Test
  void rowsAreAnsweredByRows() throws Exception {
    JsonNode answer =
        Served.json(served.post(PREDICT, "{\"instances\":" + Served.nested(images) + "}"));
    assertThat(answer.get("predictions")).hasSize(2);
    assertSecondRow(answer.get("predictions").get(1).get("logits"));
    assertThat(answer.get("predictions").get(1).get("probabilities")).hasSize(3);
  }

  @Test
  void rowsMayNameTheInput() throws Exception {
    String nested = Served.nested(images);
    String[] rows = nested.substring(4, nested.length() - 4).split("]]],\\[\\[\\[", -1);
    String body =
        String.format(
            java.util.Locale.ROOT,
            "{\"signature_name\":\"serving_default\",\"instances\":[{\"images\":[[[%s]]]},{\"images\":[[[%s]]]}]}",
            rows[0],
            rows[1]);
    assertSecondRow(
        Served.json(served.post(PREDICT, body)).get("predictions").get(1).get("logits"));
  }

  @Test
  void columnsAreAnsweredByColumns() throws Exception {
    String nested = Served.nested(images);
    for (String inputs : new String[] {nested, "{\"images\":" + nested + "}"}) {
      JsonNode answer = Served.json(served.post(PREDICT, "{\"inputs\":" + inputs + "}"));
      assertSecondRow(answer.get("outputs").get("logits").get(1));
    }
  }

  @Test
  void theSignatureOfFeaturesHasOneOutputWhichComesWithoutItsName() throws Exception {
    String body = "{\"signature_name\":\"features\",\"instances\":" + Served.nested(images) + "}";
    JsonNode predictions = Served.json(served.post(PREDICT, body)).get("predictions");
    assertThat(predictions.get(0)).hasSize(12);
  }

  @Test
  void saysThatTheModelIsAvailable() throws Exception {
    JsonNode state = Served.json(served.get("/v1/models/tiny")).get("model_version_status").get(0);
    assertThat(state.get("state").asText()).isEqualTo("AVAILABLE");
    assertThat(served.get("/v1/models/tiny/versions/1").statusCode()).isEqualTo(200);
  }

  private static String refused(String body) throws Exception {
    HttpResponse<byte[]> response = served.post(PREDICT, body);
    assertThat(response.statusCode()).isEqualTo(400);
    return Served.error(response);
  }

  @Test
  void whatIsWrongWithARequestIsSaid() throws Exception {
    assertThat(refused("{}")).isEqualTo("the body must have instances or inputs");
    assertThat(refused("{\"instances\":[]}")).contains("of shape [0] must be [count, 8, 8, 1]");
    assertThat(refused("{\"instances\":[[1,2],[3]]}"))
        .isEqualTo("instances must have rows of one length");
    assertThat(refused("{\"instances\":[[1],2]}"))
        .isEqualTo("instances must have rows of one length");
    assertThat(refused("{\"instances\":[[],1]}"))
        .isEqualTo("instances must have rows of one length");
    assertThat(refused("{\"instances\":[1,[2]]}"))
        .isEqualTo("instances must have rows of one length");
    assertThat(refused("{\"instances\":[{\"b64\":\"AAAA\"}]}"))
        .isEqualTo("instances[0]: b64 must be images, the model's input");
    assertThat(refused("{\"instances\":[\"a\"]}"))
        .isEqualTo("instances must have nothing but numbers");
    assertThat(refused("{\"instances\":[1],\"inputs\":[1]}"))
        .isEqualTo("the body has both instances and inputs");
    assertThat(refused("{\"signature_name\":\"x\",\"instances\":[1]}"))
        .isEqualTo("signature_name: x must be serving_default or features");
    assertThat(refused("{\"instances\":" + "[".repeat(10) + "}"))
        .isEqualTo("instances has more than 8 dimensions");
    assertThat(refused("{\"instances\":" + Served.nested(images).replaceFirst("0\\.", "3.") + "}"))
        .startsWith("instances: value 0 is 3.");
  }
}
