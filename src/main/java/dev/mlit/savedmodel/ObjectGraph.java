package dev.mlit.savedmodel;

import dev.mlit.weights.CheckpointKeys;
import dev.mlit.weights.Variable;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.tensorflow.proto.DataType;
import org.tensorflow.proto.SavedObjectGraphOuterClass.FunctionSpec;
import org.tensorflow.proto.SavedObjectGraphOuterClass.SavedBareConcreteFunction;
import org.tensorflow.proto.SavedObjectGraphOuterClass.SavedConcreteFunction;
import org.tensorflow.proto.SavedObjectGraphOuterClass.SavedObject;
import org.tensorflow.proto.SavedObjectGraphOuterClass.SavedObjectGraph;
import org.tensorflow.proto.SavedObjectGraphOuterClass.SavedUserObject;
import org.tensorflow.proto.SavedObjectGraphOuterClass.SavedVariable;
import org.tensorflow.proto.Struct.DictValue;
import org.tensorflow.proto.Struct.ListValue;
import org.tensorflow.proto.Struct.NamedTupleValue;
import org.tensorflow.proto.Struct.NoneValue;
import org.tensorflow.proto.Struct.PairValue;
import org.tensorflow.proto.Struct.StructuredValue;
import org.tensorflow.proto.Struct.TensorSpecProto;
import org.tensorflow.proto.Struct.TupleValue;
import org.tensorflow.proto.TensorInfo;
import org.tensorflow.proto.TensorShapeProto;
import org.tensorflow.proto.TrackableObjectGraphOuterClass.TrackableObjectGraph;
import org.tensorflow.proto.TrackableObjectGraphOuterClass.TrackableObjectGraph.TrackableObject;
import org.tensorflow.proto.TrackableObjectGraphOuterClass.TrackableObjectGraph.TrackableObject.ObjectReference;
import org.tensorflow.proto.VersionDef;

/**
 * The objects that Python's TensorFlow 2 makes of a SavedModel: a tree of variables by the parts of
 * their names, so that {@code encoder/norm/scale} is {@code model.encoder.norm.scale}, the lists
 * {@code variables} and {@code trainable_variables}, and the signatures. Without it Python has one
 * frozen graph, whose variables no {@code tf.distribute} strategy can place and no {@code
 * tf.train.Checkpoint} can name.
 *
 * <p>What the loader asks for is in {@code tensorflow/python/saved_model/load.py} and {@code
 * function_deserialization.py}; the messages are those of {@code saved_object_graph.proto} and
 * {@code trackable_object_graph.proto}.
 */
final class ObjectGraph {
  private static final StructuredValue NONE =
      StructuredValue.newBuilder().setNoneValue(NoneValue.getDefaultInstance()).build();

  private final List<SavedObject.Builder> nodes = new ArrayList<>();
  private final Map<String, Integer> byPath = new LinkedHashMap<>();
  private final Map<String, SavedConcreteFunction> functions = new LinkedHashMap<>();

  ObjectGraph(List<Variable> variables, List<SignatureFunction> signatures) {
    int root = add(user("_generic_user_object"));
    byPath.put("", root);
    int list = add(user("trackable_list_wrapper"));
    refer(root, "variables", list);
    refer(root, "trainable_variables", list);
    for (int i = 0; i < variables.size(); i++) {
      refer(list, Integer.toString(i), addVariable(variables.get(i)));
    }
    int map = add(user("signature_map"));
    refer(root, "signatures", map);
    for (SignatureFunction signature : signatures) {
      refer(
          map,
          signature.key(),
          add(SavedObject.newBuilder().setBareConcreteFunction(bare(signature))));
      functions.put(signature.name(), concrete(signature));
    }
  }

  /** For the field {@code object_graph_def} of a graph. */
  SavedObjectGraph saved() {
    SavedObjectGraph.Builder graph =
        SavedObjectGraph.newBuilder().putAllConcreteFunctions(functions);
    nodes.forEach(graph::addNodes);
    return graph.build();
  }

  /** For the files of the variables: which tensor is which object's. */
  TrackableObjectGraph trackable() {
    TrackableObjectGraph.Builder graph = TrackableObjectGraph.newBuilder();
    for (SavedObject.Builder node : nodes) {
      TrackableObject.Builder object =
          TrackableObject.newBuilder().addAllChildren(node.getChildrenList());
      if (node.hasVariable()) {
        object
            .addAttributesBuilder()
            .setName(CheckpointKeys.ATTRIBUTE)
            .setFullName(node.getVariable().getName())
            .setCheckpointKey(CheckpointKeys.of(node.getVariable().getName()));
      }
      graph.addNodes(object);
    }
    return graph.build();
  }

