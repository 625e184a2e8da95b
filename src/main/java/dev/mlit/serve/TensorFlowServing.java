package dev.mlit.serve;

import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import java.io.IOException;
import java.nio.FloatBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.stream.LongStream;
import org.jspecify.annotations.Nullable;

/**
 * The REST interface of TensorFlow Serving: the state of the model, and predictions by rows ({@code
 * instances}) and columns ({@code inputs}).
 */
final class TensorFlowServing {
  private static final Map<String, List<Output>> SIGNATURES =
      Map.of(
          "serving_default",
          List.of(Output.LOGITS, Output.PROBABILITIES),
          "features",
          List.of(Output.FEATURES));

  private final ServedModel model;

  TensorFlowServing(ServedModel model) {
    this.model = model;
  }

  Answer status(Call call) {
    return Answer.json(
        Json.bytes(
            json -> {
              json.writeStartObject();
              json.writeArrayFieldStart("model_version_status");
              json.writeStartObject();
              json.writeStringField("version", OpenInference.VERSION);
              json.writeStringField("state", "AVAILABLE");
              json.writeObjectFieldStart("status");
              json.writeStringField("error_code", "OK");
              json.writeStringField("error_message", "");
              json.writeEndObject();
              json.writeEndObject();
              json.writeEndArray();
              json.writeEndObject();
            }));
  }

  Answer predict(Call call) {
    Asked asked = Json.object(call.body(), call.body().length, json -> new Asked().all(json));
    String signature = asked.signature;
    List<Output> outputs = SIGNATURES.get(signature);
    if (outputs == null) {
      throw RequestException.bad(
          "signature_name: " + signature + " must be serving_default or features");
    }
    String place = asked.byRows ? "instances" : "inputs";
    if (asked.values == null || asked.shape == null) {
      throw RequestException.bad("the body must have instances or inputs");
    }
    ImageTensor images = ImageTensor.of(place, asked.values, asked.shape, model.spec().image());
    Map<Output, float[]> values = model.run(images, outputs);
    return Answer.json(
        Json.bytes(
            json -> {
              json.writeStartObject();
              json.writeFieldName(asked.byRows ? "predictions" : "outputs");
              if (asked.byRows) {
                rows(json, values, images.count());
              } else {
                columns(json, values, images.count());
              }
              json.writeEndObject();
            }));
  }

  /** A single output comes without its name, as TensorFlow Serving has it. */
  private static void rows(JsonGenerator json, Map<Output, float[]> values, int count)
      throws IOException {
    if (values.size() == 1) {
      Json.rows(json, values.values().iterator().next(), count);
      return;
    }
    json.writeStartArray();
    for (int row = 0; row < count; row++) {
      json.writeStartObject();
      for (Map.Entry<Output, float[]> output : values.entrySet()) {
        json.writeFieldName(output.getKey().title());
        Json.row(json, output.getValue(), row, count);
      }
      json.writeEndObject();
    }
    json.writeEndArray();
  }

  private static void columns(JsonGenerator json, Map<Output, float[]> values, int count)
      throws IOException {
    if (values.size() == 1) {
      Json.rows(json, values.values().iterator().next(), count);
      return;
    }
    json.writeStartObject();
    for (Map.Entry<Output, float[]> output : values.entrySet()) {
      json.writeFieldName(output.getKey().title());
      Json.rows(json, output.getValue(), count);
    }
    json.writeEndObject();
  }

  /** What was read so far: the fields of JSON come in any order. */
  private static final class Asked {
    private String signature = "serving_default";
    private boolean byRows;
    private float @Nullable [] values;
    private long @Nullable [] shape;

    Asked all(JsonParser json) throws IOException {
      Json.fields(
          "the body",
          json,
          (field, value) -> {
            switch (field) {
              case "signature_name" -> signature = Json.text("signature_name", value);
              case "instances" -> {
                requireFirst();
                byRows = true;
                instances(value);
              }
              case "inputs" -> {
                requireFirst();
                inputs(value);
              }
              default -> value.skipChildren();
            }
          });
      return this;
    }

    private void requireFirst() {
      if (values != null) {
        throw RequestException.bad("the body has both instances and inputs");
      }
    }

    private void instances(JsonParser json) throws IOException {
      if (json.currentToken() != JsonToken.START_ARRAY) {
        throw RequestException.bad("instances must be an array");
      }
      if (json.nextToken() != JsonToken.START_OBJECT) {
        take(NumberArray.rest("instances", json));
        return;
      }
      List<NumberArray> images = new ArrayList<>();
      for (JsonToken token = json.currentToken();
          token != JsonToken.END_ARRAY;
          token = json.nextToken()) {
        NumberArray image = named("instances[" + images.size() + "]", json);
        if (!images.isEmpty() && !Arrays.equals(image.shape(), images.get(0).shape())) {
          throw RequestException.bad("instances must be of one shape");
        }
        images.add(image);
      }
      NumberArray first = images.get(0);
      FloatBuffer all = FloatBuffer.allocate(images.size() * first.values().length);
      images.forEach(image -> all.put(image.values()));
      values = all.array();
      shape =
          LongStream.concat(
                  LongStream.of(images.size()), Arrays.stream(first.shape()).asLongStream())
              .toArray();
    }

    private void inputs(JsonParser json) throws IOException {
      take(
          json.currentToken() == JsonToken.START_OBJECT
              ? named("inputs", json)
              : NumberArray.read("inputs", json));
    }

    private void take(NumberArray array) {
      values = array.values();
      shape = Arrays.stream(array.shape()).asLongStream().toArray();
    }

    /** The array of an object {@code {"images": [...]}}. */
    private static NumberArray named(String place, JsonParser json) throws IOException {
      NumberArray[] found = new NumberArray[1];
      Json.fields(
          place,
          json,
          (field, value) -> {
            if (!field.equals(InferRequest.INPUT)) {
              throw RequestException.bad(
                  place + ": " + field + " must be " + InferRequest.INPUT + ", the model's input");
            }
            found[0] = NumberArray.read(place + "." + field, value);
          });
      if (found[0] == null) {
        throw RequestException.bad(place + " must have " + InferRequest.INPUT);
      }
      return found[0];
    }
  }
}
