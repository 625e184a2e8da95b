package dev.mlit.savedmodel;

import dev.mlit.weights.Variable;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.tensorflow.ConcreteFunction;
import org.tensorflow.Graph;
import org.tensorflow.Signature;
import org.tensorflow.proto.AttrValue;
import org.tensorflow.proto.DataType;
import org.tensorflow.proto.FunctionDef;
import org.tensorflow.proto.NodeDef;
import org.tensorflow.proto.OpDef;
import org.tensorflow.proto.ResourceHandleProto;
import org.tensorflow.proto.SignatureDef;
import org.tensorflow.proto.TensorInfo;
import org.tensorflow.proto.TensorShapeProto;

/**
 * A signature as a function, which is how Python's TensorFlow 2 calls it: a copy of the operations
 * between its inputs and its outputs, into which the handles of the variables go after the inputs.
 *
 * @param key the name of the signature
 * @param inputs what is fed, by name and in the order of the names
 * @param outputs what comes out, by name and in the order of the names
 * @param bound all variables of the model, in the order of their handles
 * @param definition the function
 */
record SignatureFunction(
    String key,
    Map<String, TensorInfo> inputs,
    Map<String, TensorInfo> outputs,
    List<Variable> bound,
    FunctionDef definition) {

  /** Copies the operations of a signature out of the graph, which stays as it is. */
  static SignatureFunction of(
      Graph graph, String key, SignatureDef signature, List<Variable> variables) {
    // Python takes inputs and outputs in the order of their names.
    Map<String, TensorInfo> inputs = new TreeMap<>(signature.getInputsMap());
    Map<String, TensorInfo> outputs = new TreeMap<>(signature.getOutputsMap());
    // Those that it does not use too: Keras saves the variables of a signature and no others.
    List<Variable> bound = List.copyOf(variables);
    Signature.Builder whole = Signature.builder().key(key).methodName(signature.getMethodName());
    inputs.forEach((name, tensor) -> whole.input(name, graph.outputOrThrow(tensor.getName())));
    bound.forEach(variable -> whole.input(variable.name(), variable.handle()));
    outputs.forEach((name, tensor) -> whole.output(name, graph.outputOrThrow(tensor.getName())));
    try (ConcreteFunction function = ConcreteFunction.create(whole.build(), graph)) {
      FunctionDef definition = described(function.getFunctionDef(), "mlit_" + key, inputs, bound);
      return new SignatureFunction(key, inputs, outputs, bound, inOrder(definition, graph));
    }
  }

  /** The name of the function. */
  String name() {
    return definition.getSignature().getName();
  }

  /** Adds what Python infers shapes from, which it does not do through a handle by itself. */
  private static FunctionDef described(
      FunctionDef plain, String name, Map<String, TensorInfo> inputs, List<Variable> bound) {
    FunctionDef.Builder definition = plain.toBuilder();
    OpDef.Builder signature = definition.getSignatureBuilder().setName(name);
    AttrValue.ListValue.Builder shapes = AttrValue.ListValue.newBuilder();
    inputs.values().forEach(tensor -> shapes.addShape(tensor.getTensorShape()));
    for (int i = 0; i < bound.size(); i++) {
      shapes.addShape(TensorShapeProto.getDefaultInstance());
      signature
          .getInputArgBuilder(inputs.size() + i)
          .addHandleData(
              ResourceHandleProto.DtypeAndShape.newBuilder()
                  .setDtype(DataType.DT_FLOAT)
                  .setShape(ObjectGraph.shape(bound.get(i))));
    }
    return definition
        .putAttr("_input_shapes", AttrValue.newBuilder().setList(shapes).build())
        .build();
  }

  /**
   * With the operations as the graph has them, as TensorFlow Java's order differs from run to run;
   * last are those that were renamed because an output has their name.
   */
  private static FunctionDef inOrder(FunctionDef definition, Graph graph) {
    Map<String, NodeDef> left = new TreeMap<>();
    definition.getNodeDefList().forEach(node -> left.put(node.getName(), node));
    List<NodeDef> ordered = new ArrayList<>();
    graph
        .operations()
        .forEachRemaining(
            operation -> {
              NodeDef node = left.remove(operation.name());
              if (node != null) {
                ordered.add(node);
              }
            });
    ordered.addAll(left.values());
    return definition.toBuilder().clearNodeDef().addAllNodeDef(ordered).build();
  }
}
