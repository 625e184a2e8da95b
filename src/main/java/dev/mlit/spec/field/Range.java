package dev.mlit.spec.field;

import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;

/**
 * The values a number may have, or every number of a list; both ends are allowed.
 *
 * @since 0.1.0
 */
@Retention(RetentionPolicy.RUNTIME)
@Target(ElementType.RECORD_COMPONENT)
public @interface Range {
  double min();

  double max();

  /** True when {@code min} itself is not allowed. */
  boolean above() default false;

  /** True when {@code max} itself is not allowed. */
  boolean below() default false;
}
