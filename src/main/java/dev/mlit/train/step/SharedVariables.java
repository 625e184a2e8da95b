package dev.mlit.train.step;

import dev.mlit.cluster.Workers;
import dev.mlit.tensorflow.Tensors;
import dev.mlit.weights.Variable;
import dev.mlit.weights.Weights;
import java.nio.FloatBuffer;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.tensorflow.Graph;
import org.tensorflow.Result;
import org.tensorflow.Session;
import org.tensorflow.types.TFloat32;

/** Gives all workers the values that variables have at the first one. */
final class SharedVariables {
  private SharedVariables() {}

  /** Shares variables; all workers must call it at once. */
  static void share(Graph graph, Session session, List<Variable> variables, Workers workers) {
    float[] sent = workers.isFirst() ? read(session, variables) : new float[count(variables)];
    FloatBuffer first = FloatBuffer.wrap(workers.first(sent));
    if (workers.isFirst()) {
      return;
    }
    Map<String, Weights.Array> values = new LinkedHashMap<>();
    for (Variable variable : variables) {
      float[] value = new float[Math.toIntExact(variable.shape().size())];
      first.get(value);
      values.put(variable.name(), new Weights.Array(variable.sizes(), value));
    }
    Weights.of(values).assign(graph, session, variables);
  }

  private static int count(List<Variable> variables) {
    return Math.toIntExact(variables.stream().mapToLong(v -> v.shape().size()).sum());
  }

  /** The values of variables, one after the other. */
  private static float[] read(Session session, List<Variable> variables) {
    // All at once: TensorFlow prunes the whole graph for whatever is fetched the first time.
    Session.Runner runner = session.runner();
    variables.forEach(variable -> runner.fetch(variable.value()));
    FloatBuffer values = FloatBuffer.allocate(count(variables));
    try (Result result = runner.run()) {
      for (int i = 0; i < variables.size(); i++) {
        values.put(Tensors.floats((TFloat32) result.get(i)));
      }
    }
    return values.array();
  }
}
