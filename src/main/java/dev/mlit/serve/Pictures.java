package dev.mlit.serve;

import com.fasterxml.jackson.core.JsonGenerator;
import dev.mlit.savedmodel.Prediction;
import java.io.IOException;
import java.util.List;

/** Answers for an image file as the body: its classes, and which expert each patch went to. */
final class Pictures {
  private static final int USUAL_TOP = 5;

  private final ServedModel model;

  Pictures(ServedModel model) {
    this.model = model;
  }

  Answer classify(Call call) {
    int top = top(call);
    float[] probabilities = model.probabilities(model.pixels(call.body()));
    return Answer.json(
        Json.bytes(
            json -> {
              json.writeStartObject();
              json.writeStringField("model", model.name());
              predictions(json, probabilities, top);
              json.writeEndObject();
            }));
  }

  Answer inspect(Call call) {
    int top = top(call);
    byte[] pixels = model.pixels(call.body());
    float[] probabilities = model.probabilities(pixels);
    List<int[]> blocks = model.experts(pixels);
    int patch = model.spec().patch();
    return Answer.json(
        Json.bytes(
            json -> {
              json.writeStartObject();
              json.writeStringField("model", model.name());
              predictions(json, probabilities, top);
              json.writeNumberField("rows", model.spec().image().height() / patch);
              json.writeNumberField("columns", model.spec().image().width() / patch);
              json.writeArrayFieldStart("blocks");
              for (int block = 0; block < blocks.size(); block++) {
                json.writeStartObject();
                json.writeNumberField("experts", model.spec().experts().get(block));
                json.writeFieldName("patches");
                json.writeArray(blocks.get(block), 0, blocks.get(block).length);
                json.writeEndObject();
              }
              json.writeEndArray();
              json.writeEndObject();
            }));
  }

  private int top(Call call) {
    String text = call.query().get("top");
    if (text == null) {
      return USUAL_TOP;
    }
    try {
      int top = Integer.parseInt(text);
      if (top >= 1) {
        return top;
      }
    } catch (NumberFormatException e) {
      // Said below.
    }
    throw RequestException.bad("top: " + text + " must be a whole number of at least 1");
  }

  private void predictions(JsonGenerator json, float[] probabilities, int top) throws IOException {
    json.writeArrayFieldStart("predictions");
    for (Prediction prediction : Prediction.ranked(probabilities, model.labels(), top).get(0)) {
      json.writeStartObject();
      json.writeNumberField("index", prediction.index());
      json.writeStringField("label", prediction.label());
      json.writeNumberField("probability", (float) prediction.probability());
      json.writeEndObject();
    }
    json.writeEndArray();
  }
}
