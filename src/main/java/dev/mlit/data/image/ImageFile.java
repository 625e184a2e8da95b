package dev.mlit.data.image;

import dev.mlit.spec.ImageShape;
import dev.mlit.spec.ImageShape.Orientation;
import dev.mlit.spec.InvalidInputException;
import dev.mlit.spec.text.Printable;
import java.awt.color.ColorSpace;
import java.awt.image.BufferedImage;
import java.awt.image.DataBuffer;
import java.io.ByteArrayOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Locale;
import java.util.regex.Pattern;
import javax.imageio.ImageIO;
import javax.imageio.ImageReadParam;
import javax.imageio.ImageReader;
import javax.imageio.ImageTypeSpecifier;
import javax.imageio.stream.ImageInputStream;
import javax.imageio.stream.ImageOutputStream;
import javax.imageio.stream.MemoryCacheImageInputStream;
import javax.imageio.stream.MemoryCacheImageOutputStream;
import org.jspecify.annotations.Nullable;

/**
 * Turns image files into the pixels that a model sees, and back.
 *
 * <p>An image of any size is resized as a whole to the model's shape, which may change its
 * proportions; nothing is cropped. What is transparent becomes white, as on a page. Pixels are
 * taken as they are stored: colour profiles are not applied, nor is the orientation tag of cameras
 * unless {@link Orientation#EXIF} asks for it, but for that of TIFF files, as in Pillow, so that a
 * model sees the same in Java and in Python.
 *
 * @since 0.1.0
 */
public final class ImageFile {
  /** The most pixels of an image in a file, checked before it is decoded. */
  public static final long MOST_PIXELS = 100_000_000;

  /** A height or width that JPEG can still express. */
  static final int LARGEST_SIDE = 65_535;

  /**
   * The reader's warnings of a JPEG whose missing part it fills with gray; superfluous bytes, which
   * some cameras write, do no harm.
   */
  private static final Pattern DAMAGE =
      Pattern.compile("Truncated File|Corrupt JPEG data: (?!\\d+ extraneous bytes)");

  /** The message of {@link MemoryCacheImageInputStream} where it has no room for the file. */
  private static final String NO_MEMORY = "No memory left for cache!";

  private ImageFile() {}

  /**
   * Reads an image file into unsigned bytes of the given shape (row, column, channel).
   *
   * @throws InvalidInputException if the file is missing, not an image, damaged, or has more than
   *     100 million pixels
   * @throws IllegalArgumentException if height or width is below 1 or channels neither 1 nor 3
   */
  public static byte[] read(Path file, ImageShape shape) {
    return pixels(decode(file, MOST_PIXELS, shape.orientation()), shape);
  }

  /**
   * Reads an image file: PNG, JPEG, BMP, a still WebP, or the first image of a GIF or TIFF.
   *
   * @throws InvalidInputException if the file is missing, not an image, damaged, or has more than
   *     100 million pixels
   */
  public static BufferedImage decode(Path file) {
    return decode(file, MOST_PIXELS, Orientation.STORED);
  }

  /**
   * As {@link #decode(Path)}, of an image of a limited size.
   *
   * @param mostPixels that it may have; beyond 100 million, that limit stays
   * @param orientation which side is up
   */
  public static BufferedImage decode(Path file, long mostPixels, Orientation orientation) {
    if (Files.isDirectory(file)) {
      throw new InvalidInputException(file + ": is a directory, must be an image file");
    }
    try (InputStream in = BoundedStream.ofImageFile(Files.newInputStream(file))) {
      return decode(file.toString(), in, mostPixels, orientation);
    } catch (IOException e) {
      throw InvalidInputException.unreadable(file, e);
    }
  }

  /**
   * Reads an image from a stream, which stays open.
   *
   * @param name names the stream in messages
   * @throws InvalidInputException if the stream does not hold an image that can be read, or one of
   *     more than 100 million pixels
   */
  public static BufferedImage decode(String name, InputStream in) {
    return decode(name, in, MOST_PIXELS, Orientation.STORED);
  }

