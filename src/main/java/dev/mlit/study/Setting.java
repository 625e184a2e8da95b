package dev.mlit.study;

import dev.mlit.spec.StudySpec;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;

/**
 * The values that a sweep gives to its fields in one run.
 *
 * @param changes of the run, such as {@code optimizer.learning-rate=1.0e-3}; none of an arm without
 *     a sweep
 */
record Setting(List<String> changes) {
  /** What an arm without a sweep is run with. */
  static final Setting NONE = new Setting(List.of());

  private static final int LONGEST_NAME = 120;
  private static final int HASH_BYTES = 4;

  Setting {
    changes = List.copyOf(changes);
  }

  /** All combinations of the values of an arm's sweep, those of the last field changing first. */
  static List<Setting> of(StudySpec.Arm arm) {
    List<Setting> settings = List.of(NONE);
    for (Map.Entry<String, List<String>> field : arm.sweep().entrySet()) {
      List<Setting> more = new ArrayList<>();
      for (Setting setting : settings) {
        for (String value : field.getValue()) {
          List<String> changes = new ArrayList<>(setting.changes);
          changes.add(field.getKey() + "=" + value);
          more.add(new Setting(changes));
        }
      }
      settings = more;
    }
    return settings;
  }

  /** Such as {@code optimizer.learning-rate=1.0e-3, optimizer.layer-decay=0.65}. */
  String text() {
    return String.join(", ", changes);
  }

  /**
   * The name of its directory: what it changes, as far as that can stand in the name of a file
   * anywhere; where it cannot, or is long, with a hash. It depends on nothing but this setting, so
   * that more can be added to a sweep.
   */
  String directory() {
    String all = String.join(",", changes);
    String name = all.replaceAll("[^A-Za-z0-9.,=_+-]", "_");
    if (name.equals(all) && name.length() <= LONGEST_NAME) {
      return name;
    }
    return name.substring(0, Math.min(name.length(), LONGEST_NAME)) + "-" + hash(all);
  }

  private static String hash(String text) {
    try {
      byte[] digest =
          MessageDigest.getInstance("SHA-256").digest(text.getBytes(StandardCharsets.UTF_8));
      return HexFormat.of().formatHex(digest, 0, HASH_BYTES);
    } catch (NoSuchAlgorithmException e) {
      throw new AssertionError("every Java has SHA-256", e);
    }
  }
}
