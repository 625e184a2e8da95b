package dev.mlit.spec.field;

import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;

/**
 * A number that is required, except in specs that have another field: they leave it out, and its
 * value is then one outside its {@link Range}.
 *
 * @since 0.1.0
 */
@Retention(RetentionPolicy.RUNTIME)
@Target(ElementType.RECORD_COMPONENT)
public @interface Absent {
  /** What the field is where it is left out. */
  int value();

  /** The key of the other field. */
  String whereThereIs();
}
