package dev.mlit.spec;

import dev.mlit.spec.field.Default;
import dev.mlit.spec.field.Doc;
import dev.mlit.spec.field.OneOf;
import dev.mlit.spec.field.Range;

/**
 * The size of an image, and which side is up where it comes from a file.
 *
 * @param height pixels from top to bottom
 * @param width pixels from left to right
 * @param channels 1 for gray, 3 for RGB
 * @param orientation whether image files are turned as cameras say
 * @since 0.1.0
 */
public record ImageShape(
    @Range(min = 1, max = 4096) @Doc("pixels from top to bottom; a multiple of the patch size")
        int height,
    @Range(min = 1, max = 4096) @Doc("pixels from left to right; a multiple of the patch size")
        int width,
    @OneOf({1, 3}) @Doc("1 for gray, 3 for RGB") int channels,
    @Default("stored") @Doc("image files as they are stored, or turned as cameras say")
        Orientation orientation) {

  /** Which side of an image file is up. */
  public enum Orientation {
    /** As the pixels are stored, but for TIFF files: what Pillow opens. */
    STORED,
    /**
     * As the camera was held (EXIF 2.3, tag 274) in JPEG, PNG, WebP and TIFF files: what Pillow's
     * {@code ImageOps.exif_transpose} returns.
     */
    EXIF
  }

  /** Of image files as they are stored. */
  public ImageShape(int height, int width, int channels) {
    this(height, width, channels, Orientation.STORED);
  }

  /** The number of values in one image. */
  public int values() {
    return height * width * channels;
  }

  @Override
  public String toString() {
    return height + "x" + width + "x" + channels;
  }
}
