/** How the seed of a run is divided among all that is drawn at random. */
@NullMarked
package dev.mlit.spec.seed;

import org.jspecify.annotations.NullMarked;
