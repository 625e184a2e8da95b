package dev.mlit.serve;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.net.http.HttpResponse;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Locale;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** If this fails, a client of the Open Inference Protocol cannot use the service any more. */
class OpenInferenceTest {
  private static final float ROUNDING = 1e-5f;
  private static final String INFER = "/v2/models/tiny/infer";

  @TempDir private static Path directory;
  private static Served served;

  @BeforeAll
  static void start() {
    served = Served.start(directory, options -> {});
  }

  @AfterAll
  static void stop() {
    served.close();
  }

  private static JsonNode output(JsonNode answer, String name) {
    for (JsonNode output : answer.get("outputs")) {
      if (output.get("name").asText().equals(name)) {
        return output;
      }
    }
    throw new AssertionError(name + " is not in " + answer);
  }

  private static void assertClose(float[] answer, float[] expected) {
    assertThat(answer).usingComparatorWithPrecision(ROUNDING).containsExactly(expected);
  }

  @Test
  void logitsProbabilitiesAndFeaturesAreThoseOfJava() throws Exception {
    float[] images = Served.images(3);

    HttpResponse<byte[]> response = served.post(INFER, Served.infer(images, ",\"id\":\"seven\""));

    assertThat(response.statusCode()).isEqualTo(200);
    JsonNode answer = Served.json(response);
    assertThat(answer.get("id").asText()).isEqualTo("seven");
    assertThat(answer.get("model_name").asText()).isEqualTo("tiny");
    assertClose(
        Served.floats(output(answer, "logits").get("data")), served.classifier().logits(images, 3));
    assertClose(
        Served.floats(output(answer, "probabilities").get("data")),
        served.classifier().probabilities(images, 3));
    assertClose(
        Served.floats(output(answer, "features").get("data")),
        served.classifier().features(images, 3));
    assertThat(output(answer, "features").get("shape").toString()).isEqualTo("[3,12]");
  }

  @Test
  void moreImagesThanABatchAreAnsweredInTheirOrder() throws Exception {
    float[] images = Served.images(37);

    JsonNode answer =
        Served.json(
            served.post(INFER, Served.infer(images, ",\"outputs\":[{\"name\":\"logits\"}]")));

    assertThat(answer.get("outputs")).hasSize(1);
    assertClose(
        Served.floats(output(answer, "logits").get("data")),
        served.classifier().logits(images, 37));
  }

  /** What tritonclient sends unless it is told otherwise. */
  @Test
  void tensorsAsBytesComeBackAsBytes() throws Exception {
    float[] images = Served.images(2);
    byte[] json =
        """
        {"parameters":{"binary_data_output":true},"inputs":[{"name":"images","shape":[2,8,8,1],
        "datatype":"FP32","parameters":{"binary_data_size":512}}],
        "outputs":[{"name":"logits","parameters":{"binary_data":true}},{"name":"features","parameters":{"binary_data":false}}]}
        """
            .getBytes(StandardCharsets.UTF_8);
    ByteBuffer body =
        ByteBuffer.allocate(json.length + 512).order(ByteOrder.LITTLE_ENDIAN).put(json);
    for (float value : images) {
      body.putFloat(value);
    }

    HttpResponse<byte[]> response =
        served.post(INFER, body.array(), InferRequest.JSON_LENGTH, "" + json.length);

    assertThat(response.statusCode())
        .as(new String(response.body(), StandardCharsets.ISO_8859_1))
        .isEqualTo(200);
    int length =
        Integer.parseInt(response.headers().firstValue(InferRequest.JSON_LENGTH).orElseThrow());
    JsonNode answer = Served.JSON.readTree(Arrays.copyOf(response.body(), length));
    assertThat(output(answer, "logits").get("parameters").get("binary_data_size").asInt())
        .isEqualTo(2 * Served.CLASSES * Float.BYTES);
    float[] logits = new float[2 * Served.CLASSES];
    ByteBuffer.wrap(response.body(), length, response.body().length - length)
        .order(ByteOrder.LITTLE_ENDIAN)
        .asFloatBuffer()
        .get(logits);
    assertClose(logits, served.classifier().logits(images, 2));
    assertClose(
        Served.floats(output(answer, "features").get("data")),
        served.classifier().features(images, 2));
  }

