package dev.mlit.spec;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * TF_CONFIG, as operators and their tools write it. If this fails, a worker takes itself for
 * another one, or trains alone while the others wait.
 */
class ClusterSpecTest {
  private static final String TWO = "{\"worker\": [\"a:1\", \"b:65535\"]}";

  private static String config(String cluster, String task) {
    return "{\"cluster\": " + cluster + ", \"task\": " + task + "}";
  }

  private static String task(String type, String index) {
    return "{\"type\": \"" + type + "\", \"index\": " + index + "}";
  }

  @Test
  void workersInTheirOrderAndThisOne() {
    ClusterSpec cluster = ClusterSpec.parse(config(TWO, task("worker", "1")));
    assertThat(cluster).isEqualTo(new ClusterSpec(List.of("a:1", "b:65535"), 1));
    assertThat(cluster.isFirst()).isFalse();
    assertThat(cluster.address(1).getHostString()).isEqualTo("b");
    assertThat(cluster.address(1).getPort()).isEqualTo(65_535);
    assertThat(cluster.name(0)).isEqualTo("worker 0 (a:1)");
  }

  /** As the Kubeflow operator writes it. */
  @Test
  void aChiefIsTheFirstWorker() {
    String cluster = "{\"chief\": [\"c:1\"], \"worker\": [\"a:1\", \"b:1\"]}";
    List<String> all = List.of("c:1", "a:1", "b:1");
    assertThat(ClusterSpec.parse(config(cluster, task("chief", "0"))))
        .isEqualTo(new ClusterSpec(all, 0));
    assertThat(ClusterSpec.parse(config(cluster, task("worker", "0"))))
        .isEqualTo(new ClusterSpec(all, 1));
  }

  @Test
  void whatItWritesItReads() {
    for (ClusterSpec worker : ClusterSpec.local(4001, 4002, 4003)) {
      assertThat(ClusterSpec.parse(worker.json())).isEqualTo(worker);
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        " ",
        "{\"cluster\": {\"worker\": [\"a:1\"]}, \"task\": {\"type\": \"worker\", \"index\": 0}}"
      })
  void oneWorkerTrainsAlone(String config) {
    assertThat(ClusterSpec.of(Map.of("TF_CONFIG", config))).isEmpty();
    assertThat(ClusterSpec.of(Map.of())).isEmpty();
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "{ | must be JSON, such as",
        "[] | must have cluster, such as",
        "{\"cluster\": {}} | must have cluster, such as",
        "{\"cluster\": {\"worker\": [\"a:1\", \"b:1\"]}} | task must have a type and an index, such as",
        "{\"cluster\": {\"worker\": [\"a:1\", \"b:1\"]}, \"task\": {\"type\": \"worker\","
            + " \"index\": \"1\"}} | task must have a type and an index, such as",
        "{\"cluster\": {\"worker\": [\"a:1\", \"b:1\"]}, \"task\": {\"type\": \"worker\", \"index\":"
            + " 2}} | task.index 2 must be from 0 to 1, the cluster has 2 workers",
        "{\"cluster\": {\"worker\": [\"a:1\", \"b:1\"]}, \"task\": {\"type\": \"worker\", \"index\":"
            + " -1}} | task.index -1 must be from 0 to 1, the cluster has 2 workers",
        "{\"cluster\": {\"worker\": [\"a:1\"]}, \"task\": {\"type\": \"ps\", \"index\": 0}} |"
            + " task.type \"ps\" must be worker or chief",
        "{\"cluster\": {\"worker\": [\"a:1\"], \"ps\": [\"b:1\"]}, \"task\": {\"type\": \"worker\","
            + " \"index\": 0}} | cluster.ps must be left out: mlit trains with worker and chief"
            + " alone",
        "{\"cluster\": {\"worker\": \"a:1\"}, \"task\": {\"type\": \"worker\", \"index\": 0}} |"
            + " cluster.worker must be a list of \"host:port\", is \"a:1\"",
        "{\"cluster\": {\"worker\": []}, \"task\": {\"type\": \"worker\", \"index\": 0}} |"
            + " cluster.worker must be a list of \"host:port\", is []",
        "{\"cluster\": {\"worker\": [\"a:1\", \"b\"]}, \"task\": {\"type\": \"worker\", \"index\":"
            + " 0}} | \"b\" must be host:port, the port from 1 to 65535",
        "{\"cluster\": {\"worker\": [\"a:0\"]}, \"task\": {\"type\": \"worker\", \"index\": 0}} |"
            + " \"a:0\" must be host:port, the port from 1 to 65535",
        "{\"cluster\": {\"worker\": [\"a:65536\"]}, \"task\": {\"type\": \"worker\", \"index\": 0}}"
            + " | \"a:65536\" must be host:port, the port from 1 to 65535",
        "{\"cluster\": {\"worker\": [\":1\"]}, \"task\": {\"type\": \"worker\", \"index\": 0}} |"
            + " \":1\" must be host:port, the port from 1 to 65535",
        "{\"cluster\": {\"worker\": [\"a:1\", \"a:1\"]}, \"task\": {\"type\": \"worker\", \"index\":"
            + " 0}} | \"a:1\" is there twice, must be one worker's alone",
        "{\"cluster\": {\"chief\": [\"a:1\", \"b:1\"]}, \"task\": {\"type\": \"chief\", \"index\":"
            + " 0}} | cluster.chief has 2 addresses, must have one",
      })
  void whatIsNoCluster(String config, String problem) {
    assertThatExceptionOfType(InvalidInputException.class)
        .isThrownBy(() -> ClusterSpec.parse(config))
        .withMessageStartingWith("TF_CONFIG: " + problem);
  }
}
