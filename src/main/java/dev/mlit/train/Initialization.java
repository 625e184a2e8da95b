package dev.mlit.train;

import static java.util.stream.Collectors.joining;

import dev.mlit.spec.InvalidInputException;
import dev.mlit.spec.ModelSpec;
import dev.mlit.spec.RunSpec;
import dev.mlit.spec.VariableShapes;
import dev.mlit.spec.text.Printable;
import dev.mlit.train.step.TrainingGraph;
import dev.mlit.weights.PositionGrid;
import dev.mlit.weights.Weights;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Transfer learning: gives a run the weights of a model that was trained before.
 *
 * <p>The encoder must be the same, but for position embeddings, which are interpolated where the
 * patches make another grid. Heads and decoders are taken over if they fit, else new or dropped; a
 * head only if the run wants it and has the same classes ({@link HeadClasses}).
 */
final class Initialization {
  private static final Logger LOG = LoggerFactory.getLogger(Initialization.class);
  private static final int MISFITS_NAMED = 3;
  private static final String HEAD = "head/";

  private final String from;
  private final ModelSpec model;
  private final PretrainedWeights source;
  private final @Nullable HeadClasses head;
  private final Map<String, Weights.Array> taken = new LinkedHashMap<>();
  private final List<String> fresh = new ArrayList<>();
  private final List<String> interpolated = new ArrayList<>();
  private final List<String> misfits = new ArrayList<>();

  private Initialization(
      String from, ModelSpec model, PretrainedWeights source, @Nullable HeadClasses head) {
    this.from = from;
    this.model = model;
    this.source = source;
    this.head = head;
  }

  /**
   * Takes over the weights that a run asks for, and says in the log what was taken over, what is
   * new and what was dropped.
   *
   * @param labels the names of the run's classes
   * @throws InvalidInputException if there is no model there, or one that does not fit
   */
  static void apply(RunSpec run, List<String> labels, TrainingGraph graph) {
    RunSpec.Initialize initialize = run.initialize();
    if (initialize == null) {
      return;
    }
    PretrainedWeights source = PretrainedWeights.find(initialize.from());
    HeadClasses head = initialize.head() ? head(initialize.from(), source, labels) : null;
    Initialization initialization =
        new Initialization(initialize.from(), run.model(), source, head);
    Map<String, List<Long>> variables = new LinkedHashMap<>();
    graph.weights().forEach(v -> variables.put(v.name(), v.sizes()));
    initialization.match(variables);
    graph.assign(initialization.taken);
    LOG.info("{}", Printable.line(initialization.summary()));
  }

  /** Null for a new head. */
  private static @Nullable HeadClasses head(
      String from, PretrainedWeights source, List<String> labels) {
    Weights.Array bias = source.arrays().get(HEAD + "bias");
    boolean asMany = bias != null && bias.values().length == labels.size();
    return asMany ? HeadClasses.of(from, source.labels(), labels) : null;
  }

  /**
   * Checks that a model can start from the weights of another, before there are any.
   *
   * @param from says in messages where they will be
   * @throws InvalidInputException if it does not fit
   */
  static void requireFits(String from, ModelSpec source, ModelSpec model) {
    Map<String, Weights.Array> zeros = new LinkedHashMap<>();
    VariableShapes.of(source)
        .forEach(
            (name, shape) -> {
              int size = Math.toIntExact(shape.stream().reduce(1L, (a, b) -> a * b));
              zeros.put(name, new Weights.Array(shape, new float[size]));
            });
    new Initialization(
            from,
            model,
            new PretrainedWeights(from, Weights.of(zeros), source),
            HeadClasses.IN_ORDER)
        .match(VariableShapes.of(model));
  }

  private void match(Map<String, List<Long>> variables) {
    Map<String, Weights.Array> left = source.arrays();
    if (head == null) {
      left.keySet().removeIf(name -> name.startsWith(HEAD));
    }
    variables.forEach((name, shape) -> match(name, shape, left.remove(name)));
    left.forEach(
        (name, array) -> {
          if (!isReplaceable(name)) {
            misfits.add(
                name + array.shape() + " is not in this model, which must have the same encoder");
          }
        });
    if (!misfits.isEmpty()) {
      throw new InvalidInputException(
          "initialize.from: "
              + from
              + " does not fit the model: "
              + String.join("; ", misfits.subList(0, Math.min(MISFITS_NAMED, misfits.size())))
              + (misfits.size() > MISFITS_NAMED
                  ? "; and " + (misfits.size() - MISFITS_NAMED) + " more"
                  : ""));
    }
  }

  private void match(String name, List<Long> shape, Weights.@Nullable Array array) {
    if (array != null && array.shape().equals(shape)) {
      HeadClasses classes = name.startsWith(HEAD) ? head : null;
      taken.put(name, classes == null ? array : classes.ordered(array));
    } else if (array != null && isPosition(name) && sameWidth(array, shape)) {
      interpolate(name, array);
    } else if (isReplaceable(name)) {
      fresh.add(name);
    } else {
      misfits.add(
          name
              + shape
              + (array == null
                  ? " is not there"
                  : " is " + array.shape() + " there and must be the same")
              + " ("
              + causes(name)
              + " decide it)");
    }
  }

  /** What another model may have instead. */
  private static boolean isReplaceable(String name) {
    return name.startsWith(HEAD) || name.startsWith("decoder/");
  }

  private static boolean isPosition(String name) {
    return name.endsWith("position_embedding");
  }

  private static boolean sameWidth(Weights.Array array, List<Long> shape) {
    return array.shape().size() == 3 && array.shape().get(2).equals(shape.get(2));
  }

  private void interpolate(String name, Weights.Array array) {
    PositionGrid old = source.grid(array);
    PositionGrid grid = PositionGrid.of(model);
    taken.put(name, old.to(grid, array));
    interpolated.add(name + " interpolated from " + old + " to " + grid + " patches");
  }

  /** The fields that a variable's presence and shape follow from. */
  private static String causes(String name) {
    if (name.startsWith("patch_embedding/")) {
      return "patch, image.channels and embedding";
    }
    if (name.contains("/moe/")) {
      return "embedding, stages and hidden";
    }
    return name.contains("/attention/")
        ? "embedding, stages and attention"
        : "embedding and stages";
  }

  private String summary() {
    Map<String, Weights.Array> dropped = source.arrays();
    dropped.keySet().removeAll(taken.keySet());
    StringBuilder text = new StringBuilder();
    text.append(taken.size()).append(" variables taken over from ").append(from);
    interpolated.forEach(part -> text.append("; ").append(part));
    if (head != null && taken.containsKey(HEAD + "bias")) {
      text.append("; head: ").append(head);
    }
    if (!fresh.isEmpty()) {
      text.append("; new: ").append(grouped(fresh));
    }
    if (!dropped.isEmpty()) {
      text.append("; dropped: ").append(grouped(List.copyOf(dropped.keySet())));
    }
    return text.toString();
  }

  /** Such as {@code decoder (54 variables), head (2 variables)}. */
  private static String grouped(List<String> names) {
    Map<String, Integer> groups = new TreeMap<>();
    names.forEach(name -> groups.merge(name.split("/", -1)[0], 1, Integer::sum));
    return groups.entrySet().stream()
        .map(g -> g.getKey() + " (" + g.getValue() + " variables)")
        .collect(joining(", "));
  }
}
