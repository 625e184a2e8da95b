/** How the seed of a run is divided among all that is drawn at random. */
@API(status = Status.INTERNAL)
@NullMarked
package dev.mlit.spec.seed;

import org.apiguardian.api.API;
import org.apiguardian.api.API.Status;
import org.jspecify.annotations.NullMarked;
