package dev.mlit.spec;

import dev.mlit.spec.field.Absent;
import dev.mlit.spec.text.KebabCase;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.ParameterizedType;
import java.lang.reflect.RecordComponent;
import java.lang.reflect.Type;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * The records of this package seen as specs: every record component is a field, its kebab-case name
 * the key in YAML. The reader, the writer, the rules and the JSON Schema all go by this.
 */
final class Fields {
  private Fields() {}

  /** The key of a component in YAML: {@code learningRate} is {@code learning-rate}. */
  static String key(RecordComponent component) {
    return KebabCase.of(component.getName());
  }

  static @Nullable Object get(Record spec, RecordComponent component) {
    try {
      return component.getAccessor().invoke(spec);
    } catch (ReflectiveOperationException e) {
      throw new LinkageError(component + " has no accessor", e);
    }
  }

  /** The value of the field with this key. */
  static @Nullable Object get(Record spec, String key) {
    for (RecordComponent component : spec.getClass().getRecordComponents()) {
      if (key(component).equals(key)) {
        return get(spec, component);
      }
    }
    throw new IllegalArgumentException(spec.getClass() + " has no " + key);
  }

  /** Whether a field was left out that is required otherwise. */
  static boolean isAbsent(RecordComponent component, @Nullable Object value) {
    Absent absent = component.getAnnotation(Absent.class);
    return absent != null && value instanceof Integer number && number == absent.value();
  }

  /** The type of a list's items. */
  static Class<?> item(RecordComponent component) {
    Type type = ((ParameterizedType) component.getGenericType()).getActualTypeArguments()[0];
    return (Class<?>) type;
  }

  /** True for a record that is a spec of its own and checks its own rules. */
  static boolean isSpec(Class<?> type) {
    return type == ModelSpec.class || type == RunSpec.class || type == StudySpec.class;
  }

  static boolean isOptional(RecordComponent component) {
    return component.getAnnotatedType().isAnnotationPresent(Nullable.class);
  }

  /**
   * Calls the canonical constructor.
   *
   * @throws InvalidSpecException if the record refuses the values
   */
  static <T> T create(Class<T> type, @Nullable Object[] values) {
    Class<?>[] types =
        Arrays.stream(type.getRecordComponents())
            .map(RecordComponent::getType)
            .toArray(Class<?>[]::new);
    try {
      return type.getDeclaredConstructor(types).newInstance(values);
    } catch (InvocationTargetException e) {
      if (e.getCause() instanceof RuntimeException cause) {
        throw cause;
      }
      throw new AssertionError(type + " cannot be made", e);
    } catch (ReflectiveOperationException e) {
      throw new LinkageError(type + " cannot be made", e);
    }
  }
}
