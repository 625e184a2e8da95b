/**
 * What changes images while training, in the graph: flips, crops, colours, erasing, mixup, and the
 * random numbers that they draw.
 */
@API(status = Status.INTERNAL)
@NullMarked
package dev.mlit.augment;

import org.apiguardian.api.API;
import org.apiguardian.api.API.Status;
import org.jspecify.annotations.NullMarked;
