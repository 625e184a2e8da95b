package dev.mlit.weights;

import dev.mlit.files.ModelLayout;
import dev.mlit.spec.InvalidInputException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.CharacterCodingException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * {@code SHA256SUMS} beside a model: the SHA-256 of every file that makes it what it is, as {@code
 * sha256sum} writes and checks them. Even a changed letter of a label is found. The model card and
 * {@code config.json} are not among them: mlit reads neither, and everyone may write into them.
 *
 * @since 0.1.0
 */
public final class ModelSums {
  private static final List<String> FILES =
      List.of(ModelLayout.LABELS, ModelLayout.WEIGHTS, ModelLayout.GRAPH, ModelLayout.SPEC);

  private static final String VARIABLES = "variables";
  private static final Pattern LINE = Pattern.compile("([0-9a-f]{64}) [ *](.+)");
  private static final long LONGEST = 1 << 16;
  private static final int BUFFER = 1 << 16;

  private ModelSums() {}

  /** Writes the sums of a model's files. */
  public static void write(Path directory) throws IOException {
    StringBuilder sums = new StringBuilder();
    for (String file : files(directory)) {
      sums.append(sum(directory.resolve(file))).append("  ").append(file).append('\n');
    }
    Files.writeString(directory.resolve(ModelLayout.SUMS), sums);
  }

  /**
   * Checks that a model's files are those that were written; without a file of sums, as earlier
   * versions wrote none, that cannot be known.
   *
   * @throws InvalidInputException with every file that is another
   */
  public static void require(Path directory) {
    Path sums = directory.resolve(ModelLayout.SUMS);
    if (!Files.isRegularFile(sums)) {
      return;
    }
    try {
      List<String> problems = problems(directory, read(sums));
      if (!problems.isEmpty()) {
        problems.add(
            "if that was changed on purpose, write the sums again, in this directory: sha256sum "
                + String.join(" ", files(directory))
                + " > "
                + ModelLayout.SUMS);
        throw InvalidInputException.of(directory, problems);
      }
    } catch (CharacterCodingException e) {
      throw new InvalidInputException(sums + ": must be text as sha256sum writes it", e);
    } catch (IOException e) {
      throw InvalidInputException.unreadable(directory, e);
    }
  }

  private static Map<String, String> read(Path sums) throws IOException {
    if (Files.size(sums) > LONGEST) {
      throw new InvalidInputException(sums + ": must have at most " + LONGEST + " bytes");
    }
    Map<String, String> named = new TreeMap<>();
    List<String> lines = Files.readAllLines(sums);
    for (int i = 0; i < lines.size(); i++) {
      Matcher line = LINE.matcher(lines.get(i));
      if (!line.matches()) {
        throw new InvalidInputException(
            sums + ":" + (i + 1) + ": must be a sum and a file, as sha256sum writes it");
      }
      named.put(line.group(2), line.group(1));
    }
    return named;
  }

  /** Only files of a model are looked at: a stranger's list may name others. */
  private static List<String> problems(Path directory, Map<String, String> named)
      throws IOException {
    List<String> problems = new ArrayList<>();
    List<String> present = files(directory);
    for (String file : present) {
      String sum = named.get(file);
      if (sum == null) {
        problems.add(file + ": is not named in " + ModelLayout.SUMS);
      } else if (!sum.equals(sum(directory.resolve(file)))) {
        problems.add(file + ": is not the file that " + ModelLayout.SUMS + " was written for");
      }
    }
    for (String file : named.keySet()) {
      if ((FILES.contains(file) || file.startsWith(VARIABLES + "/")) && !present.contains(file)) {
        problems.add(file + ": is named in " + ModelLayout.SUMS + ", but not there");
      }
    }
    return problems;
  }

  private static List<String> files(Path directory) throws IOException {
    List<String> files = new ArrayList<>();
    for (String file : FILES) {
      if (Files.isRegularFile(directory.resolve(file))) {
        files.add(file);
      }
    }
    Path variables = directory.resolve(VARIABLES);
    if (Files.isDirectory(variables)) {
      try (Stream<Path> content = Files.list(variables)) {
        content
            .map(file -> file.getFileName().toString())
            .filter(name -> name.startsWith(VARIABLES + "."))
            .sorted()
            .forEach(name -> files.add(VARIABLES + "/" + name));
      }
    }
    return files;
  }

  private static String sum(Path file) throws IOException {
    try (FileChannel channel = FileChannel.open(file)) {
      MessageDigest digest = MessageDigest.getInstance("SHA-256");
      ByteBuffer buffer = ByteBuffer.allocate(BUFFER);
      while (channel.read(buffer) >= 0) {
        digest.update(buffer.flip());
        buffer.clear();
      }
      return HexFormat.of().formatHex(digest.digest());
    } catch (NoSuchAlgorithmException e) {
      throw new AssertionError("every Java has SHA-256", e);
    }
  }
}
