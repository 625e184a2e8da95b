package dev.mlit.graph;

import static java.util.stream.Collectors.toSet;

import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import org.tensorflow.proto.AttrValue;
import org.tensorflow.proto.DataType;
import org.tensorflow.proto.FunctionDef;
import org.tensorflow.proto.FunctionDefLibrary;
import org.tensorflow.proto.NodeDef;
import org.tensorflow.proto.OpDef;

/**
 * Operations and functions of a graph in which every variable has become its value: what took a
 * resource takes a float32 tensor, and what read it hands it on.
 */
final class FrozenFunctions {
  private static final String READ = "ReadVariableOp";

  /**
   * The output of {@code ReadVariableOp} and of {@code Identity}, as inputs in functions say it.
   */
  private static final String READ_OUTPUT = ":value:0";

  private static final String IDENTITY_OUTPUT = ":output:0";

  private final Map<String, FunctionDef> originals = new HashMap<>();
  private final Map<String, FunctionDef> frozen = new LinkedHashMap<>();

  FrozenFunctions(FunctionDefLibrary library) {
    library.getFunctionList().forEach(f -> originals.put(f.getSignature().getName(), f));
  }

  /** The functions that the frozen operations call, and those that these call. */
  FunctionDefLibrary frozen() {
    return FunctionDefLibrary.newBuilder().addAllFunction(frozen.values()).build();
  }

  /** Freezes an operation, and the functions that it calls. */
  NodeDef freeze(NodeDef node) {
    NodeDef.Builder copy = node.toBuilder();
    if (node.getOp().equals(READ)) {
      return copy.setOp("Identity")
          .clearAttr()
          .putAttr("T", AttrValue.newBuilder().setType(DataType.DT_FLOAT).build())
          .build();
    }
    // Says which inputs are resources.
    copy.removeAttr("_read_only_resource_inputs");
    node.getAttrMap()
        .forEach(
            (name, value) -> {
              if (value.hasList()) {
                copy.putAttr(name, freeze(value));
              } else if (value.hasFunc()) {
                call(value.getFunc().getName());
              }
            });
    call(node.getOp());
    return copy.build();
  }

  private static AttrValue freeze(AttrValue list) {
    AttrValue.Builder copy = list.toBuilder();
    for (int i = 0; i < list.getList().getTypeCount(); i++) {
      copy.getListBuilder().setType(i, freeze(list.getList().getType(i)));
    }
    return copy.build();
  }

  private static DataType freeze(DataType type) {
    return type == DataType.DT_RESOURCE ? DataType.DT_FLOAT : type;
  }

  private void call(String name) {
    FunctionDef original = originals.remove(name);
    if (original != null) {
      frozen.put(name, freeze(original));
    }
  }

  private FunctionDef freeze(FunctionDef function) {
    Set<String> reads =
        function.getNodeDefList().stream()
            .filter(node -> node.getOp().equals(READ))
            .map(node -> node.getName() + READ_OUTPUT)
            .collect(toSet());
    FunctionDef.Builder copy = function.toBuilder();
    // What is said of the arguments is said of resources.
    copy.clearArgAttr().clearResourceArgUniqueId().clearNodeDef().clearRet();
    for (OpDef.ArgDef.Builder input : copy.getSignatureBuilder().getInputArgBuilderList()) {
      input.setType(freeze(input.getType())).clearHandleData();
    }
    for (NodeDef node : function.getNodeDefList()) {
      NodeDef.Builder body = freeze(node).toBuilder();
      for (int i = 0; i < body.getInputCount(); i++) {
        body.setInput(i, input(body.getInput(i), reads));
      }
      copy.addNodeDef(body);
    }
    function.getRetMap().forEach((output, value) -> copy.putRet(output, input(value, reads)));
    return copy.build();
  }

  private static String input(String name, Set<String> reads) {
    return reads.contains(name) ? name.replace(READ_OUTPUT, IDENTITY_OUTPUT) : name;
  }
}
