package dev.mlit.spec;

import dev.mlit.spec.SpecNode.Mapping;
import dev.mlit.spec.SpecNode.Place;
import dev.mlit.spec.SpecNode.Scalar;
import java.util.Collection;
import java.util.Map;
import java.util.regex.Pattern;

/** Changes of single fields from the command line: {@code --set training.epochs=3}. */
final class Settings {
  private static final Pattern KEY = Pattern.compile("[^.]+(\\.[^.]+)*");

  private Settings() {}

  /**
   * Writes every setting into the tree; what the fields may be is for the binder to say.
   *
   * @throws InvalidInputException for a setting that is not key=value
   */
  static void apply(Mapping tree, Collection<String> settings, SpecBinder.ModelResolver models) {
    for (String setting : settings) {
      int equals = setting.indexOf('=');
      if (equals < 0 || !KEY.matcher(setting.substring(0, equals)).matches()) {
        throw new InvalidInputException(
            "--set " + setting + ": must be key=value, such as training.epochs=3");
      }
      String key = setting.substring(0, equals);
      String place = "--set " + key;
      put(tree, key, YamlReader.value(setting.substring(equals + 1), place), place, models);
    }
  }

  private static void put(
      Mapping tree, String key, SpecNode value, String place, SpecBinder.ModelResolver models) {
    Mapping group = tree;
    String rest = key;
    for (int dot = rest.indexOf('.'); dot >= 0; dot = rest.indexOf('.')) {
      group = group(group.entries(), rest.substring(0, dot), place, models);
      rest = rest.substring(dot + 1);
    }
    group.entries().put(rest, value);
  }

  private static Mapping group(
      Map<String, SpecNode> entries, String name, String place, SpecBinder.ModelResolver models) {
    SpecNode node = entries.get(name);
    if (node instanceof Scalar scalar
        && name.equals("model")
        && scalar.value() instanceof String pathOrPreset) {
      node = models.resolve(pathOrPreset);
    }
    Mapping group = node instanceof Mapping mapping ? mapping : Mapping.empty(new Place(place, 0));
    entries.put(name, group);
    return group;
  }
}
