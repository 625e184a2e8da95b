/**
 * Annotations of a spec's fields: default, range and meaning. The builder, the YAML reader and the
 * JSON Schema follow them.
 */
@API(status = Status.INTERNAL)
@NullMarked
package dev.mlit.spec.field;

import org.apiguardian.api.API;
import org.apiguardian.api.API.Status;
import org.jspecify.annotations.NullMarked;
