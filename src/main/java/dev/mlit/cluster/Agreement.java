package dev.mlit.cluster;

import static java.util.stream.Collectors.joining;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.type.TypeReference;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.json.JsonMapper;
import dev.mlit.data.DataFingerprint;
import dev.mlit.data.Dataset;
import dev.mlit.spec.InvalidInputException;
import dev.mlit.spec.RunSpec;
import dev.mlit.spec.SpecChange;
import dev.mlit.tensorflow.Versions;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Pattern;

/**
 * Checks that all workers of a run have the same code, spec and images. With different ones,
 * training would not fail, but train something that nobody has asked for.
 *
 * @since 0.1.0
 */
public final class Agreement {
  /** Fields that may differ from machine to machine. */
  private static final Pattern OWN =
      Pattern.compile(
          "training\\.threads|data\\.(datasets\\[\\d+]\\.)?directory|neighbours\\.directory|export"
              + "|initialize\\..*|checkpoints\\..*");

  private static final ObjectMapper JSON = JsonMapper.builder().build();

  private Agreement() {}

  /**
   * Compares what this worker trains with what all others do.
   *
   * @throws InvalidInputException on every worker, with all that differs, if anything does
   */
  public static void require(Workers workers, RunSpec run, Dataset data) {
    if (!workers.areSeveral()) {
      return;
    }
    List<Map<String, String>> descriptions = exchange(workers, description(run, data));
    List<String> problems = new ArrayList<>();
    for (int worker = 1; worker < descriptions.size(); worker++) {
      List<String> differences = differences(descriptions.get(0), descriptions.get(worker));
      if (!differences.isEmpty()) {
        problems.add(
            workers.name(worker)
                + " does not train what "
                + workers.name(0)
                + " trains:\n"
                + differences.stream().map(d -> "  " + d).collect(joining("\n")));
      }
    }
    if (!problems.isEmpty()) {
      throw new InvalidInputException(String.join("\n", problems));
    }
  }

  private static Map<String, String> description(RunSpec run, Dataset data) {
    Map<String, String> description = new LinkedHashMap<>();
    // Joined datasets may be named by their folders, which may differ from machine to machine.
    DataFingerprint mark = DataFingerprint.of(data);
    Versions versions = Versions.current();
    description.put(
        "version of mlit", versions.mlit() + ", code " + CodeChecksum.of(Agreement.class));
    description.put("version of TensorFlow", versions.tensorflow());
    description.put(
        "images",
        (data.parts().size() > 1 ? "" : mark.dataset() + ", ")
            + mark.sizes()
            + ", checksum "
            + mark.checksum());
    SpecChange.fields(run)
        .forEach(
            (field, value) -> {
              if (!OWN.matcher(field).matches()) {
                description.put(field, value);
              }
            });
    return description;
  }

  private static List<String> differences(Map<String, String> first, Map<String, String> other) {
    Set<String> fields = new TreeSet<>(first.keySet());
    fields.addAll(other.keySet());
    List<String> differences = new ArrayList<>();
    for (String field : fields) {
      String ours = first.getOrDefault(field, "");
      String theirs = other.getOrDefault(field, "");
      if (!ours.equals(theirs)) {
        differences.add(
            field + ": " + SpecChange.text(theirs) + ", worker 0 has " + SpecChange.text(ours));
      }
    }
    return differences;
  }

  private static List<Map<String, String>> exchange(
      Workers workers, Map<String, String> description) {
    try {
      byte[] text = JSON.writeValueAsBytes(description);
      int longest =
          Arrays.stream(workers.all(new int[] {text.length})).mapToInt(l -> l[0]).max().orElse(0);
      int[] numbers = new int[longest];
      for (int i = 0; i < text.length; i++) {
        numbers[i] = text[i];
      }
      List<Map<String, String>> descriptions = new ArrayList<>();
      for (int[] message : workers.all(numbers)) {
        byte[] bytes = new byte[longest];
        for (int i = 0; i < longest; i++) {
          bytes[i] = (byte) message[i];
        }
        String json = new String(bytes, StandardCharsets.UTF_8).replace("\0", "");
        descriptions.add(
            JSON.readValue(json, new TypeReference<LinkedHashMap<String, String>>() {}));
      }
      return descriptions;
    } catch (JsonProcessingException e) {
      throw new InvalidInputException(
          "another worker says what cannot be read, it may be of another version of mlit: "
              + e.getOriginalMessage(),
          e);
    }
  }
}
