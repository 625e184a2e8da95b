package dev.mlit.tensorflow;

import dev.mlit.spec.ImageShape;
import org.tensorflow.ndarray.Shape;
import org.tensorflow.types.TFloat32;

/**
 * Converts images and arrays to tensors' values, and back.
 *
 * @since 0.1.0
 */
public final class Tensors {
  private Tensors() {}

  /** The shape of any number of images: [unknown, height, width, channels]. */
  public static Shape images(ImageShape image) {
    return Shape.of(Shape.UNKNOWN_SIZE, image.height(), image.width(), image.channels());
  }

  /** Pixels, unsigned bytes, as the numbers in [0, 1] that models take. */
  public static float[] floats(byte[] pixels) {
    float[] floats = new float[pixels.length];
    for (int i = 0; i < floats.length; i++) {
      floats[i] = (pixels[i] & 0xff) / 255f;
    }
    return floats;
  }

  /** The values of a tensor, row-major. */
  public static float[] floats(TFloat32 tensor) {
    float[] floats = new float[Math.toIntExact(tensor.size())];
    tensor.asRawTensor().data().asFloats().read(floats);
    return floats;
  }
}
