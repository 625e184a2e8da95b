package dev.mlit.serve;

import com.fasterxml.jackson.core.JsonGenerator;
import dev.mlit.spec.ImageShape;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.List;
import java.util.Map;

/**
 * The Open Inference Protocol, version 2, over HTTP, with Triton's extension for tensors as bytes.
 */
final class OpenInference {
  static final String VERSION = "1";

  private static final String BINARY = "application/octet-stream";

  private final ServedModel model;
  private final String server;

  /**
   * The protocol for a model.
   *
   * @param server the version of this server
   */
  OpenInference(ServedModel model, String server) {
    this.model = model;
    this.server = server;
  }

  Answer server(Call call) {
    return Answer.json(
        Json.bytes(
            json -> {
              json.writeStartObject();
              json.writeStringField("name", "mlit");
              json.writeStringField("version", server);
              json.writeArrayFieldStart("extensions");
              json.writeString("binary_tensor_data");
              json.writeEndArray();
              json.writeEndObject();
            }));
  }

  /** The server is in a state; while it is not, no request comes this far. */
  static Answer state(String name) {
    return Answer.json(
        Json.bytes(
            json -> {
              json.writeStartObject();
              json.writeBooleanField(name, true);
              json.writeEndObject();
            }));
  }

  Answer ready(Call call) {
    return Answer.json(
        Json.bytes(
            json -> {
              json.writeStartObject();
              json.writeStringField("name", model.name());
              json.writeBooleanField("ready", true);
              json.writeEndObject();
            }));
  }

  Answer metadata(Call call) {
    ImageShape image = model.spec().image();
    return Answer.json(
        Json.bytes(
            json -> {
              json.writeStartObject();
              json.writeStringField("name", model.name());
              json.writeArrayFieldStart("versions");
              json.writeString(VERSION);
              json.writeEndArray();
              json.writeStringField("platform", "mlit_tensorflow");
              json.writeArrayFieldStart("inputs");
              tensor(
                  json,
                  InferRequest.INPUT,
                  List.of(-1, image.height(), image.width(), image.channels()));
              json.writeEndObject();
              json.writeEndArray();
              json.writeArrayFieldStart("outputs");
              for (Output output : Output.values()) {
                tensor(json, output.title(), List.of(-1, output.width(model.spec())));
                json.writeEndObject();
              }
              json.writeEndArray();
              json.writeEndObject();
            }));
  }

  /** Begins the object of a tensor. */
  private static void tensor(JsonGenerator json, String name, List<Integer> shape)
      throws IOException {
    json.writeStartObject();
    json.writeStringField("name", name);
    json.writeStringField("datatype", InferRequest.DATATYPE);
    json.writeArrayFieldStart("shape");
    for (int size : shape) {
      json.writeNumber(size);
    }
    json.writeEndArray();
  }

  Answer infer(Call call) {
    InferRequest request = InferRequest.read(call, model.spec().image());
    Map<Output, float[]> values = model.run(request.images(), request.outputs().keySet());
    int binary =
        request.outputs().entrySet().stream()
            .filter(Map.Entry::getValue)
            .mapToInt(entry -> Float.BYTES * of(values, entry.getKey()).length)
            .sum();
    byte[] json = Json.bytes(generator -> write(generator, request, values));
    if (binary == 0) {
      return Answer.json(json);
    }
    ByteBuffer body = ByteBuffer.allocate(json.length + binary).order(ByteOrder.LITTLE_ENDIAN);
    body.put(json);
    request
        .outputs()
        .forEach(
            (output, asBytes) -> {
              if (asBytes) {
                for (float value : of(values, output)) {
                  body.putFloat(value);
                }
              }
            });
    return new Answer(
        Answer.OK,
        BINARY,
        body.array(),
        Map.of(InferRequest.JSON_LENGTH, String.valueOf(json.length)));
  }

  private void write(JsonGenerator json, InferRequest request, Map<Output, float[]> values)
      throws IOException {
    json.writeStartObject();
    json.writeStringField("model_name", model.name());
    json.writeStringField("model_version", VERSION);
    if (request.id().isPresent()) {
      json.writeStringField("id", request.id().get());
    }
    json.writeArrayFieldStart("outputs");
    for (Map.Entry<Output, Boolean> asked : request.outputs().entrySet()) {
      float[] numbers = of(values, asked.getKey());
      int count = request.images().count();
      tensor(json, asked.getKey().title(), List.of(count, numbers.length / count));
      if (asked.getValue()) {
        json.writeObjectFieldStart("parameters");
        json.writeNumberField("binary_data_size", Float.BYTES * numbers.length);
        json.writeEndObject();
      } else {
        json.writeFieldName("data");
        Json.row(json, numbers, 0, 1);
      }
      json.writeEndObject();
    }
    json.writeEndArray();
    json.writeEndObject();
  }

  private static float[] of(Map<Output, float[]> values, Output output) {
    float[] found = values.get(output);
    if (found == null) {
      throw new IllegalStateException(output + " was not computed");
    }
    return found;
  }
}
