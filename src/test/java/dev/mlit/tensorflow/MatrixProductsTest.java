package dev.mlit.tensorflow;

import static org.assertj.core.api.Assertions.assertThat;

import dev.mlit.model.RandomModels;
import dev.mlit.model.VisionTransformer;
import dev.mlit.spec.ImageShape;
import dev.mlit.spec.ModelCost;
import dev.mlit.spec.ModelSpec;
import dev.mlit.spec.Presets;
import dev.mlit.weights.Variables;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.tensorflow.Graph;
import org.tensorflow.GraphOperation;
import org.tensorflow.Operation;
import org.tensorflow.ndarray.Shape;
import org.tensorflow.op.core.Placeholder;
import org.tensorflow.types.TFloat32;

/**
 * The multiply-accumulates that {@link ModelCost} computes from a description, against those of the
 * matrix products of the graph that runs for one image. If this fails, a user chooses a model by a
 * speed that it does not have.
 *
 * <p>Counted is every matrix product, those of the gates and of attention among them. Not counted,
 * here and there, is everything else: biases, norms, softmax, SiLU, the products of gates, values
 * and experts number by number, the choice of experts; and the noise of the gates, which runs only
 * while training.
 */
class MatrixProductsTest {
  /**
   * Every operation of TensorFlow that multiplies matrices or folds, whether mlit uses it or not.
   */
  private static final Pattern PRODUCTS =
      Pattern.compile(".*(MatMul|Einsum|TensorDot|Conv|Attention).*");

  private static final Pattern PART =
      Pattern.compile("(patch_embedding|encoder/block_\\d+|encoder/norm|head)/.*");

  static {
    Sessions.load();
  }

  static List<ModelSpec> presets() {
    return List.of(Presets.mlitXxs(), Presets.mlitXs(), Presets.mlitS());
  }

  @ParameterizedTest
  @MethodSource("presets")
  void presetsDoTheProductsThatTheirCostSays(ModelSpec preset) {
    agrees(preset);
    agrees(preset.toBuilder().image(28, 28, 1).patch(4).classes(10).build());
  }

  @Property(tries = 10)
  void modelsDoTheProductsThatTheirCostSays(@ForAll Random random) {
    agrees(RandomModels.draw(random));
  }

  /** Part by part, so that two errors cannot make up for each other. */
  private static void agrees(ModelSpec spec) {
    Map<String, Long> expected = new LinkedHashMap<>();
    ModelCost cost = ModelCost.of(spec);
    cost.rows().forEach(row -> expected.put(row.name(), row.macs()));
    Map<String, Long> counted = count(spec);
    assertThat(counted).as("%s", spec).containsExactlyInAnyOrderEntriesOf(expected);
    assertThat(counted.values().stream().mapToLong(Long::longValue).sum()).isEqualTo(cost.macs());
  }

  private static Map<String, Long> count(ModelSpec spec) {
    Map<String, Long> macs = new LinkedHashMap<>();
    ModelCost.of(spec).rows().forEach(row -> macs.put(row.name(), 0L));
    try (Graph graph = new Graph()) {
      VisionTransformer model = new VisionTransformer(graph, spec, Variables.restored(graph));
      ImageShape image = spec.image();
      Shape one = Shape.of(1, image.height(), image.width(), image.channels());
      VisionTransformer.Inference inference =
          model.infer(Operations.of(graph).placeholder(TFloat32.class, Placeholder.shape(one)));
      Set<GraphOperation> all = new LinkedHashSet<>();
      // All tokens: the way to the logits alone leaves out what they do not need.
      leadingTo(inference.tokens().op(), all);
      graph.operations().forEachRemaining(o -> addIfOfHead(o, all));
      for (GraphOperation operation : all) {
        if (PRODUCTS.matcher(operation.type()).matches()) {
          macs.merge(part(operation), macs(operation), Long::sum);
        }
      }
    }
    return macs;
  }

  private static void leadingTo(Operation operation, Set<GraphOperation> found) {
    if (found.add((GraphOperation) operation)) {
      for (int i = 0; i < ((GraphOperation) operation).numInputs(); i++) {
        leadingTo(((GraphOperation) operation).input(i).op(), found);
      }
    }
  }

  private static void addIfOfHead(GraphOperation operation, Set<GraphOperation> found) {
    if (operation.name().startsWith("head/")) {
      found.add(operation);
    }
  }

  private static String part(Operation operation) {
    Matcher matcher = PART.matcher(operation.name());
    assertThat(matcher.matches()).as("%s belongs to a part", operation.name()).isTrue();
    return matcher.group(1);
  }

  /** Every number of the result is a sum over the dimension that both sides share. */
  private static long macs(GraphOperation product) {
    Shape left = product.input(0).shape();
    Shape result = product.output(0).shape();
    boolean transposed;
    switch (product.type()) {
      case "MatMul" -> transposed = product.attributes().getAttrBool("transpose_a");
      case "BatchMatMulV2" -> transposed = product.attributes().getAttrBool("adj_x");
      default -> throw new AssertionError(product.type() + ": how many products is that?");
    }
    assertThat(left.hasUnknownDimension() || result.hasUnknownDimension())
        .as("%s: %s to %s", product.name(), left, result)
        .isFalse();
    return result.size() * left.get(left.numDimensions() - (transposed ? 2 : 1));
  }
}
