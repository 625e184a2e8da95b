package dev.mlit.weights;

import dev.mlit.spec.InvalidInputException;
import dev.mlit.spec.text.Shortened;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Predicate;
import java.util.stream.Stream;
import org.tensorflow.proto.SavedObjectGraphOuterClass.SavedObjectGraph;
import org.tensorflow.proto.TrackableObjectGraphOuterClass.TrackableObjectGraph;
import org.tensorflow.proto.TrackableObjectGraphOuterClass.TrackableObjectGraph.TrackableObject;

/**
 * Finds the variables of a model among the tensors of a checkpoint.
 *
 * <p>Java and {@code tf.compat.v1.train.Saver} save a variable under its name. {@code
 * tf.train.Checkpoint} and {@code tf.saved_model.save} save it under the path by which it is
 * reached, such as {@code base/variables/0/.ATTRIBUTES/VARIABLE_VALUE}, and keep its name in an
 * object graph. Keras puts {@code _} for {@code /}, and modules put their own names in front.
 *
 * @since 0.1.0
 */
public final class CheckpointVariables {
  private static final int NAMED = 8;

  private final String place;
  private final CheckpointFile checkpoint;
  private final List<Candidate> candidates;

  /**
   * A tensor that may be a variable.
   *
   * @param name of the variable
   * @param key of the tensor
   * @param used true if a signature is known to use it
   */
  private record Candidate(String name, String key, boolean used) {}

  /**
   * What was found.
   *
   * @param weights the model's, in its order
   * @param others variables that the model has not, with their shapes
   * @param prefix what all names begin with and the model's do not; empty if there is nothing
   */
  public record Found(Weights weights, List<String> others, String prefix) {}

  private CheckpointVariables(String place, CheckpointFile checkpoint, List<Candidate> candidates) {
    this.place = place;
    this.checkpoint = checkpoint;
    this.candidates = candidates;
  }

  /**
   * The variables of a checkpoint.
   *
   * @param place begins messages
   * @param objects a SavedModel's description of the same objects; empty if there is none
   */
  static CheckpointVariables of(String place, CheckpointFile checkpoint, SavedObjectGraph objects) {
    Set<Integer> used = used(objects);
    Set<String> keys = new LinkedHashSet<>(checkpoint.tensors().keySet());
    List<Candidate> candidates = new ArrayList<>();
    List<TrackableObject> nodes = checkpoint.objects().getNodesList();
    for (int i = 0; i < nodes.size(); i++) {
      for (TrackableObjectGraph.TrackableObject.SerializedTensor tensor :
          nodes.get(i).getAttributesList()) {
        String key = tensor.getCheckpointKey();
        // Paths that share an object share its tensor.
        if (tensor.getName().equals(CheckpointKeys.ATTRIBUTE) && keys.remove(key)) {
          String name =
              tensor.getFullName().isEmpty() ? CheckpointKeys.variable(key) : tensor.getFullName();
          candidates.add(new Candidate(name, key, used.contains(i) && named(objects, i, name)));
        }
      }
    }
    keys.forEach(key -> candidates.add(new Candidate(CheckpointKeys.variable(key), key, false)));
    return new CheckpointVariables(place, checkpoint, candidates);
  }

  /** Both graphs number the objects alike; where they do not, nothing follows from it. */
  private static boolean named(SavedObjectGraph objects, int node, String name) {
    return node < objects.getNodesCount()
        && objects.getNodes(node).getVariable().getName().equals(name);
  }

  /** The nodes that the functions of the signatures hold on to. */
  private static Set<Integer> used(SavedObjectGraph objects) {
    Set<Integer> used = new HashSet<>();
    objects.getNodesList().stream()
        .flatMap(node -> node.getChildrenList().stream())
        .filter(child -> child.getLocalName().equals("signatures"))
        .filter(child -> isNode(objects, child.getNodeId()))
        .flatMap(child -> objects.getNodes(child.getNodeId()).getChildrenList().stream())
        .filter(child -> isNode(objects, child.getNodeId()))
        .map(child -> objects.getNodes(child.getNodeId()))
        .flatMap(
            node ->
                Stream.concat(
                    node.getFunction().getConcreteFunctionsList().stream(),
                    Stream.of(node.getBareConcreteFunction().getConcreteFunctionName())))
        .filter(objects::containsConcreteFunctions)
        .forEach(
            name -> used.addAll(objects.getConcreteFunctionsOrThrow(name).getBoundInputsList()));
    return used;
  }

  private static boolean isNode(SavedObjectGraph objects, int id) {
    return id >= 0 && id < objects.getNodesCount();
  }

  /**
   * Reads the weights of a model.
   *
   * @param expected the shapes of its variables
   * @param renamed for a variable of the model, the name or key of another one that it is
   * @throws InvalidInputException with every variable that is missing, of another shape or type,
   *     there more than once, or not finite
   */
  Found read(Map<String, List<Long>> expected, Map<String, String> renamed) {
    List<String> problems = problems(expected, renamed);
    if (!problems.isEmpty()) {
      throw InvalidInputException.of(place, problems);
    }
    Map<String, List<Candidate>> matches = matches(expected.keySet(), renamed);
    Map<String, Weights.Array> arrays =
        checkpoint.read(
            matches.values().stream().flatMap(List::stream).map(Candidate::key).toList());
    Map<String, Weights.Array> weights = new LinkedHashMap<>();
    matches.forEach(
        (name, found) -> {
          float[] first = values(arrays, found.get(0));
          if (found.stream().allMatch(c -> Arrays.equals(values(arrays, c), first))) {
            weights.put(name, new Weights.Array(expected.getOrDefault(name, List.of()), first));
          } else {
            problems.add(
                name
                    + ": is there "
                    + found.size()
                    + " times, with different values: "
                    + String.join(
                        ", ", found.stream().map(c -> CheckpointKeys.variable(c.key)).toList()));
          }
        });
    Weights read = Weights.of(weights);
    problems.addAll(read.notFinite());
    if (!problems.isEmpty()) {
      throw InvalidInputException.of(place, problems);
    }
    return new Found(read, others(matches), "");
  }

