/**
 * What a person sees of a run: progress, TensorBoard, the report, reconstructions. All of them are
 * listeners.
 */
@NullMarked
package dev.mlit.insight;

import org.jspecify.annotations.NullMarked;
