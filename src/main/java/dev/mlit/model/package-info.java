/**
 * From a spec to TensorFlow operations: layers and their gradients.
 *
 * <p>A layer is one file that reads like the formula it implements: its variables, its forward pass
 * and, where training needs it, its backward pass. The backward passes are written by hand. {@code
 * Graph.addGradients} would need every operation in TensorFlow's C++ registry and computes more
 * than is needed; the tests compare the two.
 *
 * <p>Between layers tokens are a matrix: [batch * tokens, width], one row for every token, the
 * tokens of an image one after the other.
 */
@API(status = Status.INTERNAL)
@NullMarked
package dev.mlit.model;

import org.apiguardian.api.API;
import org.apiguardian.api.API.Status;
import org.jspecify.annotations.NullMarked;
