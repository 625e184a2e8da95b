/**
 * The variables of a model and every file that holds their values: checkpoints, safetensors files
 * and SavedModels, whoever wrote them.
 */
@NullMarked
package dev.mlit.weights;

import org.jspecify.annotations.NullMarked;
