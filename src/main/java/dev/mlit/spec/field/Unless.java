package dev.mlit.spec.field;

import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;

/**
 * A field that is required, except in specs where another field, a list, has an entry: they leave
 * it out. It is {@code @Nullable}; the rules of its spec check it.
 *
 * @since 0.1.0
 */
@Retention(RetentionPolicy.RUNTIME)
@Target(ElementType.RECORD_COMPONENT)
public @interface Unless {
  /** The key of the list. */
  String value();
}
