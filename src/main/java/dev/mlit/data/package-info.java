/**
 * Labelled images: datasets in their published formats, image files and batches.
 *
 * <p>Everywhere here an image is {@code height * width * channels} unsigned bytes: row by row from
 * the top, in a row pixel by pixel from the left, in a pixel red, green, blue, or one byte of gray.
 * Whatever comes from outside, such as files and names, is checked; what cannot be used is refused
 * with an {@link dev.mlit.spec.InvalidInputException} whose one line names the place, the value and
 * the rule.
 */
@org.jspecify.annotations.NullMarked
package dev.mlit.data;
