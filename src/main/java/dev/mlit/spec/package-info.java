/**
 * Immutable descriptions of models and runs: builders, YAML, validation, parameter and cost counts.
 *
 * <p>Nothing here touches TensorFlow, so a spec can be written, checked and priced on any machine.
 */
@org.jspecify.annotations.NullMarked
package dev.mlit.spec;
