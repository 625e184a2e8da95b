/**
 * Several workers that train one model: collective operations, which workers answer, and the check
 * that all of them train the same.
 */
@API(status = Status.INTERNAL)
@NullMarked
package dev.mlit.cluster;

import org.apiguardian.api.API;
import org.apiguardian.api.API.Status;
import org.jspecify.annotations.NullMarked;
