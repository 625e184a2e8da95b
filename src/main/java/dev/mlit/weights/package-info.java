/**
 * The variables of a model and every file that holds their values: checkpoints, safetensors files
 * and SavedModels, whoever wrote them.
 */
@API(status = Status.INTERNAL)
@NullMarked
package dev.mlit.weights;

import org.apiguardian.api.API;
import org.apiguardian.api.API.Status;
import org.jspecify.annotations.NullMarked;
