package dev.mlit.serve;

import dev.mlit.spec.ImageShape;
import java.util.Arrays;

/**
 * Images of the model's size as numbers, checked.
 *
 * @param values [count, height, width, channels] in [0, 1]
 */
record ImageTensor(float[] values, int count) {

  /**
   * Checks what a client has sent.
   *
   * @param place names it in messages
   * @param shape that the client says, or that its arrays have
   * @throws RequestException if it is not [count, height, width, channels] of the model, or a value
   *     is not in [0, 1]
   */
  static ImageTensor of(String place, float[] values, long[] shape, ImageShape image) {
    boolean fits =
        shape.length == 4
            && shape[0] >= 1
            && shape[1] == image.height()
            && shape[2] == image.width()
            && shape[3] == image.channels();
    if (!fits) {
      throw RequestException.bad(
          place
              + " of shape "
              + Arrays.toString(shape)
              + " must be [count, "
              + image.height()
              + ", "
              + image.width()
              + ", "
              + image.channels()
              + "] with a count of at least 1");
    }
    // The count is the client's and may be any number: no product that could overflow.
    if (values.length % image.values() != 0 || values.length / image.values() != shape[0]) {
      throw RequestException.bad(
          place
              + " has "
              + values.length
              + " values, not those of its shape "
              + Arrays.toString(shape));
    }
    requireValues(place, values);
    return new ImageTensor(values, (int) shape[0]);
  }

  private static void requireValues(String place, float[] values) {
    for (int i = 0; i < values.length; i++) {
      // Written so that NaN is refused, too.
      if (!(values[i] >= 0 && values[i] <= 1)) {
        throw RequestException.bad(
            place
                + ": value "
                + i
                + " is "
                + values[i]
                + ", must be in [0, 1]; bytes are divided by 255");
      }
    }
  }
}
