package dev.mlit.data;

import dev.mlit.spec.InvalidInputException;
import dev.mlit.spec.text.Printable;
import java.io.BufferedReader;
import java.io.IOException;
import java.nio.charset.CharacterCodingException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.apiguardian.api.API;
import org.apiguardian.api.API.Status;

/**
 * Reads {@code labels.txt}: the names of the classes in UTF-8, one a line.
 *
 * @since 0.1.0
 */
@API(status = Status.INTERNAL)
public final class LabelFile {
  private static final int LONGEST = 1000;

  private LabelFile() {}

  /**
   * Reads the names; of a file that is longer than it should be, one more than there should be.
   *
   * @param classes how many the model has
   * @throws InvalidInputException if it cannot be read, or is no such text
   */
  public static List<String> read(Path file, int classes) {
    try (BufferedReader lines = Files.newBufferedReader(file)) {
      List<String> labels = new ArrayList<>();
      StringBuilder line = new StringBuilder();
      for (int c = lines.read(); c >= 0 && labels.size() <= classes; c = lines.read()) {
        if (c == '\n') {
          labels.add(label(file, labels.size(), line));
          line.setLength(0);
        } else if (line.length() <= LONGEST) {
          line.append((char) c);
        } else {
          throw new InvalidInputException(
              file + ": line " + (labels.size() + 1) + " must have at most 1000 characters");
        }
      }
      if (!line.isEmpty() && labels.size() <= classes) {
        labels.add(label(file, labels.size(), line));
      }
      return List.copyOf(labels);
    } catch (CharacterCodingException e) {
      throw new InvalidInputException(file + ": must be text in UTF-8, a label a line", e);
    } catch (IOException e) {
      throw InvalidInputException.unreadable(file, e);
    }
  }

  /** Files that were edited on Windows have a carriage return before the end of a line. */
  private static String label(Path file, int number, StringBuilder line) {
    int end = line.length();
    String label = line.substring(0, end > 0 && line.charAt(end - 1) == '\r' ? end - 1 : end);
    if (!Printable.isLine(label)) {
      throw new InvalidInputException(
          file + ": line " + (number + 1) + " \"" + label + "\" " + Printable.RULE);
    }
    return label;
  }

  /** What is wrong with the number of labels; empty if it is that of the classes. */
  public static List<String> problems(List<String> labels, int classes) {
    if (labels.size() == classes) {
      return List.of();
    }
    return List.of("labels.txt has " + onePerClass(labels.size(), classes));
  }

  /** What a message says of a number of labels that is not that of the classes. */
  public static String onePerClass(int labels, int classes) {
    return (labels > classes ? "more than " + classes : labels)
        + " labels, must be one per class: "
        + classes;
  }
}
