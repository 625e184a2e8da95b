package dev.mlit.serve;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import dev.mlit.spec.ImageShape;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.FloatBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * A request for inference of the Open Inference Protocol, version 2, in JSON or with the tensor as
 * bytes behind its JSON.
 *
 * @param id that the answer repeats
 * @param outputs that are asked for, and whether each as bytes
 */
record InferRequest(Optional<String> id, ImageTensor images, Map<Output, Boolean> outputs) {
  /** The bytes of JSON before those of tensors. */
  static final String JSON_LENGTH = "Inference-Header-Content-Length";

  static final String INPUT = "images";
  static final String DATATYPE = "FP32";

  /**
   * Reads a request.
   *
   * @throws RequestException if it is malformed, or not one for this model
   */
  static InferRequest read(Call call, ImageShape image) {
    int length = jsonLength(call);
    Reading reading = Json.object(call.body(), length, json -> new Reading().all(json));
    return reading.request(
        ByteBuffer.wrap(call.body(), length, call.body().length - length), image);
  }

  private static int jsonLength(Call call) {
    Optional<String> header = call.headers().apply(JSON_LENGTH);
    if (header.isEmpty()) {
      return call.body().length;
    }
    try {
      int length = Integer.parseInt(header.get());
      if (length >= 0 && length <= call.body().length) {
        return length;
      }
    } catch (NumberFormatException e) {
      // Said below.
    }
    throw RequestException.bad(
        JSON_LENGTH
            + ": "
            + header.get()
            + " must be a number of bytes, at most the "
            + call.body().length
            + " of the body");
  }

  /** What was read so far: the fields of JSON come in any order. */
  private static final class Reading {
    private @Nullable String id;
    private boolean binaryOutput;
    private int inputs;
    private @Nullable String name;
    private @Nullable String datatype;
    private long @Nullable [] shape;
    private @Nullable NumberArray data;
    private long binarySize = -1;
    private final List<Asked> asked = new ArrayList<>();

    private record Asked(Output output, @Nullable Boolean binary) {}

    Reading all(JsonParser json) throws IOException {
      Json.fields("the body", json, this::field);
      return this;
    }

    private void field(String field, JsonParser json) throws IOException {
      switch (field) {
        case "id" -> id = Json.text("id", json);
        case "parameters" ->
            Json.fields(
                "parameters",
                json,
                (n, p) -> {
                  if (n.equals("binary_data_output")) {
                    binaryOutput = Json.flag("parameters.binary_data_output", p);
                  } else {
                    p.skipChildren();
                  }
                });
        case "inputs" -> elements("inputs", json, this::input);
        case "outputs" -> elements("outputs", json, this::output);
        default -> json.skipChildren();
      }
    }

    private static void elements(String place, JsonParser json, Json.Field element)
        throws IOException {
      if (json.currentToken() != JsonToken.START_ARRAY) {
        throw RequestException.bad(place + " must be an array");
      }
      for (int i = 0; json.nextToken() != JsonToken.END_ARRAY; i++) {
        element.read(place + "[" + i + "]", json);
      }
    }

    private void input(String place, JsonParser json) throws IOException {
      if (++inputs > 1) {
        throw RequestException.bad("inputs: the model has one, " + INPUT);
      }
      Json.fields(
          place,
          json,
          (field, p) -> {
            switch (field) {
              case "name" -> name = Json.text(place + ".name", p);
              case "datatype" -> datatype = Json.text(place + ".datatype", p);
              case "shape" -> shape = shape(place + ".shape", p);
              case "data" -> data = NumberArray.read(place + ".data", p);
              case "parameters" ->
                  Json.fields(
                      place + ".parameters",
                      p,
                      (n, v) -> {
                        if (n.equals("binary_data_size")) {
                          binarySize = Json.wholeNumber(place + ".parameters.binary_data_size", v);
                        } else if (n.startsWith("shared_memory")) {
                          throw RequestException.bad(place + ": shared memory is not supported");
                        } else {
                          v.skipChildren();
                        }
                      });
              default -> p.skipChildren();
            }
          });
    }

    private static long[] shape(String place, JsonParser json) throws IOException {
      List<Long> sizes = new ArrayList<>();
      elements(
          place,
          json,
          (element, p) -> {
            if (sizes.size() == 8) {
              throw RequestException.bad(place + " has more than 8 dimensions");
            }
            sizes.add(Json.wholeNumber(element, p));
          });
      return sizes.stream().mapToLong(Long::longValue).toArray();
    }

    private void output(String place, JsonParser json) throws IOException {
      String[] wanted = new String[1];
      Boolean[] binary = new Boolean[1];
      Json.fields(
          place,
          json,
          (field, p) -> {
            switch (field) {
              case "name" -> wanted[0] = Json.text(place + ".name", p);
              case "parameters" ->
                  Json.fields(
                      place + ".parameters",
                      p,
                      (n, v) -> {
                        if (n.equals("binary_data")) {
                          binary[0] = Json.flag(place + ".parameters.binary_data", v);
                        } else if (n.equals("classification") || n.startsWith("shared_memory")) {
                          throw RequestException.bad(
                              place + ".parameters." + n + " is not supported");
                        } else {
                          v.skipChildren();
                        }
                      });
              default -> p.skipChildren();
            }
          });
      String output = String.valueOf(wanted[0]);
      asked.add(
          new Asked(
              Output.named(output)
                  .orElseThrow(
                      () ->
                          RequestException.bad(
                              place
                                  + ".name: "
                                  + output
                                  + " must be logits, probabilities or features")),
              binary[0]));
    }

    InferRequest request(ByteBuffer binary, ImageShape image) {
      if (!INPUT.equals(name)) {
        throw RequestException.bad("inputs[0].name: " + name + " must be " + INPUT);
      }
      if (!DATATYPE.equals(datatype)) {
        throw RequestException.bad("inputs[0].datatype: " + datatype + " must be " + DATATYPE);
      }
      if (shape == null) {
        throw RequestException.bad("inputs[0].shape is missing");
      }
      ImageTensor images = ImageTensor.of("inputs[0]", values(binary), shape, image);
      return new InferRequest(Optional.ofNullable(id), images, outputs());
    }

    private float[] values(ByteBuffer binary) {
      if (data != null && binarySize != -1) {
        throw RequestException.bad("inputs[0] has both data and binary_data_size");
      }
      if (binary.remaining() != Math.max(binarySize, 0)) {
        throw RequestException.bad(
            binary.remaining()
                + " bytes come after the JSON, must be those of binary_data_size, "
                + Math.max(binarySize, 0));
      }
      if (data != null) {
        return data.values();
      }
      if (binarySize == -1) {
        throw RequestException.bad("inputs[0] has neither data nor binary_data_size");
      }
      if (binary.remaining() % Float.BYTES != 0) {
        throw RequestException.bad(
            "inputs[0]: " + binary.remaining() + " bytes are not a whole number of " + DATATYPE);
      }
      FloatBuffer floats = binary.order(ByteOrder.LITTLE_ENDIAN).asFloatBuffer();
      float[] values = new float[floats.remaining()];
      floats.get(values);
      return values;
    }

    private Map<Output, Boolean> outputs() {
      Map<Output, Boolean> chosen = new LinkedHashMap<>();
      for (Asked each : asked) {
        chosen.put(each.output(), each.binary() == null ? binaryOutput : each.binary());
      }
      if (asked.isEmpty()) {
        Arrays.stream(Output.values()).forEach(output -> chosen.put(output, binaryOutput));
      }
      return chosen;
    }
  }
}
