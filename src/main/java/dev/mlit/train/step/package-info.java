/**
 * What one training step computes: forward and backward pass, optimizers, what is frozen or
 * averaged, and the guard against numbers that are not finite.
 */
@NullMarked
package dev.mlit.train.step;

import org.jspecify.annotations.NullMarked;
