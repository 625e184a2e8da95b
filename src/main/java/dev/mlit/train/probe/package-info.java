/**
 * What a frozen encoder's features are worth: linear probes and nearest neighbours, which need no
 * training steps.
 */
@API(status = Status.INTERNAL)
@NullMarked
package dev.mlit.train.probe;

import org.apiguardian.api.API;
import org.apiguardian.api.API.Status;
import org.jspecify.annotations.NullMarked;
