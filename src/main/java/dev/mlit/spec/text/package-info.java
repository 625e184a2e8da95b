/**
 * Texts that are shown to users: text without control characters, suggestions for mistyped names,
 * shortened lists.
 */
@API(status = Status.INTERNAL)
@NullMarked
package dev.mlit.spec.text;

import org.apiguardian.api.API;
import org.apiguardian.api.API.Status;
import org.jspecify.annotations.NullMarked;
