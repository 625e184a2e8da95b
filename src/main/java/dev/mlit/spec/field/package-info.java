/**
 * What is said of a field of a spec where it is declared: its default, its range, what it means.
 * The builder, the YAML reader and the JSON Schema follow it.
 */
@API(status = Status.INTERNAL)
@NullMarked
package dev.mlit.spec.field;

import org.apiguardian.api.API;
import org.apiguardian.api.API.Status;
import org.jspecify.annotations.NullMarked;
