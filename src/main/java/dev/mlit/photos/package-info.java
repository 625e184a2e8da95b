/** From a folder of pictures to a run: what they are, what is decided, and how long it may take. */
@API(status = Status.INTERNAL)
@NullMarked
package dev.mlit.photos;

import org.apiguardian.api.API;
import org.apiguardian.api.API.Status;
import org.jspecify.annotations.NullMarked;