  /** The shape of a variable. */
  static TensorShapeProto shape(Variable variable) {
    TensorShapeProto.Builder shape = TensorShapeProto.newBuilder();
    variable.sizes().forEach(size -> shape.addDim(TensorShapeProto.Dim.newBuilder().setSize(size)));
    return shape.build();
  }

  private int add(SavedObject.Builder node) {
    nodes.add(node);
    return nodes.size() - 1;
  }

  private void refer(int parent, String name, int child) {
    nodes.get(parent).addChildren(ObjectReference.newBuilder().setLocalName(name).setNodeId(child));
  }

  private int addVariable(Variable variable) {
    return attach(
        variable.name(),
        SavedObject.newBuilder()
            .setVariable(
                SavedVariable.newBuilder()
                    .setDtype(DataType.DT_FLOAT)
                    .setShape(shape(variable))
                    .setTrainable(true)
                    .setName(variable.name())));
  }

  /** The object of a path such as {@code encoder/norm}, made if there is none yet. */
  private int module(String path) {
    Integer known = byPath.get(path);
    return known == null ? attach(path, user("_generic_user_object")) : known;
  }

  /** Adds an object at a path, under the last part of it. */
  private int attach(String path, SavedObject.Builder object) {
    int node = add(object);
    byPath.put(path, node);
    int end = path.lastIndexOf('/');
    refer(module(path.substring(0, Math.max(0, end))), path.substring(end + 1), node);
    return node;
  }

  private static SavedObject.Builder user(String identifier) {
    return SavedObject.newBuilder()
        .setUserObject(
            SavedUserObject.newBuilder()
                .setIdentifier(identifier)
                .setVersion(VersionDef.newBuilder().setProducer(1).setMinConsumer(1)));
  }

  /** How Python calls the function: by keywords, by position where there is one input only. */
  private static SavedBareConcreteFunction bare(SignatureFunction signature) {
    return SavedBareConcreteFunction.newBuilder()
        .setConcreteFunctionName(signature.name())
        .addAllArgumentKeywords(signature.inputs().keySet())
        .setAllowedPositionalArguments(signature.inputs().size() == 1 ? 1 : 0)
        .setFunctionSpec(
            FunctionSpec.newBuilder().setFullargspec(arguments(signature)).setInputSignature(NONE))
        .build();
  }

  /** Python's {@code inspect.FullArgSpec} of a function that takes keywords only. */
  private static StructuredValue arguments(SignatureFunction signature) {
    ListValue.Builder keywords = ListValue.newBuilder();
    signature
        .inputs()
        .keySet()
        .forEach(name -> keywords.addValues(StructuredValue.newBuilder().setStringValue(name)));
    return StructuredValue.newBuilder()
        .setNamedTupleValue(
            NamedTupleValue.newBuilder()
                .setName("FullArgSpec")
                .addValues(pair("args", list(ListValue.newBuilder())))
                .addValues(pair("varargs", NONE))
                .addValues(pair("varkw", NONE))
                .addValues(pair("defaults", NONE))
                .addValues(pair("kwonlyargs", list(keywords)))
                .addValues(pair("kwonlydefaults", NONE))
                .addValues(pair("annotations", tensors(Map.of()))))
        .build();
  }

  private SavedConcreteFunction concrete(SignatureFunction signature) {
    SavedConcreteFunction.Builder function =
        SavedConcreteFunction.newBuilder()
            .setCanonicalizedInputSignature(tuple(tuple(), tensors(signature.inputs())))
            .setOutputSignature(tensors(signature.outputs()));
    for (Variable variable : signature.bound()) {
      function.addBoundInputs(Objects.requireNonNull(byPath.get(variable.name()), variable.name()));
    }
    return function.build();
  }

  private static PairValue pair(String key, StructuredValue value) {
    return PairValue.newBuilder().setKey(key).setValue(value).build();
  }

  private static StructuredValue list(ListValue.Builder values) {
    return StructuredValue.newBuilder().setListValue(values).build();
  }

  private static StructuredValue tuple(StructuredValue... values) {
    return StructuredValue.newBuilder()
        .setTupleValue(TupleValue.newBuilder().addAllValues(List.of(values)))
        .build();
  }

  private static StructuredValue tensors(Map<String, TensorInfo> tensors) {
    DictValue.Builder fields = DictValue.newBuilder();
    tensors.forEach(
        (name, tensor) ->
            fields.putFields(
                name,
                StructuredValue.newBuilder()
                    .setTensorSpecValue(
                        TensorSpecProto.newBuilder()
                            .setName(name)
                            .setShape(tensor.getTensorShape())
                            .setDtype(tensor.getDtype()))
                    .build()));
    return StructuredValue.newBuilder().setDictValue(fields).build();
  }
}
