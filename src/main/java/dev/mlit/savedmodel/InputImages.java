package dev.mlit.savedmodel;

import dev.mlit.data.image.BufferedImageRows;
import dev.mlit.data.image.ImageFile;
import dev.mlit.data.image.Resampler;
import dev.mlit.spec.ImageShape;
import dev.mlit.tensorflow.Tensors;
import java.awt.image.BufferedImage;
import java.io.InputStream;
import java.nio.file.Path;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.tensorflow.ndarray.Shape;
import org.tensorflow.types.TFloat32;

/**
 * Images of all kinds as the values that a model takes, [height, width, channels] in [0, 1]; see
 * {@link ImageFile} for what becomes of one of another size.
 */
final class InputImages {
  private final ImageShape size;
  private final long mostPixels;

  /** The last one that was used: many images are of one size. */
  private volatile @Nullable Resampler last;

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

  /** The bytes of an image in memory. */
  int bytes() {
    return size.values();
  }

  /**
   * An image file of any size.
   *
   * @throws dev.mlit.spec.InvalidInputException if the file is no image, or has too many pixels
   */
  float[] of(Path file) {
    return Tensors.floats(pixels(ImageSource.of(file)));
  }

  /**
   * An image of any size in a stream, which stays open.
   *
   * @throws dev.mlit.spec.InvalidInputException if the stream holds no image, or one of too many
   *     pixels
   */
  float[] of(InputStream stream) {
    return Tensors.floats(
        inMemory(
            "image",
            () -> pixels(ImageFile.decode("image", stream, mostPixels, size.orientation()))));
  }

  /** An image of any size. */
  float[] of(BufferedImage image) {
    return Tensors.floats(pixels(image));
  }

  /**
   * An image of any size as unsigned bytes, [height, width, channels].
   *
   * @throws dev.mlit.spec.InvalidInputException if it is no image, or has too many pixels
   */
  byte[] pixels(ImageSource source) {
    return inMemory(source.name(), () -> pixels(source.decode(mostPixels, size.orientation())));
  }

  /** An image of any size as unsigned bytes, [height, width, channels]. */
  byte[] pixels(BufferedImage image) {
    ImageShape decoded = ImageFile.shape(image);
    Resampler resampler = last;
    if (resampler == null || !resampler.isFrom(decoded)) {
      resampler = new Resampler(decoded, size);
      last = resampler;
    }
    byte[] pixels = new byte[size.values()];
    resampler.resample(new BufferedImageRows(image), pixels, 0);
    return pixels;
  }

  /**
   * Reads pixels. An image may be too large for the memory that is left: that is no fault of the
   * program.
   */
  private static byte[] inMemory(String name, Supplier<byte[]> pixels) {
    try {
      return pixels.get();
    } catch (OutOfMemoryError e) {
      throw ImageFile.tooLittleMemory(name);
    }
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
