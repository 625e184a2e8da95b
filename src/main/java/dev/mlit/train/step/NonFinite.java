package dev.mlit.train.step;

import dev.mlit.tensorflow.Operations;
import dev.mlit.weights.Variable;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.Deque;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.UnaryOperator;
import org.tensorflow.Graph;
import org.tensorflow.GraphOperation;
import org.tensorflow.Operand;
import org.tensorflow.Output;
import org.tensorflow.Result;
import org.tensorflow.Session;
import org.tensorflow.op.Ops;
import org.tensorflow.proto.DataType;
import org.tensorflow.types.TBool;
import org.tensorflow.types.TFloat32;
import org.tensorflow.types.family.TType;

/**
 * Where numbers first stopped being finite.
 *
 * @param variable its name; empty if none was found
 * @param what what of it, for a message
 * @since 0.1.0
 */
public record NonFinite(String variable, String what) {
  static final NonFinite UNKNOWN = new NonFinite("", "no weight or gradient by itself");

  private static final String READ = "ReadVariableOp";

  @Override
  public String toString() {
    return "the first that was not finite: " + what;
  }

  /** Looks at a graph's numbers; costs a few runs of it. */
  static final class Search {
    private final Graph graph;
    private final Ops tf;
    private final Session session;
    private final UnaryOperator<Session.Runner> feed;

    /**
     * A search in what the graph computes.
     *
     * @param feed feeds what the step or the test that failed was fed with
     */
    Search(Graph graph, Session session, UnaryOperator<Session.Runner> feed) {
      this.graph = graph;
      this.tf = Operations.of(graph).withSubScope("search");
      this.session = session;
      this.feed = feed;
    }

    /**
     * Finds the variable that went first: a weight that is not finite, the first from the images
     * on; else, if the loss is finite, the gradient that the backward pass reached first; else the
     * weights of the first operation on the way forward that gave what is not finite.
     *
     * @param variables of the model, in the order of its layers
     * @param gradients of the loss at those that are trained; empty in a test
     */
    NonFinite find(
        List<Variable> variables,
        Map<Variable, Operand<TFloat32>> gradients,
        Operand<TFloat32> loss) {
      NonFinite weight = weight(variables);
      if (!weight.equals(UNKNOWN)) {
        return weight;
      }
      if (!gradients.isEmpty() && first(List.of(loss)) < 0) {
        List<Variable> backward = new ArrayList<>(variables);
        backward.removeIf(v -> !gradients.containsKey(v));
        Collections.reverse(backward);
        int gradient = first(backward.stream().<Operand<TFloat32>>map(gradients::get).toList());
        return gradient < 0
            ? UNKNOWN
            : new NonFinite(
                backward.get(gradient).name(), "the gradient of " + backward.get(gradient).name());
      }
      return operation(loss.asOutput()).orElse(UNKNOWN);
    }

    /** The first of the variables that is not finite, by itself. */
    NonFinite weight(List<Variable> variables) {
      int at = first(variables.stream().map(Variable::value).toList());
      return at < 0
          ? UNKNOWN
          : new NonFinite(variables.get(at).name(), "the weights " + variables.get(at).name());
    }

    /** The index of the first tensor with a number that is not finite, or -1. */
    private int first(List<? extends Operand<TFloat32>> tensors) {
      return firstTrue(
          tensors.stream().map(x -> any(tf.math.logicalNot(tf.math.isFinite(x)))).toList());
    }

    /** True if one of them is. */
    private Operand<TBool> any(Operand<TBool> flags) {
      return tf.reduceAny(tf.reshape(flags, tf.constant(new int[] {-1})), tf.constant(0));
    }

    private int firstTrue(List<Operand<TBool>> flags) {
      if (flags.isEmpty()) {
        return -1;
      }
      try (Result result = feed.apply(session.runner()).fetch(tf.stack(flags)).run()) {
        TBool found = (TBool) result.get(0);
        for (int i = 0; i < flags.size(); i++) {
          if (found.getBoolean(i)) {
            return i;
          }
        }
        return -1;
      }
    }

    /** Minus infinity is how a gate masks an expert, so that is no fault by itself. */
    private Optional<NonFinite> operation(Output<TFloat32> loss) {
      List<Output<TFloat32>> outputs = floats(ancestors(loss.op()));
      List<Operand<TBool>> flags = new ArrayList<>();
      for (Output<TFloat32> output : outputs) {
        Operand<TBool> below =
            tf.math.less(output, tf.constant(Float.POSITIVE_INFINITY)); // false for NaN, too
        flags.add(any(tf.math.logicalNot(below)));
      }
      int at = firstTrue(flags);
      if (at < 0) {
        return Optional.empty();
      }
      GraphOperation found = (GraphOperation) outputs.get(at).op();
      String variable = nearestVariable(found);
      String what = "what operation " + found.name() + " makes";
      return Optional.of(
          new NonFinite(variable, variable.isEmpty() ? what : what + " of " + variable));
    }

    /** The operation and all that it depends on, in the order in which they were made. */
    private List<GraphOperation> ancestors(org.tensorflow.Operation target) {
      Set<GraphOperation> found = new HashSet<>();
      Deque<GraphOperation> rest = new ArrayDeque<>(List.of((GraphOperation) target));
      while (!rest.isEmpty()) {
        GraphOperation next = rest.pop();
        if (found.add(next)) {
          next.inputs().forEach(input -> rest.push((GraphOperation) input.asOutput().op()));
        }
      }
      List<GraphOperation> ordered = new ArrayList<>();
      graph
          .operations()
          .forEachRemaining(
              operation -> {
                if (found.contains(operation)) {
                  ordered.add(operation);
                }
              });
      return ordered;
    }

    @SuppressWarnings("unchecked")
    private static List<Output<TFloat32>> floats(List<GraphOperation> operations) {
      List<Output<TFloat32>> outputs = new ArrayList<>();
      for (GraphOperation operation : operations) {
        for (int i = 0; i < operation.numOutputs(); i++) {
          Output<? extends TType> output = operation.output(i);
          if (output.dataType() == DataType.DT_FLOAT) {
            outputs.add((Output<TFloat32>) output);
          }
        }
      }
      return outputs;
    }

    /** The variable that the fewest operations lie between. */
    private static String nearestVariable(GraphOperation operation) {
      Set<GraphOperation> visited = new HashSet<>();
      Deque<GraphOperation> rest = new ArrayDeque<>(List.of(operation));
      while (!rest.isEmpty()) {
        GraphOperation next = rest.remove();
        if (next.type().equals(READ)) {
          return ((GraphOperation) next.input(0).op()).name();
        }
        if (visited.add(next)) {
          next.inputs().stream()
              .map(input -> (GraphOperation) input.asOutput().op())
              .sorted(Comparator.comparing(GraphOperation::name))
              .forEach(rest::add);
        }
      }
      return "";
    }
  }
}
