package dev.mlit.spec;

import java.lang.reflect.RecordComponent;
import java.util.ArrayList;
import java.util.List;
import org.apiguardian.api.API;
import org.apiguardian.api.API.Status;

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
