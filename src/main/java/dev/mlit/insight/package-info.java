/**
 * What a person sees of a run: progress, TensorBoard, the report, reconstructions, all of them
 * listeners; and of a model, the report of its evaluation.
 */
@NullMarked
package dev.mlit.insight;

import org.jspecify.annotations.NullMarked;
