/**
 * What one training step computes: forward and backward pass, optimizers, what is frozen or
 * averaged, and the guard against numbers that are not finite.
 */
@API(status = Status.INTERNAL)
@NullMarked
package dev.mlit.train.step;

import org.apiguardian.api.API;
import org.apiguardian.api.API.Status;
import org.jspecify.annotations.NullMarked;
