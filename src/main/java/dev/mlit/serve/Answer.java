package dev.mlit.serve;

import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * What a request is answered with.
 *
 * @param status of HTTP
 * @param type of the body
 * @param headers besides the body's type and length
 */
record Answer(int status, String type, byte[] body, Map<String, String> headers) {
  static final int OK = 200;
  static final String JSON = "application/json";

  static Answer json(byte[] body) {
    return new Answer(OK, JSON, body, Map.of());
  }

  static Answer text(String type, String body) {
    return new Answer(OK, type, body.getBytes(StandardCharsets.UTF_8), Map.of());
  }

  /** The one form that errors have in all protocols here: {@code {"error": "..."}}. */
  static Answer error(int status, String message) {
    return new Answer(
        status,
        JSON,
        Json.bytes(
            json -> {
              json.writeStartObject();
              json.writeStringField("error", message);
              json.writeEndObject();
            }),
        Map.of());
  }

  Answer withHeader(String name, String value) {
    Map<String, String> more = new LinkedHashMap<>(headers);
    more.put(name, value);
    return new Answer(status, type, body, more);
  }
}
