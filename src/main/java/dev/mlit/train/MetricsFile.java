package dev.mlit.train;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.PropertyNamingStrategies;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.mlit.spec.InvalidInputException;
import dev.mlit.tensorflow.Versions;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.function.Predicate;
import org.apiguardian.api.API;
import org.apiguardian.api.API.Status;

/**
 * Writes {@code metrics.jsonl}: a JSON object a line, {@code "kind": "start"} first, {@code "step"}
 * for every tenth step and {@code "epoch"} for every epoch, the fields those of {@link
 * TrainingListener} in snake case; {@code "resume"} where a run has gone on, and {@code "test"} for
 * the test at the end of one with validation images. What was not measured is left out.
 *
 * @since 0.1.0
 */
@API(status = Status.INTERNAL)
public final class MetricsFile implements TrainingListener {
  private static final int EVERY = 10;
  private static final ObjectMapper JSON =
      JsonMapper.builder()
          .propertyNamingStrategy(PropertyNamingStrategies.SNAKE_CASE)
          .disable(DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES)
          .build();

  /** What a line may lack. */
  private static final List<String> NUMBERS =
      List.of(
          "train_loss",
          "train_accuracy",
          "test_loss",
          "test_accuracy",
          "validation_loss",
          "validation_accuracy",
          "neighbours_accuracy");

  private static final List<String> LISTS =
      List.of("train_routing", "test_routing", "validation_routing");

  private final Path file;
  private final RandomAccessFile out;

  private MetricsFile(Path file, long kept) {
    this.file = file;
    try {
      // No channel, which an interrupt of the thread would close for good.
      this.out = new RandomAccessFile(file.toFile(), "rw");
      out.setLength(kept);
      out.seek(kept);
    } catch (IOException e) {
      throw WriteFailedException.of(file, e);
    }
  }

  /**
   * Writes a new file, or one over an old one. Every run has one in its directory already.
   *
   * @throws WriteFailedException if it cannot be written
   */
  public static MetricsFile at(Path file) {
    return new MetricsFile(file, 0);
  }

  /**
   * Goes on with a file.
   *
   * @param kept bytes that stay; what stands after them is cut off
   * @throws InvalidInputException if it has fewer
   */
  static MetricsFile resume(Path file, long kept) {
    try {
      long length = Files.exists(file) ? Files.size(file) : 0;
      if (length < kept) {
        throw new InvalidInputException(
            String.format(
                Locale.ROOT,
                "%s: has %,d bytes, had %,d at the last checkpoint; put the whole file back to"
                    + " resume the run",
                file,
                length,
                kept));
      }
      return new MetricsFile(file, kept);
    } catch (IOException e) {
      throw InvalidInputException.unreadable(file, e);
    }
  }

  @Override
  public void started(Start start) {
    if (start.step() > 0) {
      ObjectNode resume = JSON.createObjectNode().put("kind", "resume").put("step", start.step());
      resume.set("versions", JSON.valueToTree(Versions.current()));
      write(resume);
      return;
    }
    ObjectNode line = JSON.createObjectNode().put("kind", "start");
    line.put("dataset", start.dataset())
        .put("parameters", start.parameters())
        .put("train_images", start.trainImages())
        .put("test_images", start.testImages())
        .put("validation_images", start.validationImages())
        .put("steps", start.steps())
        .put("seed", start.run().training().seed())
        .set("versions", JSON.valueToTree(Versions.current()));
    write(line);
  }

  @Override
  public void step(Step step) {
    if (isKept(step)) {
      write("step", step);
    }
  }

  /** Whether a step gets a line. */
  public static boolean isKept(Step step) {
    return isKept(step.step());
  }

  /** As {@link #isKept(Step)}, by its number. */
  static boolean isKept(long step) {
    return step % EVERY == 0;
  }

  @Override
  public void epoch(Epoch epoch) {
    write("epoch", epoch);
  }

  @Override
  public void finalTest(FinalTest test) {
    write("test", test);
  }

  private void write(String kind, Object metrics) {
    ObjectNode line = JSON.createObjectNode().put("kind", kind);
    line.setAll((ObjectNode) JSON.valueToTree(metrics));
    // What a task does not have, or an epoch has not measured.
    line.properties()
        .removeIf(
            field ->
                field.getValue().asText().equals("NaN")
                    || (field.getValue().isArray() && field.getValue().isEmpty()));
    write(line);
  }

  private void write(ObjectNode line) {
    try {
      String text = JSON.writeValueAsString(line) + "\n";
      out.write(text.getBytes(StandardCharsets.UTF_8));
    } catch (JsonProcessingException e) {
      throw new AssertionError("a tree is always JSON", e);
    } catch (IOException e) {
      throw WriteFailedException.of(file, e);
    }
  }

  /** Waits until all that was written is on the disk, and says how many bytes that is. */
  long sync() {
    try {
      out.getFD().sync();
      return out.getFilePointer();
    } catch (IOException e) {
      throw WriteFailedException.of(file, e);
    }
  }

  /**
   * The epochs of a file, in its order; none if there is no file yet. The last one has what the
   * test at the end of the run has found.
   */
  public static List<Epoch> epochs(Path file) {
    List<Epoch> epochs = new ArrayList<>();
    for (JsonNode line : lines(file, kind -> kind.equals("epoch") || kind.equals("test"))) {
      if (line.path("kind").asText().equals("epoch")) {
        epochs.add(epoch(line));
      } else if (!epochs.isEmpty()) {
        int last = epochs.size() - 1;
        epochs.set(last, epochs.get(last).with(test(line)));
      }
    }
    return epochs;
  }

  private static FinalTest test(JsonNode line) {
    return JSON.convertValue(withAll(line), FinalTest.class);
  }

  private static Epoch epoch(JsonNode line) {
    return JSON.convertValue(withAll(line), Epoch.class);
  }

  /** A line with what was not measured. */
  private static JsonNode withAll(JsonNode line) {
    ObjectNode whole = JSON.createObjectNode();
    NUMBERS.forEach(name -> whole.put(name, Double.NaN));
    LISTS.forEach(whole::putArray);
    return whole.setAll((ObjectNode) line);
  }

  /** The steps of a file, every tenth, in its order; none if there is no file yet. */
  public static List<Step> steps(Path file) {
    return lines(file, kind -> kind.equals("step")).stream()
        .map(line -> JSON.convertValue(line, Step.class))
        .toList();
  }

  /** The lines of some kinds. A line that was cut off, at the end, is none. */
  public static List<JsonNode> lines(Path file, Predicate<String> kinds) {
    List<JsonNode> lines = new ArrayList<>();
    try {
      String text = Files.readString(file);
      for (String line : text.substring(0, text.lastIndexOf('\n') + 1).lines().toList()) {
        JsonNode tree = JSON.readTree(line);
        if (kinds.test(tree.path("kind").asText())) {
          lines.add(tree);
        }
      }
    } catch (NoSuchFileException e) {
      return List.of();
    } catch (IOException e) {
      throw InvalidInputException.unreadable(file, e);
    }
    return lines;
  }

  @Override
  public void close() {
    try {
      out.close();
    } catch (IOException e) {
      throw WriteFailedException.of(file, e);
    }
  }
}
