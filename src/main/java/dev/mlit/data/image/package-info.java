/**
 * Image files as the pixels that a model sees: decoding, resizing, and the limits that damaged or
 * hostile files meet.
 */
@NullMarked
package dev.mlit.data.image;

import org.jspecify.annotations.NullMarked;
