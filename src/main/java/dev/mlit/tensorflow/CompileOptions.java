package dev.mlit.tensorflow;

import dev.mlit.spec.Precision;

/**
 * The options that choose a model's operations: the machine, the precision of matrix products, and
 * how many images come together. But for rounding, the results are the same.
 *
 * @param precision of the matrix products; variables are float32 in any case
 * @param multipliesBfloat16 whether the machine has instructions for products of bfloat16 matrices;
 *     see {@link Machine#multipliesBfloat16()}
 * @param gpu whether operations run on a GPU, which shares their work among its cores itself
 * @param expectedImages how many images of a batch pass through a layer together, which then works
 *     at them in parts of a size for the processor's cache; 0 for few. Any number of images can be
 *     computed, whatever was expected
 * @param keeps whether a forward pass keeps what its backward pass reads, even if that is large;
 *     else it is computed again
 * @param fuses whether an operation that TensorFlow has for several at once is called by name, as
 *     nothing puts them together in a session that runs a graph as it is built; see {@link
 *     Sessions#openAsBuilt}. No graph may hold them that other programs run
 * @since 0.1.0
 */
public record CompileOptions(
    Precision precision,
    boolean multipliesBfloat16,
    boolean gpu,
    int expectedImages,
    boolean keeps,
    boolean fuses) {

  /** Products in float32, for few images, on this machine: those of inference. */
  public static CompileOptions ofMachine() {
    return new CompileOptions(
        Precision.FLOAT32, Machine.multipliesBfloat16(), Device.hasGpu(), 0, false, false);
  }

  /** The same with another precision of the matrix products. */
  public CompileOptions multiplyingIn(Precision precision) {
    return new CompileOptions(precision, multipliesBfloat16, gpu, expectedImages, keeps, fuses);
  }

  /** The same for another number of images together. */
  public CompileOptions expecting(int images) {
    return new CompileOptions(precision, multipliesBfloat16, gpu, images, keeps, fuses);
  }

  /** The same, keeping large tensors for the backward pass or not. */
  public CompileOptions keeping(boolean keeps) {
    return new CompileOptions(precision, multipliesBfloat16, gpu, expectedImages, keeps, fuses);
  }

  /** The same for a session that runs the graph as it is built, unless it runs on a GPU. */
  public CompileOptions fusing() {
    return new CompileOptions(precision, multipliesBfloat16, gpu, expectedImages, keeps, !gpu);
  }
}
