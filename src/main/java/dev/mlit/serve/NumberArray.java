package dev.mlit.serve;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import java.io.IOException;
import java.util.Arrays;

/** An array of arrays of numbers in JSON: its numbers, row-major, and its shape. */
final class NumberArray {
  private static final int MOST_DIMENSIONS = 8;

  private final String place;
  private final int[] sizes = new int[MOST_DIMENSIONS];
  private float[] values = new float[256];
  private int count;

  /** Arrays around one another, and around a number; -1 where there was none yet. */
  private int deepest;

  private int depthOfNumbers = -1;

  private NumberArray(String place) {
    this.place = place;
    Arrays.fill(sizes, -1);
  }

  /**
   * Reads an array.
   *
   * @param place names it in messages
   * @param json at its first bracket
   * @throws RequestException if it is none, holds something else than numbers, or its rows are not
   *     of one length
   */
  static NumberArray read(String place, JsonParser json) throws IOException {
    if (json.currentToken() != JsonToken.START_ARRAY) {
      throw RequestException.bad(place + " must be an array of numbers");
    }
    json.nextToken();
    return rest(place, json);
  }

  /** As {@link #read}, behind the first bracket. */
  static NumberArray rest(String place, JsonParser json) throws IOException {
    NumberArray array = new NumberArray(place);
    array.elements(json, 1);
    return array;
  }

  float[] values() {
    return values.length == count ? values : Arrays.copyOf(values, count);
  }

  int[] shape() {
    return Arrays.copyOf(sizes, deepest);
  }

  private void elements(JsonParser json, int depth) throws IOException {
    if (depth > MOST_DIMENSIONS) {
      throw RequestException.bad(place + " has more than " + MOST_DIMENSIONS + " dimensions");
    }
    if (depthOfNumbers != -1 && depth > depthOfNumbers) {
      throw ragged();
    }
    deepest = Math.max(deepest, depth);
    int size = 0;
    for (JsonToken token = json.currentToken();
        token != JsonToken.END_ARRAY;
        token = json.nextToken()) {
      if (token == JsonToken.START_ARRAY) {
        json.nextToken();
        elements(json, depth + 1);
      } else if (token == JsonToken.VALUE_NUMBER_FLOAT || token == JsonToken.VALUE_NUMBER_INT) {
        add(json.getFloatValue(), depth);
      } else {
        throw RequestException.bad(place + " must have nothing but numbers");
      }
      size++;
    }
    if (sizes[depth - 1] != -1 && sizes[depth - 1] != size) {
      throw ragged();
    }
    sizes[depth - 1] = size;
  }

  private void add(float value, int depth) {
    if (depth < deepest) {
      throw ragged();
    }
    depthOfNumbers = depth;
    if (count == values.length) {
      values = Arrays.copyOf(values, 2 * count);
    }
    values[count++] = value;
  }

  private RequestException ragged() {
    return RequestException.bad(place + " must have rows of one length");
  }
}
