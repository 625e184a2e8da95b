/**
 * Trained models that come along, by name: in the savedmodels folder of a clone or distribution, or
 * on the class path, from the artifact {@code dev.mlit:mlit} with the classifier {@code zoo}.
 */
@NullMarked
package dev.mlit.zoo;

import org.jspecify.annotations.NullMarked;
