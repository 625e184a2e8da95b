/**
 * Several workers that train one model: collective operations, who is there, and that all of them
 * train the same.
 */
@NullMarked
package dev.mlit.cluster;

import org.jspecify.annotations.NullMarked;