  @Test
  void describesItselfSoThatAClientFindsShapesAndNames() throws Exception {
    JsonNode model = Served.json(served.get("/v2/models/tiny"));
    assertThat(model.get("inputs").toString())
        .isEqualTo("[{\"name\":\"images\",\"datatype\":\"FP32\",\"shape\":[-1,8,8,1]}]");
    assertThat(model.get("outputs").toString())
        .isEqualTo(
            "[{\"name\":\"logits\",\"datatype\":\"FP32\",\"shape\":[-1,3]},"
                + "{\"name\":\"probabilities\",\"datatype\":\"FP32\",\"shape\":[-1,3]},"
                + "{\"name\":\"features\",\"datatype\":\"FP32\",\"shape\":[-1,12]}]");
    assertThat(Served.json(served.get("/v2")).get("extensions").toString())
        .isEqualTo("[\"binary_tensor_data\"]");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "/v2/health/live",
        "/v2/health/ready",
        "/v2/models/tiny/ready",
        "/v2/models/tiny/versions/1/ready"
      })
  void saysThatItIsReady(String path) throws Exception {
    assertThat(served.get(path).statusCode()).isEqualTo(200);
  }

  private static String refused(String body) throws IOException, InterruptedException {
    HttpResponse<byte[]> response = served.post(INFER, body);
    assertThat(response.statusCode()).isEqualTo(400);
    String message = Served.error(response);
    assertThat(message).doesNotContain("\n");
    return message;
  }

  @ParameterizedTest
  @CsvSource({"NaN, NaN", "-0.1, -0.1", "255, 255.0", "1e999, Infinity", "Infinity, Infinity"})
  void valuesThatAreNoPixelsAreRefusedInOneLine(String value, String shown) throws Exception {
    String body =
        Served.infer(Served.images(1), "").replaceFirst("\\[0\\.[0-9]+,", "[" + value + ",");
    assertThat(refused(body))
        .isEqualTo(
            "inputs[0]: value 0 is " + shown + ", must be in [0, 1]; bytes are divided by 255");
  }

  @Test
  void whatIsWrongWithARequestIsSaid() throws Exception {
    String good = Served.infer(Served.images(1), "");
    assertThat(refused("")).isEqualTo("the body must be a JSON object");
    assertThat(refused("[]")).isEqualTo("the body must be a JSON object");
    assertThat(refused("{")).startsWith("the body is no JSON: ");
    assertThat(refused(good + "{}")).isEqualTo("the body goes on after its JSON object");
    assertThat(refused("{}")).isEqualTo("inputs[0].name: null must be images");
    assertThat(refused(good.replace("\"images\"", "\"image\"")))
        .isEqualTo("inputs[0].name: image must be images");
    assertThat(refused(good.replace("FP32", "UINT8")))
        .isEqualTo("inputs[0].datatype: UINT8 must be FP32");
    assertThat(refused(good.replace("[1,8,8,1]", "[1,8,8,3]")))
        .isEqualTo(
            "inputs[0] of shape [1, 8, 8, 3] must be [count, 8, 8, 1] with a count of at least 1");
    assertThat(refused(good.replace("[1,8,8,1]", "[2,8,8,1]")))
        .isEqualTo("inputs[0] has 64 values, not those of its shape [2, 8, 8, 1]");
    assertThat(refused(good.replace("[1,8,8,1]", "[4611686018427387905,8,8,1]")))
        .contains("not those of its shape");
    assertThat(refused(Served.infer(Served.images(1), ",\"outputs\":[{\"name\":\"loss\"}]")))
        .isEqualTo("outputs[0].name: loss must be logits, probabilities or features");
  }

  @ParameterizedTest
  @ValueSource(strings = {"-1", "x", "1000000", "99999999999"})
  void aWrongLengthOfTheJsonIsRefused(String length) throws Exception {
    byte[] body = Served.infer(Served.images(1), "").getBytes(StandardCharsets.UTF_8);
    HttpResponse<byte[]> response = served.post(INFER, body, InferRequest.JSON_LENGTH, length);
    assertThat(response.statusCode()).isEqualTo(400);
    assertThat(Served.error(response)).startsWith(InferRequest.JSON_LENGTH + ": " + length);
  }

  @Test
  void batchesOfManyClientsGiveEachItsOwnAnswer() throws Exception {
    var requests =
        java.util.stream.IntStream.rangeClosed(1, 24)
            .parallel()
            .mapToObj(
                i -> {
                  float[] images = Served.images(i);
                  try {
                    JsonNode answer = Served.json(served.post(INFER, Served.infer(images, "")));
                    return Math.abs(
                        Served.floats(output(answer, "logits").get("data"))[3 * i - 1]
                            - served.classifier().logits(images, i)[3 * i - 1]);
                  } catch (IOException | InterruptedException e) {
                    throw new IllegalStateException(String.format(Locale.ROOT, "%d", i), e);
                  }
                })
            .toList();
    assertThat(requests).allSatisfy(d -> assertThat(d).isCloseTo(0, within(ROUNDING)));
  }
}
