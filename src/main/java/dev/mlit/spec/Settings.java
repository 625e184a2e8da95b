package dev.mlit.spec;

import dev.mlit.spec.Problem.Place;
import dev.mlit.spec.SpecNode.Mapping;
import dev.mlit.spec.SpecNode.Scalar;
import java.lang.reflect.RecordComponent;
import java.util.Arrays;
import java.util.Collection;
import java.util.Map;
import java.util.regex.Pattern;

/** Changes of single fields of a spec that has been read, such as {@code training.epochs=3}. */
final class Settings {
  private static final Pattern KEY = Pattern.compile("[^.]+(\\.[^.]+)*");

  private Settings() {}

  /**
   * Writes every setting into the tree; what the fields may be is for the binder to say. A value is
   * YAML, such as {@code [0.5, 1]}; that of a text, such as a path, is taken as it is.
   *
   * @param spec what the tree is of
   * @throws InvalidInputException for a setting that is not key=value
   */
  static void apply(
      Mapping tree,
      Class<? extends Record> spec,
      Collection<String> settings,
      SpecBinder.ModelResolver models) {
    for (String setting : settings) {
      int equals = setting.indexOf('=');
      if (equals < 0 || !KEY.matcher(setting.substring(0, equals)).matches()) {
        throw new InvalidInputException(
            advice -> advice.setting(setting) + ": must be key=value, such as training.epochs=3");
      }
      String key = setting.substring(0, equals);
      Place place = Place.setting(key);
      String text = setting.substring(equals + 1);
      SpecNode value =
          isText(spec, key, text) ? new Scalar(place, text, text) : YamlReader.value(text, place);
      put(tree, key, value, place, models);
    }
  }

  /** Whether a value is for a text field; without one, the field is left out. */
  private static boolean isText(Class<?> spec, String key, String value) {
    if (value.isEmpty()) {
      return false;
    }
    Class<?> type = spec;
    for (String part : key.split("\\.", -1)) {
      type = type.isRecord() ? fieldType(type, part) : Object.class;
    }
    // A model is named by a path, or written out.
    return type == String.class || (type == ModelSpec.class && !value.startsWith("{"));
  }

  private static Class<?> fieldType(Class<?> group, String key) {
    return Arrays.stream(group.getRecordComponents())
        .filter(component -> Fields.key(component).equals(key))
        .findFirst()
        .<Class<?>>map(RecordComponent::getType)
        .orElse(Object.class);
  }

  private static void put(
      Mapping tree, String key, SpecNode value, Place place, SpecBinder.ModelResolver models) {
    Mapping group = tree;
    String rest = key;
    for (int dot = rest.indexOf('.'); dot >= 0; dot = rest.indexOf('.')) {
      group = group(group.entries(), rest.substring(0, dot), place, models);
      rest = rest.substring(dot + 1);
    }
    group.entries().put(rest, value);
  }

  private static Mapping group(
      Map<String, SpecNode> entries, String name, Place place, SpecBinder.ModelResolver models) {
    SpecNode node = entries.get(name);
    if (node instanceof Scalar scalar
        && name.equals("model")
        && scalar.value() instanceof String pathOrPreset) {
      node = models.resolve(pathOrPreset);
    }
    Mapping group = node instanceof Mapping mapping ? mapping : Mapping.empty(place);
    entries.put(name, group);
    return group;
  }
}
