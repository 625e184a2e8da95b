/**
 * Image files as the pixels that a model sees: decoding, resizing, and the limits that damaged or
 * hostile files meet.
 */
@API(status = Status.INTERNAL)
@NullMarked
package dev.mlit.data.image;

import org.apiguardian.api.API;
import org.apiguardian.api.API.Status;
import org.jspecify.annotations.NullMarked;