  /**
   * As {@link #decode(String, InputStream)}, of an image of a limited size.
   *
   * @param mostPixels that it may have; beyond 100 million, that limit stays
   * @param orientation which side is up
   */
  public static BufferedImage decode(
      String name, InputStream in, long mostPixels, Orientation orientation) {
    try (ImageInputStream stream = new ImageStream(in)) {
      if (stream.read() == -1) {
        throw new InvalidInputException(name + ": is empty, must be an image");
      }
      stream.seek(0);
      ImageReader reader = Formats.reader(name, stream);
      try {
        String format = reader.getFormatName().toLowerCase(Locale.ROOT);
        ImageCost.require(name, format, stream);
        if (format.equals("webp")) {
          Webp.require(name, stream);
        }
        int turned = UprightTurn.UPRIGHT;
        if (format.equals("tiff")) {
          turned = Tiff.require(name, stream).orientation();
        } else if (orientation == Orientation.EXIF) {
          turned = Exif.orientation(format, stream);
        }
        // A GIF's metadata says where its frame lies; that of other formats may be large, and is
        // not read.
        reader.setInput(stream, true, !format.equals("gif"));
        BufferedImage image = decode(name, reader, Math.min(mostPixels, MOST_PIXELS));
        return UprightTurn.of(image, turned);
      } finally {
        reader.dispose();
      }
    } catch (BoundedStream.TooLongException e) {
      throw new InvalidInputException(name + ": " + e.getMessage(), e);
    } catch (EOFException e) {
      throw new InvalidInputException(damaged(name, "ends too early"), e);
    } catch (IOException e) {
      throw isShortOfMemory(e) ? tooLittleMemory(name) : InvalidInputException.unreadable(name, e);
    }
  }

  /** The size of a decoded image; 1 channel if it is gray. */
  public static ImageShape shape(BufferedImage image) {
    PixelRows rows = new BufferedImageRows(image);
    return new ImageShape(rows.height(), rows.width(), rows.channels());
  }

  /**
   * Resizes an image to unsigned bytes of the given shape (row, column, channel).
   *
   * @throws IllegalArgumentException if height or width is below 1 or channels neither 1 nor 3
   */
  public static byte[] pixels(BufferedImage image, ImageShape shape) {
    PixelRows rows = new BufferedImageRows(image);
    Resampler resampler = new Resampler(shape(image), shape);
    byte[] pixels = new byte[shape.values()];
    resampler.resample(rows, pixels, 0);
    return pixels;
  }

  /**
   * The image of some unsigned bytes (row, column, channel), to show it or to write it with {@link
   * ImageIO#write}; exactly these values are in the file then.
   *
   * @throws IllegalArgumentException if {@code pixels} has another length than {@code shape}, or
   *     channels are neither 1 nor 3
   */
  public static BufferedImage image(byte[] pixels, ImageShape shape) {
    boolean gray = shape.channels() == 1;
    if (pixels.length != shape.values() || (!gray && shape.channels() != 3)) {
      throw new IllegalArgumentException(
          pixels.length + " bytes of pixels do not make an image of " + shape);
    }
    int type = gray ? BufferedImage.TYPE_BYTE_GRAY : BufferedImage.TYPE_INT_RGB;
    BufferedImage image = new BufferedImage(shape.width(), shape.height(), type);
    int[] samples = new int[pixels.length];
    for (int i = 0; i < samples.length; i++) {
      samples[i] = pixels[i] & 0xff;
    }
    // Through the raster: setRGB would change gray values, which Java takes for linear light.
    image.getRaster().setPixels(0, 0, shape.width(), shape.height(), samples);
    return image;
  }

  /**
   * The PNG file of an image. Made in memory: of a stream or file, ImageIO would make a temporary
   * file.
   */
  public static byte[] png(BufferedImage image) throws IOException {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try (ImageOutputStream out = new MemoryCacheImageOutputStream(bytes)) {
      ImageIO.write(image, "png", out);
    }
    return bytes.toByteArray();
  }

