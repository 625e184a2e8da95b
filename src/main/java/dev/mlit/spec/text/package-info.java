/**
 * Texts that are shown to users: text without control characters, suggestions for mistyped names,
 * shortened lists, commands to copy.
 */
@NullMarked
package dev.mlit.spec.text;

import org.jspecify.annotations.NullMarked;
