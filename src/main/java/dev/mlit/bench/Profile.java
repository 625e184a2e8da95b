package dev.mlit.bench;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import java.util.regex.Pattern;
import org.tensorflow.proto.DeviceStepStats;
import org.tensorflow.proto.NodeExecStats;
import org.tensorflow.proto.StepStats;

/**
 * Where the time of a step goes, from TensorFlow's own step statistics: the times of operations,
 * which may run beside each other, so that their sum may exceed the step's.
 *
 * @param totalMs of all operations
 * @param byLayer blocks taken together, the slowest layer first
 * @param byOperation the slowest type of operation first
 * @since 0.1.0
 */
public record Profile(double totalMs, List<Part> byLayer, List<Part> byOperation) {
  private static final Pattern BLOCK = Pattern.compile("block_\\d+");
  private static final Pattern TYPE = Pattern.compile(".* = (\\w+)\\(.*", Pattern.DOTALL);

  /**
   * A part of the step.
   *
   * @param name of a layer or of a type of operation
   * @param ms of its operations
   * @param share of the total
   * @param count of its operations
   */
  public record Part(String name, double ms, double share, int count) {}

  public Profile {
    byLayer = List.copyOf(byLayer);
    byOperation = List.copyOf(byOperation);
  }

  static Profile of(StepStats stats) {
    List<NodeExecStats> nodes = new ArrayList<>();
    for (DeviceStepStats device : stats.getDevStatsList()) {
      nodes.addAll(device.getNodeStatsList());
    }
    double total = nodes.stream().mapToDouble(Profile::millis).sum();
    return new Profile(
        total, parts(nodes, total, Profile::layer), parts(nodes, total, Profile::operation));
  }

  private static List<Part> parts(
      List<NodeExecStats> nodes, double total, Function<NodeExecStats, String> name) {
    Map<String, Double> millis = new HashMap<>();
    Map<String, Integer> counts = new HashMap<>();
    for (NodeExecStats node : nodes) {
      millis.merge(name.apply(node), millis(node), Double::sum);
      counts.merge(name.apply(node), 1, Integer::sum);
    }
    return millis.entrySet().stream()
        .map(
            e ->
                new Part(
                    e.getKey(),
                    e.getValue(),
                    e.getValue() / total,
                    counts.getOrDefault(e.getKey(), 0)))
        .sorted(Comparator.comparingDouble(Part::ms).reversed())
        .toList();
  }

  private static double millis(NodeExecStats node) {
    return (node.getOpEndRelMicros() - node.getOpStartRelMicros()) / 1e3;
  }

  /** {@code encoder/block_3/moe/gate/MatMul_1} is of the layer {@code encoder/block/moe/gate}. */
  private static String layer(NodeExecStats node) {
    String name = node.getNodeName();
    int end = name.lastIndexOf('/');
    return end < 0 ? "(other)" : BLOCK.matcher(name.substring(0, end)).replaceAll("block");
  }

  /** The label reads {@code name = Type(inputs)}. */
  private static String operation(NodeExecStats node) {
    String label = node.getTimelineLabel();
    return TYPE.matcher(label).matches() ? TYPE.matcher(label).replaceAll("$1") : "(other)";
  }
}