  /** What to throw where an image did not fit into what memory is left. */
  public static InvalidInputException tooLittleMemory(String name) {
    return new InvalidInputException(
        String.format(
            Locale.ROOT,
            "%s: too little memory to read this image, Java may take %d MB in all; start it with a"
                + " larger -Xmx",
            name,
            Runtime.getRuntime().maxMemory() >> 20));
  }

  /** Whether memory ran out, for which some readers and their streams throw this exception. */
  private static boolean isShortOfMemory(Throwable e) {
    for (Throwable cause = e; cause != null; cause = cause.getCause()) {
      if (cause instanceof OutOfMemoryError || NO_MEMORY.equals(cause.getMessage())) {
        return true;
      }
    }
    return false;
  }

  private static BufferedImage decode(String name, ImageReader reader, long mostPixels) {
    List<String> warnings = new ArrayList<>();
    reader.addIIOReadWarningListener((source, warning) -> warnings.add(warning));
    BufferedImage image;
    long bytes = 0;
    try {
      GifScreen screen = GifScreen.of(name, reader);
      int width = screen == null ? reader.getWidth(0) : screen.width();
      int height = screen == null ? reader.getHeight(0) : screen.height();
      if ((long) width * height > mostPixels || Math.max(width, height) > LARGEST_SIDE) {
        throw new InvalidInputException(
            String.format(
                Locale.ROOT,
                "%s: %dx%d pixels, must be at most %d, and at most %d on a side",
                name,
                height,
                width,
                mostPixels,
                LARGEST_SIDE));
      }
      ImageReadParam parameters = reader.getDefaultReadParam();
      ImageTypeSpecifier type = storedType(reader);
      parameters.setDestinationType(type);
      bytes = (long) width * height * bytesPerPixel(type, reader);
      MemoryLimit.require(name, bytes);
      BufferedImage read = reader.read(0, parameters);
      image = screen == null ? read : screen.with(read);
    } catch (InvalidInputException e) {
      throw e;
    } catch (OutOfMemoryError e) {
      // What fails is an array of all pixels, so that there is memory left to go on with.
      throw MemoryLimit.full(name, bytes);
    } catch (IOException | RuntimeException e) {
      for (Throwable cause = e; cause != null; cause = cause.getCause()) {
        if (cause instanceof BoundedStream.TooLongException) {
          throw new InvalidInputException(name + ": " + cause.getMessage(), e);
        }
      }
      if (isShortOfMemory(e)) {
        throw tooLittleMemory(name);
      }
      // Readers meet damage in many ways, an ArrayIndexOutOfBoundsException among them.
      String problem = e.getMessage();
      throw new InvalidInputException(
          damaged(name, problem == null ? e.getClass().getSimpleName() : problem), e);
    }
    for (String warning : warnings) {
      if (DAMAGE.matcher(warning).lookingAt()) {
        throw new InvalidInputException(damaged(name, warning));
      }
    }
    return image;
  }

  /** The type that makes the reader leave the colours as they are; null for the reader's choice. */
  private static @Nullable ImageTypeSpecifier storedType(ImageReader reader) throws IOException {
    ImageTypeSpecifier stored = reader.getRawImageType(0);
    if (stored == null) {
      return null;
    }
    ColorSpace space = stored.getColorModel().getColorSpace();
    return space.getType() == ColorSpace.TYPE_RGB && !space.isCS_sRGB() ? stored : null;
  }

  /** What a decoded pixel takes in memory, or more. */
  private static int bytesPerPixel(@Nullable ImageTypeSpecifier stored, ImageReader reader)
      throws IOException {
    Iterator<ImageTypeSpecifier> types = reader.getImageTypes(0);
    ImageTypeSpecifier type = stored == null && types.hasNext() ? types.next() : stored;
    if (type == null) {
      return 1;
    }
    int bits = DataBuffer.getDataTypeSize(type.getSampleModel().getTransferType());
    return type.getSampleModel().getNumDataElements() * (bits / 8);
  }

  /** The message of a refusal. */
  static String damaged(String name, String problem) {
    return name + ": damaged or truncated image (" + Printable.excerpt(problem.strip()) + ")";
  }
}
