package dev.mlit.savedmodel;

import dev.mlit.data.image.BoundedStream;
import dev.mlit.data.image.ImageFile;
import dev.mlit.spec.ImageShape.Orientation;
import dev.mlit.spec.InvalidInputException;
import java.awt.image.BufferedImage;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Path;

/**
 * One of many images to classify: a file, bytes, an image in memory, or a stream that is opened
 * when its turn comes.
 *
 * <pre>{@code
 * List<ImageSource> uploads = List.of(
 *     ImageSource.of(Path.of("shoe.png")),
 *     ImageSource.of("upload 7", bytes),
 *     ImageSource.of("shoe.png in the bucket", () -> bucket.read("shoe.png")));
 * }</pre>
 *
 * @since 0.1.0
 */
public final class ImageSource {
  private final String name;
  private final Decoder decoder;

  private ImageSource(String name, Decoder decoder) {
    this.name = name;
    this.decoder = decoder;
  }

  /** Opens the image file's bytes; called at most once, on any thread. */
  @FunctionalInterface
  public interface Opener {
    /** A stream that begins with the image; it is closed when the image is read. */
    InputStream open() throws IOException;
  }

  @FunctionalInterface
  private interface Decoder {
    BufferedImage decode(long mostPixels, Orientation orientation);
  }

  /** An image file, of any file system; its name is its path. */
  public static ImageSource of(Path file) {
    return new ImageSource(
        file.toString(),
        (mostPixels, orientation) -> ImageFile.decode(file, mostPixels, orientation));
  }

  /**
   * The bytes of an image file.
   *
   * @param name names the image in results and messages
   * @param bytes are not copied
   */
  public static ImageSource of(String name, byte[] bytes) {
    return of(name, () -> new ByteArrayInputStream(bytes));
  }

  /**
   * An image in a stream.
   *
   * @param name names the image in results and messages
   * @param opener an exception that it throws, other than an {@link IOException}, ends the call
   */
  public static ImageSource of(String name, Opener opener) {
    return new ImageSource(
        name,
        (mostPixels, orientation) -> {
          try (InputStream in = BoundedStream.ofImageFile(opener.open())) {
            return ImageFile.decode(name, in, mostPixels, orientation);
          } catch (IOException e) {
            throw InvalidInputException.unreadable(name, e);
          }
        });
  }

  /**
   * An image in memory.
   *
   * @param name names the image in results and messages
   * @param image is not copied: leave it unchanged until its result is there
   */
  public static ImageSource of(String name, BufferedImage image) {
    return new ImageSource(name, (mostPixels, orientation) -> image);
  }

  /** What names the image in results and messages. */
  public String name() {
    return name;
  }

  /**
   * Reads the image.
   *
   * @throws InvalidInputException if it is no image, or one of too many pixels
   */
  BufferedImage decode(long mostPixels, Orientation orientation) {
    return decoder.decode(mostPixels, orientation);
  }

  @Override
  public String toString() {
    return name;
  }
}
