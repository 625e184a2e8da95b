package dev.mlit.spec;

import dev.mlit.spec.text.Suggestions;
import java.lang.reflect.RecordComponent;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.List;
import org.apiguardian.api.API;
import org.apiguardian.api.API.Status;
import org.jspecify.annotations.Nullable;

/**
 * The fields of a spec as {@code --set} names them, such as {@code training.epochs}, in the order
 * of YAML; a group that may be left out or given as a whole, such as {@code augmentation.mixup},
 * comes before its fields. What is in a list is set with the list.
 *
 * @since 0.1.0
 */
@API(status = Status.INTERNAL)
public final class SettingKeys {
  private SettingKeys() {}

  /** The keys of {@link RunSpec}, {@link ModelSpec} or {@link StudySpec}. */
  public static List<String> of(Class<? extends Record> spec) {
    List<String> keys = new ArrayList<>();
    add(keys, "", spec);
    return keys;
  }

  /**
   * The key of this name, or whose last part is: of several, the one in the fewest groups, and the
   * first of those. Null if there is none.
   */
  public static @Nullable String find(Collection<String> keys, String name) {
    return keys.stream()
        .filter(key -> key.equals(name) || leaf(key).equals(name))
        .min(Comparator.comparingLong(key -> key.chars().filter(c -> c == '.').count()))
        .orElse(null);
  }

  /** The last part of a key, the field's own name. */
  public static String leaf(String key) {
    return key.substring(key.lastIndexOf('.') + 1);
  }

  /**
   * What a message about an unknown field says before it lists the known ones: the nearest of
   * those, or else the field of this name in one of the groups.
   */
  static String didYouMean(Class<?> group, String name, Collection<String> known) {
    String nearest = Suggestions.didYouMean(name, known);
    if (!nearest.isEmpty()) {
      return nearest;
    }
    List<String> deeper = new ArrayList<>();
    add(deeper, "", group);
    String found = find(deeper, name);
    return found == null ? "" : "did you mean " + found + "? ";
  }

  private static void add(List<String> keys, String prefix, Class<?> group) {
    for (RecordComponent component : group.getRecordComponents()) {
      String key = prefix + Fields.key(component);
      Class<?> type = component.getType();
      if (!type.isRecord()) {
        keys.add(key);
      } else {
        // A model can be named; other groups are worth a word of their own where they can be
        // absent.
        if (type == ModelSpec.class || Fields.isOptional(component)) {
          keys.add(key);
        }
        add(keys, key + ".", type);
      }
    }
  }
}
