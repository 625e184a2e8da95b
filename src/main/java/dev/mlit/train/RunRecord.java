package dev.mlit.train;

import com.fasterxml.jackson.databind.JsonNode;
import dev.mlit.graph.RouterLoad;
import dev.mlit.spec.InvalidInputException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * What the metrics of a run say beside its accuracy.
 *
 * @param trainImages images that were trained on
 * @param routing what the gates did with the test images after the last epoch, block by block
 */
public record RunRecord(int trainImages, List<RouterLoad> routing) {
  public RunRecord {
    routing = List.copyOf(routing);
  }

  /**
   * Reads the metrics of a run.
   *
   * @param directory the run directory
   * @throws InvalidInputException if no epoch is done yet
   */
  public static RunRecord of(Path directory) {
    Path metrics = RunDirectory.open(directory).metrics();
    List<RouterLoad> routing = new ArrayList<>();
    for (JsonNode block : MetricsFile.last(metrics, "epoch").path("test_routing")) {
      routing.add(
          new RouterLoad(
              block.path("block").asInt(),
              numbers(block.path("tokens")),
              numbers(block.path("gates")),
              block.path("entropy").asDouble()));
    }
    return new RunRecord(MetricsFile.last(metrics, "start").path("train_images").asInt(), routing);
  }

  private static List<Double> numbers(JsonNode array) {
    List<Double> numbers = new ArrayList<>();
    array.forEach(number -> numbers.add(number.asDouble()));
    return numbers;
  }
}
