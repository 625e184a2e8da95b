package dev.mlit.serve;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonFactoryBuilder;
import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.core.StreamReadConstraints;
import com.fasterxml.jackson.core.StreamReadFeature;
import com.fasterxml.jackson.core.json.JsonReadFeature;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;

/**
 * JSON of requests and answers, read and written as a stream: a tree of a body of 8 MiB would take
 * forty times as much memory.
 */
final class Json {
  private static final int DEEPEST = 16;
  private static final int LONGEST_NUMBER = 100;
  private static final int LONGEST_TEXT = 100_000;
  private static final int LONGEST_NAME = 1000;

  private static final JsonFactory FACTORY =
      new JsonFactoryBuilder()
          .streamReadConstraints(
              StreamReadConstraints.builder()
                  .maxNestingDepth(DEEPEST)
                  .maxNumberLength(LONGEST_NUMBER)
                  .maxStringLength(LONGEST_TEXT)
                  .maxNameLength(LONGEST_NAME)
                  .build())
          // Every name would be kept for good.
          .disable(JsonFactory.Feature.CANONICALIZE_FIELD_NAMES)
          .disable(JsonFactory.Feature.INTERN_FIELD_NAMES)
          .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
          // Python writes NaN and Infinity; what is wrong with them is said better below.
          .enable(JsonReadFeature.ALLOW_NON_NUMERIC_NUMBERS)
          .build();

  private Json() {}

  /** Writes JSON. */
  @FunctionalInterface
  interface Writer {
    /** Writes one value. */
    void write(JsonGenerator json) throws IOException;
  }

  /** Reads JSON. */
  @FunctionalInterface
  interface Reader<T> {
    /** Reads one value, whose first token is the parser's. */
    T read(JsonParser json) throws IOException;
  }

  /** Reads the value of a field, whose first token is the parser's. */
  @FunctionalInterface
  interface Field {
    /** Reads the value. */
    void read(String name, JsonParser json) throws IOException;
  }

  static byte[] bytes(Writer writer) {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try (JsonGenerator json = FACTORY.createGenerator(bytes)) {
      writer.write(json);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return bytes.toByteArray();
  }

  /**
   * Reads one object and nothing after it.
   *
   * @throws RequestException if it is no JSON, or no object
   */
  static <T> T object(byte[] bytes, int length, Reader<T> reader) {
    try (JsonParser json = FACTORY.createParser(bytes, 0, length)) {
      if (json.nextToken() != JsonToken.START_OBJECT) {
        throw RequestException.bad("the body must be a JSON object");
      }
      T read = reader.read(json);
      if (json.nextToken() != null) {
        throw RequestException.bad("the body goes on after its JSON object");
      }
      return read;
    } catch (JsonProcessingException e) {
      throw RequestException.bad("the body is no JSON: " + e.getOriginalMessage());
    } catch (IOException e) {
      throw RequestException.bad("the body is no JSON: " + e.getMessage());
    }
  }

  /** Reads the fields of an object. */
  static void fields(String place, JsonParser json, Field field) throws IOException {
    if (json.currentToken() != JsonToken.START_OBJECT) {
      throw RequestException.bad(place + " must be an object");
    }
    while (json.nextToken() != JsonToken.END_OBJECT) {
      String name = json.currentName();
      json.nextToken();
      field.read(name, json);
    }
  }

  static String text(String place, JsonParser json) throws IOException {
    if (json.currentToken() != JsonToken.VALUE_STRING) {
      throw RequestException.bad(place + " must be a text");
    }
    return json.getText();
  }

  static boolean flag(String place, JsonParser json) throws IOException {
    JsonToken token = json.currentToken();
    if (token != JsonToken.VALUE_TRUE && token != JsonToken.VALUE_FALSE) {
      throw RequestException.bad(place + " must be true or false");
    }
    return token == JsonToken.VALUE_TRUE;
  }

  static long wholeNumber(String place, JsonParser json) throws IOException {
    if (json.currentToken() != JsonToken.VALUE_NUMBER_INT
        || json.getNumberType() == JsonParser.NumberType.BIG_INTEGER) {
      throw RequestException.bad(place + " must be a whole number");
    }
    return json.getLongValue();
  }

  /** Writes rows of numbers as an array of arrays. */
  static void rows(JsonGenerator json, float[] values, int rows) throws IOException {
    json.writeStartArray();
    for (int row = 0; row < rows; row++) {
      row(json, values, row, rows);
    }
    json.writeEndArray();
  }

  /** Writes one of several rows of numbers as an array. */
  static void row(JsonGenerator json, float[] values, int row, int rows) throws IOException {
    int width = values.length / rows;
    json.writeStartArray();
    for (int i = row * width; i < (row + 1) * width; i++) {
      json.writeNumber(values[i]);
    }
    json.writeEndArray();
  }
}
