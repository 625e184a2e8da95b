package dev.mlit.savedmodel;

import dev.mlit.data.image.ImageFile;
import dev.mlit.spec.ImageShape;
import dev.mlit.tensorflow.Tensors;
import java.awt.image.BufferedImage;
import java.io.InputStream;
import java.nio.file.Path;
import java.util.function.Supplier;
import org.tensorflow.ndarray.Shape;
import org.tensorflow.types.TFloat32;

/**
 * Images of all kinds as the values that a model takes, [height, width, channels] in [0, 1]; see
 * {@link ImageFile} for what becomes of one of another size.
 */
final class InputImages {
  private final ImageShape size;
  private final long mostPixels;

  /**
   * Images for a model.
   *
   * @param size of the model's images
   * @param mostPixels that an image file may have
   */
  InputImages(ImageShape size, long mostPixels) {
    this.size = size;
    this.mostPixels = mostPixels;
  }

  /**
   * An image file of any size.
   *
   * @throws dev.mlit.spec.InvalidInputException if the file is no image, or has too many pixels
   */
  float[] of(Path file) {
    return inMemory(
        file.toString(), () -> ImageFile.pixels(ImageFile.decode(file, mostPixels), size));
  }

  /**
   * An image of any size in a stream, which stays open.
   *
   * @throws dev.mlit.spec.InvalidInputException if the stream holds no image, or one of too many
   *     pixels
   */
  float[] of(InputStream stream) {
    return inMemory(
        "image", () -> ImageFile.pixels(ImageFile.decode("image", stream, mostPixels), size));
  }

  /**
   * Reads pixels. An image may be too large for the memory that is left: that is no fault of the
   * program.
   */
  private static float[] inMemory(String name, Supplier<byte[]> pixels) {
    try {
      return Tensors.floats(pixels.get());
    } catch (OutOfMemoryError e) {
      throw ImageFile.tooLittleMemory(name);
    }
  }

  /** An image of any size. */
  float[] of(BufferedImage image) {
    return Tensors.floats(ImageFile.pixels(image, size));
  }

  /**
   * A batch of images of the model's size.
   *
   * @throws IllegalArgumentException if it is of another shape
   */
  float[] of(TFloat32 images) {
    Shape shape = images.shape();
    if (shape.numDimensions() != 4
        || !shape.tail().equals(Shape.of(size.height(), size.width(), size.channels()))) {
      throw new IllegalArgumentException(
          "images of shape "
              + shape
              + ", must be [count, "
              + size.height()
              + ", "
              + size.width()
              + ", "
              + size.channels()
              + "]");
    }
    return Tensors.floats(images);
  }
}
