/**
 * What changes images while training, in the graph: flips, crops, colours, erasing, mixup, and the
 * random numbers that they draw.
 */
@NullMarked
package dev.mlit.augment;

import org.jspecify.annotations.NullMarked;
