package dev.mlit.weights;

import com.google.protobuf.ByteString;
import dev.mlit.files.ModelLayout;
import dev.mlit.spec.ModelSpec;
import dev.mlit.spec.SpecChange;
import dev.mlit.spec.Specs;
import java.nio.file.Path;
import java.util.List;
import org.tensorflow.proto.CollectionDef;
import org.tensorflow.proto.MetaGraphDef;

/**
 * The description that a graph was made from, in the collection {@code mlit_spec} of a {@code
 * saved_model.pb}. Two models may have the same variables and signatures and differ all the same,
 * such as in how many experts a token goes to: the graph then computes what it was made for, and a
 * model made from {@code spec.yaml} something else.
 *
 * @since 0.1.0
 */
public final class GraphSpec {
  private static final String COLLECTION = "mlit_spec";

  private GraphSpec() {}

  /** Puts the description of a model with its graph. */
  public static void put(MetaGraphDef.Builder graph, ModelSpec spec) {
    graph.putCollectionDef(
        COLLECTION,
        CollectionDef.newBuilder()
            .setBytesList(
                CollectionDef.BytesList.newBuilder()
                    .addValue(ByteString.copyFromUtf8(Specs.yaml(spec))))
            .build());
  }

  /**
   * Everything in which a description is not that of the graph, its name aside. Empty, too, for a
   * graph without a description: {@code tf.saved_model.save} leaves the collection out.
   *
   * @param directory of the SavedModel
   */
  static List<String> problems(Path directory, MetaGraphDef graph, ModelSpec spec) {
    CollectionDef collection = graph.getCollectionDefMap().get(COLLECTION);
    if (collection == null || collection.getBytesList().getValueCount() != 1) {
      return List.of();
    }
    String yaml = collection.getBytesList().getValue(0).toStringUtf8();
    ModelSpec made = Specs.modelOf(yaml, directory.resolve(ModelLayout.GRAPH) + ": " + COLLECTION);
    return SpecChange.between(made, spec).stream()
        .filter(change -> !change.field().equals("name"))
        .map(
            change ->
                "spec.yaml has "
                    + change.field()
                    + ": "
                    + SpecChange.text(change.after())
                    + ", must be "
                    + SpecChange.text(change.before())
                    + " as when the graph was made; train and export again for another model")
        .toList();
  }
}
