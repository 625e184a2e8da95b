package dev.mlit.model;

import dev.mlit.model.InferenceGraph.Value;
import dev.mlit.spec.ModelSpec;
import dev.mlit.tensorflow.CompileOptions;
import dev.mlit.tensorflow.FrozenGraph;
import dev.mlit.tensorflow.Operations;
import dev.mlit.tensorflow.Sessions;
import dev.mlit.weights.Variables;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.tensorflow.Graph;
import org.tensorflow.Operand;
import org.tensorflow.Session;
import org.tensorflow.op.Ops;
import org.tensorflow.op.core.Placeholder;
import org.tensorflow.types.TFloat32;

/**
 * A second graph of a model for one image at a time, which all threads work at: see {@link
 * TokenLanes}. Lower latency for one image, less throughput for many, which are faster with a
 * thread each.
 */
final class SingleImageGraph implements AutoCloseable {
  private final Graph graph;
  private final Session session;

  private SingleImageGraph(Graph graph, int threads, CompileOptions options) {
    this.graph = graph;
    this.session = Sessions.openAsBuilt(graph, threads, options);
  }

  /**
   * Makes the graph, the weights constants in it.
   *
   * @param weights a frozen graph of the model
   * @param threads that compute; 0 for one per core
   * @param options that operations are chosen by
   * @return null where it would be no faster
   */
  static @Nullable SingleImageGraph of(
      ModelSpec spec, Graph weights, int threads, CompileOptions options) {
    int lanes = TokenLanes.count(Sessions.computing(threads), spec.tokens());
    if (lanes == 1 || options.gpu()) {
      return null;
    }
    try (Graph graph = new Graph()) {
      Ops tf = Operations.of(graph);
      Placeholder<TFloat32> images = InferenceGraph.images(tf, spec);
      VisionTransformer.Classes classes =
          new VisionTransformer(graph, spec, Variables.restored(graph), options)
              .inferInParts(images, lanes);
      Map<Value, Operand<TFloat32>> outputs = new EnumMap<>(Value.class);
      outputs.put(Value.LOGITS, classes.logits());
      outputs.put(Value.PROBABILITIES, classes.probabilities());
      outputs.put(Value.FEATURES, classes.features());
      List<String> names = new ArrayList<>();
      outputs.forEach(
          (value, output) -> {
            names.add(value.tensor());
            tf.withName(value.tensor()).identity(output);
          });
      Graph frozen = FrozenGraph.of(graph.toGraphDef(), weights, names);
      return new SingleImageGraph(frozen, threads, options);
    }
  }

  Session.Runner runner(Value value, TFloat32 image) {
    return session.runner().feed(InferenceGraph.IMAGES, image).fetch(value.tensor());
  }

  @Override
  public void close() {
    session.close();
    graph.close();
  }
}
