package dev.mlit.spec;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The workers that train a run together, and which of them this process is. In TensorFlow's
 * convention every one of them finds it in its environment, as {@code TF_CONFIG}: {@code
 * {"cluster": {"worker": ["host:port", ...]}, "task": {"type": "worker", "index": 0}}}. A cluster
 * may have one {@code chief}, which is the first worker then.
 *
 * @param workers the address of every worker, {@code host:port}; at least one, each once
 * @param index this worker, from 0; the first one writes checkpoints, logs and the export
 * @since 0.1.0
 */
public record ClusterSpec(List<String> workers, int index) {
  /** The environment variable. */
  public static final String VARIABLE = "TF_CONFIG";

  private static final String WORKER = "worker";
  private static final String CHIEF = "chief";
  private static final int LARGEST_PORT = 65_535;
  private static final String EXAMPLE =
      "such as {\"cluster\": {\"worker\": [\"10.0.0.1:2222\", \"10.0.0.2:2222\"]}, \"task\":"
          + " {\"type\": \"worker\", \"index\": 0}}";

  /**
   * A cluster.
   *
   * @throws InvalidInputException if there is no worker, an address is not {@code host:port} or
   *     occurs twice, or the index is out of range
   */
  public ClusterSpec {
    workers = List.copyOf(workers);
    requireAddresses(workers);
    if (index < 0 || index >= workers.size()) {
      throw new InvalidInputException(
          VARIABLE
              + ": task.index "
              + index
              + " must be from 0 to "
              + (workers.size() - 1)
              + ", the cluster has "
              + workers.size()
              + (workers.size() == 1 ? " worker" : " workers"));
    }
  }

  /**
   * Reads the cluster from the environment variable.
   *
   * @return empty if it is not set, or names no other worker: this process then trains by itself
   * @throws InvalidInputException if its value does not describe a cluster
   */
  public static Optional<ClusterSpec> of(Map<String, String> environment) {
    String json = environment.getOrDefault(VARIABLE, "");
    if (json.isBlank()) {
      return Optional.empty();
    }
    return Optional.of(parse(json)).filter(cluster -> cluster.workers.size() > 1);
  }

  /** As {@link #of}, of the variable's text. */
  static ClusterSpec parse(String json) {
    JsonNode config;
    try {
      config = JsonMapper.builder().build().readTree(json);
    } catch (JsonProcessingException e) {
      throw invalid("must be JSON, " + EXAMPLE + "; " + e.getOriginalMessage());
    }
    JsonNode cluster = config.path("cluster");
    if (!cluster.isObject() || cluster.isEmpty()) {
      throw invalid("must have cluster, " + EXAMPLE);
    }
    cluster
        .fieldNames()
        .forEachRemaining(
            job -> {
              if (!job.equals(WORKER) && !job.equals(CHIEF)) {
                throw invalid(
                    "cluster."
                        + job
                        + " must be left out: mlit trains with worker and chief alone");
              }
            });
    List<String> chiefs = addresses(cluster, CHIEF);
    if (chiefs.size() > 1) {
      throw invalid("cluster.chief has " + chiefs.size() + " addresses, must have one");
    }
    List<String> workers = new ArrayList<>(chiefs);
    workers.addAll(addresses(cluster, WORKER));
    return new ClusterSpec(workers, index(config.path("task"), chiefs.size()));
  }

  private static List<String> addresses(JsonNode cluster, String job) {
    JsonNode list = cluster.get(job);
    if (list == null) {
      return List.of();
    }
    List<String> addresses = new ArrayList<>();
    if (list.isArray()) {
      list.forEach(address -> addresses.add(address.isTextual() ? address.asText() : ""));
    }
    if (addresses.isEmpty() || addresses.contains("")) {
      throw invalid("cluster." + job + " must be a list of \"host:port\", is " + list);
    }
    return addresses;
  }

  private static int index(JsonNode task, int chiefs) {
    JsonNode index = task.path("index");
    JsonNode type = task.path("type");
    if (!index.isInt() || !type.isTextual()) {
      throw invalid("task must have a type and an index, " + EXAMPLE + "; is " + text(task));
    }
    return switch (type.asText()) {
      case WORKER -> index.asInt() < 0 ? index.asInt() : chiefs + index.asInt();
      case CHIEF -> {
        if (chiefs == 0 || index.asInt() != 0) {
          throw invalid("task " + task + " is not in the cluster, which has " + chiefs + " chief");
        }
        yield 0;
      }
      default -> throw invalid("task.type " + type + " must be worker or chief");
    };
  }

  private static String text(JsonNode node) {
    return node.isMissingNode() ? "missing" : node.toString();
  }

  private static void requireAddresses(List<String> workers) {
    if (workers.isEmpty()) {
      throw invalid("cluster.worker must have an address");
    }
    Set<String> seen = new HashSet<>();
    for (String address : workers) {
      int colon = address.lastIndexOf(':');
      @Nullable Integer port = colon < 1 ? null : port(address.substring(colon + 1));
      if (port == null || address.chars().anyMatch(Character::isWhitespace)) {
        throw invalid("\"" + address + "\" must be host:port, the port from 1 to " + LARGEST_PORT);
      }
      if (!seen.add(address)) {
        throw invalid("\"" + address + "\" is there twice, must be one worker's alone");
      }
    }
  }

  private static @Nullable Integer port(String text) {
    try {
      int port = Integer.parseInt(text);
      return port >= 1 && port <= LARGEST_PORT ? port : null;
    } catch (NumberFormatException e) {
      return null;
    }
  }

  private static InvalidInputException invalid(String problem) {
    return new InvalidInputException(VARIABLE + ": " + problem);
  }

  /** The number of workers. */
  public int size() {
    return workers.size();
  }

  /** Whether this worker writes checkpoints, logs and the export. */
  public boolean isFirst() {
    return index == 0;
  }

  /** Another worker, for a message: {@code worker 1 (10.0.0.2:2222)}. */
  public String name(int worker) {
    return "worker " + worker + " (" + workers.get(worker) + ")";
  }

  /** Where a worker listens; the name of its host is not looked up. */
  public InetSocketAddress address(int worker) {
    String address = workers.get(worker);
    int colon = address.lastIndexOf(':');
    return InetSocketAddress.createUnresolved(
        address.substring(0, colon), Integer.parseInt(address.substring(colon + 1)));
  }

  /** The value of the environment variable for this worker, as JSON. */
  public String json() {
    String addresses =
        String.join(", ", workers.stream().map(address -> "\"" + address + "\"").toList());
    return "{\"cluster\": {\"worker\": ["
        + addresses
        + "]}, \"task\": {\"type\": \"worker\", \"index\": "
        + index
        + "}}";
  }

  /** A cluster on this machine, with one worker for each port. */
  public static List<ClusterSpec> local(int... ports) {
    List<String> addresses = Arrays.stream(ports).mapToObj(port -> "127.0.0.1:" + port).toList();
    List<ClusterSpec> all = new ArrayList<>();
    for (int i = 0; i < ports.length; i++) {
      all.add(new ClusterSpec(addresses, i));
    }
    return all;
  }
}
