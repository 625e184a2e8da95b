package dev.mlit.weights;

import dev.mlit.spec.advice.Message;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Which tensors of a file are variables of a model.
 *
 * @param taken for a variable, its tensor's name in the file
 * @param others tensors that are left out, with their shapes
 * @param prefix what all names of the file begin with and no variable does, such as {@code
 *     module.}; empty if there is nothing
 * @param problems why they cannot be taken
 */
record TensorChoice(
    Map<String, String> taken, List<String> others, String prefix, List<Message> problems) {
  /**
   * Every model has one, and no other of its variables is called so: what stands in front of it
   * stands in front of all of them.
   */
  private static final String TOKEN = "class_token";

  private TensorChoice(Map<String, String> taken, String prefix) {
    this(taken, List.of(), prefix, List.of());
  }

  /** All tensors, under the names that they have. */
  static TensorChoice all(Set<String> names) {
    Map<String, String> taken = new LinkedHashMap<>();
    names.forEach(name -> taken.put(name, name));
    return new TensorChoice(taken, "");
  }

  /**
   * All tensors, as the variables of a model that is not known. What PyTorch's wrappers put in
   * front of all names, as {@code DataParallel} and {@code torch.compile} do, is taken off.
   */
  static TensorChoice ofSomeModel(Set<String> names) {
    List<String> prefixes = prefixes(names);
    String prefix = common(prefixes, names);
    if (prefix.isEmpty() && !prefixes.isEmpty()) {
      return refused(
          advice ->
              "holds the variables of a model behind "
                  + String.join(" and behind ", prefixes)
                  + ", beside others; "
                  + advice.importer()
                  + " makes a SavedModel of those that "
                  + advice.rename(prefixes.get(0), "")
                  + " names");
    }
    Map<String, String> taken = new LinkedHashMap<>();
    names.forEach(name -> taken.put(name.substring(prefix.length()).replace('.', '/'), name));
    return new TensorChoice(taken, prefix);
  }

  /**
   * The variables of a model. A file has these and no others, unless renames say which of them to
   * take.
   *
   * @param expected the shapes of its variables
   * @param found the shapes of the file's tensors
   */
  static TensorChoice of(
      Map<String, List<Long>> expected, Map<String, List<Long>> found, Renames renames) {
    List<String> prefixes = renames.isEmpty() ? prefixes(found.keySet()) : List.of();
    String prefix = common(prefixes, found.keySet());
    List<String> complete =
        prefixes.stream().filter(p -> found.keySet().containsAll(names(expected, p))).toList();
    if (prefix.isEmpty() && !complete.isEmpty()) {
      return refused(
          advice ->
              "holds all variables of the model behind "
                  + String.join(" and behind ", complete)
                  + ", beside others: "
                  + advice.rename(complete.get(0), "")
                  + " takes those and leaves out all else");
    }
    Map<String, String> renamed =
        renames.of(expected.keySet(), found::containsKey, Safetensors::dotted);
    List<String> problems =
        new ArrayList<>(Renames.problems(renamed, expected.keySet(), found::containsKey));
    Map<String, String> taken = new LinkedHashMap<>();
    Set<String> left = new LinkedHashSet<>(found.keySet());
    expected.forEach(
        (variable, shape) -> {
          String name = renamed.getOrDefault(variable, prefix + Safetensors.dotted(variable));
          left.remove(name);
          taken.put(variable, name);
          List<Long> stored = found.get(name);
          if (stored != null && !stored.equals(shape)) {
            problems.add(Misfit.other(name, stored, shape));
          } else if (stored == null && !renamed.containsKey(variable)) {
            problems.add(Misfit.missing(name, shape));
          }
        });
    if (renames.isEmpty()) {
      left.forEach(name -> problems.add(name + ": the model has no such tensor"));
    }
    taken.values().removeIf(name -> !found.containsKey(name));
    return new TensorChoice(
        taken,
        left.stream().map(name -> name + " " + found.get(name)).toList(),
        prefix,
        problems.stream().map(Message::of).toList());
  }

  private static TensorChoice refused(Message problem) {
    return new TensorChoice(Map.of(), List.of(), "", List.of(problem));
  }

  private static List<String> names(Map<String, List<Long>> expected, String prefix) {
    return expected.keySet().stream().map(name -> prefix + Safetensors.dotted(name)).toList();
  }

  /** What stands in front of a model's names, whatever else there is; empty if nothing does. */
  private static List<String> prefixes(Set<String> names) {
    return names.contains(TOKEN)
        ? List.of()
        : names.stream()
            .filter(name -> name.endsWith("." + TOKEN))
            .map(name -> name.substring(0, name.length() - TOKEN.length()))
            .sorted()
            .toList();
  }

  /** What stands in front of all names of a file; empty if nothing does. */
  private static String common(List<String> prefixes, Set<String> names) {
    return prefixes.size() == 1 && names.stream().allMatch(name -> name.startsWith(prefixes.get(0)))
        ? prefixes.get(0)
        : "";
  }
}
