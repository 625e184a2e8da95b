package dev.mlit.spec;

/**
 * The number format in which training multiplies matrices; everything else is float32.
 *
 * @since 0.1.0
 */
public enum Precision {
  /** Single precision. */
  FLOAT32,
  /**
   * Factors and results are rounded to bfloat16, which has 8 significant bits; within a product
   * sums are float32. Faster on GPUs and on processors with AVX-512 BF16 or AMX; others round the
   * same numbers but multiply in float32, which is slower than {@link #FLOAT32}. Weights, gradients
   * and the state of the optimizer are float32, as are the tests and the model that comes out.
   */
  BFLOAT16
}
