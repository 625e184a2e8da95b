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
 * @param trains whether the operations are those of a training step, which TensorFlow runs as they
 *     are; see {@link Sessions#configToTrain}
 * @since 0.1.0
 */
public record CompileOptions(
    Precision precision,
    boolean multipliesBfloat16,
    boolean gpu,
    int expectedImages,
    boolean keeps,
    boolean trains) {

  /** Products in float32, for few images, on this machine: those of inference. */
  public static CompileOptions ofMachine() {
    return new CompileOptions(
        Precision.FLOAT32, Machine.multipliesBfloat16(), Device.hasGpu(), 0, false, false);
  }

  /** The same with another precision of the matrix products. */
  public CompileOptions multiplyingIn(Precision precision) {
    return new CompileOptions(precision, multipliesBfloat16, gpu, expectedImages, keeps, trains);
  }

  /** The same for another number of images together. */
  public CompileOptions expecting(int images) {
    return new CompileOptions(precision, multipliesBfloat16, gpu, images, keeps, trains);
  }

  /** The same, keeping large tensors for the backward pass or not. */
  public CompileOptions keeping(boolean keeps) {
    return new CompileOptions(precision, multipliesBfloat16, gpu, expectedImages, keeps, trains);
  }

  /** The same for the operations of a training step. */
  public CompileOptions training() {
    return new CompileOptions(precision, multipliesBfloat16, gpu, expectedImages, keeps, true);
  }

  /**
   * Whether an operation that TensorFlow has for several at once is called by name, which no graph
   * may hold that others run: elsewhere TensorFlow puts operations together by itself.
   */
  boolean fuses() {
    return trains && !gpu;
  }
}
