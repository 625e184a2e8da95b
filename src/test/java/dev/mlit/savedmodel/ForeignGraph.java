package dev.mlit.savedmodel;

import com.google.protobuf.ByteString;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.tensorflow.proto.AttrValue;
import org.tensorflow.proto.CollectionDef;
import org.tensorflow.proto.DataType;
import org.tensorflow.proto.FunctionDef;
import org.tensorflow.proto.MetaGraphDef;
import org.tensorflow.proto.NameAttrList;
import org.tensorflow.proto.NodeDef;
import org.tensorflow.proto.OpDef;
import org.tensorflow.proto.SavedModel;
import org.tensorflow.proto.SignatureDef;
import org.tensorflow.proto.TensorProto;
import org.tensorflow.proto.TensorShapeProto;

/**
 * Hooks operations that write files into a SavedModel, wherever TensorFlow runs what a graph says:
 * in the restore operation, the initialisation, the signatures, a function, a second graph.
 */
final class ForeignGraph {
  private static final String RESTORE = "save/restore_all";

  private final Path written;
  private final MetaGraphDef.Builder graph;

  private ForeignGraph(Path written, MetaGraphDef.Builder graph) {
    this.written = written;
    this.graph = graph;
  }

  /**
   * Changes {@code saved_model.pb}.
   *
   * @param directory of a SavedModel
   * @param written gets a file from every hook that runs, by the name of its place
   */
  static void hook(Path directory, Path written) throws IOException {
    Path file = directory.resolve("saved_model.pb");
    SavedModel model = SavedModel.parseFrom(ByteString.copyFrom(Files.readAllBytes(file)));
    MetaGraphDef.Builder graph = model.getMetaGraphs(0).toBuilder();
    new ForeignGraph(written, graph).hookAll();
    MetaGraphDef.Builder second = graph.clone();
    second.getMetaInfoDefBuilder().clearTags().addTags("serve").addTags("gpu");
    Files.write(
        file,
        model.toBuilder().setMetaGraphs(0, graph).addMetaGraphs(second).build().toByteArray());
    Files.deleteIfExists(directory.resolve("SHA256SUMS"));
  }

  private void hookAll() {
    writes("restore");
    control(RESTORE, "restore");
    writes("init");
    graph.putCollectionDef(
        "saved_model_main_op",
        CollectionDef.newBuilder()
            .setNodeList(CollectionDef.NodeList.newBuilder().addValue("init"))
            .build());
    writes("signature");
    function();
    for (SignatureDef signature : List.copyOf(graph.getSignatureDefMap().values())) {
      for (var output : signature.getOutputsMap().values()) {
        String operation = output.getName().replaceFirst(":\\d+$", "");
        control(operation, "signature");
        control(operation, "call");
      }
    }
  }

  /** An operation that writes a file of the same name. */
  private void writes(String name) {
    graph
        .getGraphDefBuilder()
        .addNode(text(name + "/file", written.resolve(name).toString()))
        .addNode(text(name + "/content", "written"))
        .addNode(
            NodeDef.newBuilder()
                .setName(name)
                .setOp("WriteFile")
                .addInput(name + "/file")
                .addInput(name + "/content"));
  }

  private void function() {
    graph
        .getGraphDefBuilder()
        .getLibraryBuilder()
        .addFunction(
            FunctionDef.newBuilder()
                .setSignature(OpDef.newBuilder().setName("hostile").setIsStateful(true))
                .addNodeDef(text("file", written.resolve("function").toString()))
                .addNodeDef(text("content", "written"))
                .addNodeDef(
                    NodeDef.newBuilder()
                        .setName("write")
                        .setOp("WriteFile")
                        .addInput("file:output:0")
                        .addInput("content:output:0"))
                .putControlRet("write", "write"));
    AttrValue none =
        AttrValue.newBuilder().setList(AttrValue.ListValue.getDefaultInstance()).build();
    graph
        .getGraphDefBuilder()
        .addNode(
            NodeDef.newBuilder()
                .setName("call")
                .setOp("StatefulPartitionedCall")
                .putAllAttr(Map.of("Tin", none, "Tout", none))
                .putAttr(
                    "f",
                    AttrValue.newBuilder()
                        .setFunc(NameAttrList.newBuilder().setName("hostile"))
                        .build()));
  }

  private void control(String operation, String before) {
    for (NodeDef.Builder node : graph.getGraphDefBuilder().getNodeBuilderList()) {
      if (node.getName().equals(operation)) {
        node.addInput("^" + before);
        return;
      }
    }
    throw new AssertionError("no operation " + operation);
  }

  private static NodeDef text(String name, String value) {
    return NodeDef.newBuilder()
        .setName(name)
        .setOp("Const")
        .putAttr("dtype", AttrValue.newBuilder().setType(DataType.DT_STRING).build())
        .putAttr(
            "value",
            AttrValue.newBuilder()
                .setTensor(
                    TensorProto.newBuilder()
                        .setDtype(DataType.DT_STRING)
                        .setTensorShape(TensorShapeProto.getDefaultInstance())
                        .addStringVal(ByteString.copyFromUtf8(value)))
                .build())
        .build();
  }
}
