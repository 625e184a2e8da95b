package dev.mlit.spec;

import dev.mlit.spec.field.Doc;
import dev.mlit.spec.field.OneOf;
import dev.mlit.spec.field.Range;

/**
 * The size of an image.
 *
 * @param height pixels from top to bottom
 * @param width pixels from left to right
 * @param channels 1 for gray, 3 for RGB
 * @since 0.1.0
 */
public record ImageShape(
    @Range(min = 1, max = 4096) @Doc("pixels from top to bottom; a multiple of the patch size")
        int height,
    @Range(min = 1, max = 4096) @Doc("pixels from left to right; a multiple of the patch size")
        int width,
    @OneOf({1, 3}) @Doc("1 for gray, 3 for RGB") int channels) {

  /** The number of values in one image. */
  public int values() {
    return height * width * channels;
  }

  @Override
  public String toString() {
    return height + "x" + width + "x" + channels;
  }
}