  private static float[] values(Map<String, Weights.Array> arrays, Candidate candidate) {
    return arrays
        .getOrDefault(candidate.key, new Weights.Array(List.of(0L), new float[0]))
        .values();
  }

  /**
   * Everything in which the variables are not those of a model, by their names, types and shapes.
   */
  List<String> problems(Map<String, List<Long>> expected, Map<String, String> renamed) {
    List<String> problems =
        new ArrayList<>(Renames.problems(renamed, expected.keySet(), this::has));
    Map<String, List<Candidate>> matches = matches(expected.keySet(), renamed);
    expected.forEach(
        (name, shape) -> {
          List<Candidate> found = matches.getOrDefault(name, List.of());
          if (found.isEmpty() && !renamed.containsKey(name)) {
            problems.add(Misfit.missing(name, shape));
          }
          for (Candidate candidate : found) {
            CheckpointFile.Tensor tensor = tensor(candidate);
            String as = candidate.name.equals(name) ? "" : " (as " + candidate.name + ")";
            if (!tensor.shape().equals(shape)) {
              problems.add(Misfit.other(name + as, tensor.shape(), shape));
            } else if (!tensor.isFloat()) {
              problems.add(
                  name
                      + as
                      + ": its type is "
                      + tensor.type()
                      + ", must be DT_FLOAT or another float");
            }
          }
        });
    List<String> others = others(matches);
    if (!problems.isEmpty() && !others.isEmpty()) {
      problems.add("these are no variables of the model: " + Shortened.list(others, NAMED));
    }
    return problems;
  }

  /**
   * Variables with their shapes that a signature is known to use and the model has not: it computes
   * something else then. One in whose place another was named is known to be there; Keras keeps it.
   */
  List<String> foreign(Map<String, List<Long>> expected, Map<String, String> renamed) {
    Map<String, List<Candidate>> matches = matches(expected.keySet(), renamed);
    Set<Candidate> taken = new HashSet<>();
    matches.values().forEach(taken::addAll);
    renamed.keySet().forEach(replaced -> taken.addAll(matching(replaced)));
    return candidates.stream()
        .filter(c -> c.used && !taken.contains(c) && tensor(c).isFloat())
        .map(c -> plain(c.name) + " " + tensor(c).shape())
        .limit(NAMED)
        .toList();
  }

  /** The candidates of every variable that has any; more than one if nothing tells them apart. */
  private Map<String, List<Candidate>> matches(Set<String> names, Map<String, String> renamed) {
    Map<String, List<Candidate>> matches = new LinkedHashMap<>();
    for (String name : names) {
      String other = renamed.get(name);
      List<Candidate> found = other == null ? matching(name) : named(other);
      if (found.stream().anyMatch(Candidate::used)) {
        found = found.stream().filter(Candidate::used).toList();
      }
      if (!found.isEmpty()) {
        matches.put(name, found);
      }
    }
    return matches;
  }

  private List<Candidate> matching(String variable) {
    List<Candidate> exact = where(c -> plain(c.name).equals(variable));
    if (!exact.isEmpty()) {
      return exact;
    }
    String keras = variable.replace('/', '_');
    return where(
        c ->
            plain(c.name).endsWith("/" + variable)
                || plain(c.name).equals(keras)
                || plain(c.name).endsWith("/" + keras));
  }

  /** Whether there is a variable of a name or key. */
  boolean has(String name) {
    return !named(name).isEmpty();
  }

  private List<Candidate> named(String name) {
    return where(
        c ->
            plain(c.name).equals(plain(name))
                || CheckpointKeys.variable(c.key).equals(CheckpointKeys.variable(name)));
  }

  private List<Candidate> where(Predicate<Candidate> condition) {
    return candidates.stream().filter(condition).toList();
  }

  /** Without the number of an operation's output. */
  private static String plain(String name) {
    return name.endsWith(":0") ? name.substring(0, name.length() - 2) : name;
  }

  private List<String> others(Map<String, List<Candidate>> matches) {
    Set<String> taken = new HashSet<>();
    matches.values().forEach(found -> found.forEach(c -> taken.add(plain(c.name))));
    return candidates.stream()
        .filter(c -> !taken.contains(plain(c.name)))
        .map(c -> plain(c.name) + " " + tensor(c).shape())
        .distinct()
        .toList();
  }

  private CheckpointFile.Tensor tensor(Candidate candidate) {
    CheckpointFile.Tensor tensor = checkpoint.tensors().get(candidate.key);
    if (tensor == null) {
      throw new IllegalStateException(candidate + " is not in the checkpoint");
    }
    return tensor;
  }
}
