package dev.mlit.train;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.PropertyNamingStrategies;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.mlit.graph.Versions;
import dev.mlit.spec.InvalidInputException;
import java.io.BufferedWriter;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.List;

/**
 * Writes {@code metrics.jsonl}: a JSON object a line, {@code "kind": "start"} first, {@code "step"}
 * for every tenth step and {@code "epoch"} for every epoch, the fields those of {@link
 * TrainingListener} in snake case.
 */
final class MetricsFile implements TrainingListener {
  private static final int EVERY = 10;
  private static final ObjectMapper JSON =
      JsonMapper.builder().propertyNamingStrategy(PropertyNamingStrategies.SNAKE_CASE).build();

  private final BufferedWriter writer;

  MetricsFile(Path file) {
    try {
      this.writer =
          Files.newBufferedWriter(file, StandardOpenOption.CREATE, StandardOpenOption.APPEND);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @Override
  public void started(Start start) {
    ObjectNode line = JSON.createObjectNode().put("kind", "start");
    line.put("dataset", start.dataset())
        .put("parameters", start.parameters())
        .put("train_images", start.trainImages())
        .put("test_images", start.testImages())
        .put("steps", start.steps())
        .put("seed", start.run().training().seed())
        .set("versions", JSON.valueToTree(Versions.current()));
    write(line);
  }

  @Override
  public void step(Step step) {
    if (step.step() % EVERY == 0) {
      write("step", step);
    }
  }

  @Override
  public void epoch(Epoch epoch) {
    write("epoch", epoch);
  }

  private void write(String kind, Object metrics) {
    ObjectNode line = JSON.createObjectNode().put("kind", kind);
    line.setAll((ObjectNode) JSON.valueToTree(metrics));
    write(line);
  }

  private void write(ObjectNode line) {
    try {
      writer.write(JSON.writeValueAsString(line));
      writer.newLine();
      writer.flush();
    } catch (JsonProcessingException e) {
      throw new AssertionError("a tree is always JSON", e);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /**
   * The last line of a kind.
   *
   * @throws InvalidInputException if there is none
   */
  static JsonNode last(Path file, String kind) {
    try {
      List<String> lines = Files.readAllLines(file);
      for (int i = lines.size() - 1; i >= 0; i--) {
        JsonNode line = JSON.readTree(lines.get(i));
        if (line.path("kind").asText().equals(kind)) {
          return line;
        }
      }
    } catch (IOException e) {
      throw new InvalidInputException(file + ": cannot be read: " + e.getMessage(), e);
    }
    throw new InvalidInputException(file + ": has no line of kind " + kind + " yet");
  }

  @Override
  public void close() {
    try {
      writer.close();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
