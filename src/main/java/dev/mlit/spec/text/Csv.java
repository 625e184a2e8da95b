package dev.mlit.spec.text;

import java.util.List;
import java.util.stream.Collectors;

/**
 * Comma-separated values, as RFC 4180 has them but for the ends of lines, which are line feeds.
 *
 * @since 0.1.0
 */
public final class Csv {
  private Csv() {}

  /** A row, its line feed included. */
  public static String row(List<String> cells) {
    return cells.stream().map(Csv::quoted).collect(Collectors.joining(",", "", "\n"));
  }

  private static String quoted(String cell) {
    return cell.chars().anyMatch(c -> ",\"\r\n".indexOf(c) >= 0)
        ? '"' + cell.replace("\"", "\"\"") + '"'
        : cell;
  }
}
