package dev.mlit.spec.field;

import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;

/**
 * A field that is required, but for specs in which another field, a list, has an entry: those leave
 * it out. It is {@code @Nullable}; the rules of its spec check it.
 */
@Retention(RetentionPolicy.RUNTIME)
@Target(ElementType.RECORD_COMPONENT)
public @interface Unless {
  /** The key of the list. */
  String value();
}
