package dev.mlit.report;

import static java.util.stream.Collectors.joining;

import java.util.ArrayList;
import java.util.List;

/**
 * A table of numbers, which a click opens.
 *
 * @since 0.1.0
 */
public final class Table implements Component {
  private final String title;
  private final List<String> columns;
  private final List<List<Cell>> rows = new ArrayList<>();

  private Table(String title, List<String> columns) {
    this.title = title;
    this.columns = columns;
  }

  /**
   * A number in a table.
   *
   * @param value exactly
   * @param text as it is shown
   */
  public record Cell(double value, String text) {}

  /** A table without rows yet. */
  public static Table of(String title, List<String> columns) {
    return new Table(title, List.copyOf(columns));
  }

  /** Adds a row. */
  public Table row(List<Cell> cells) {
    rows.add(List.copyOf(cells));
    return this;
  }

  @Override
  public String html() {
    String head =
        columns.stream()
            .map(c -> "<th scope=\"col\">" + Html.escape(c) + "</th>")
            .collect(joining("", "<tr>", "</tr>"));
    String body =
        rows.stream()
            .map(
                row ->
                    row.stream()
                        .map(
                            c ->
                                "<td data-value=\""
                                    + c.value
                                    + "\">"
                                    + Html.escape(c.text)
                                    + "</td>")
                        .collect(joining("", "<tr>", "</tr>")))
            .collect(joining("\n"));
    return "<details class=\"card\"><summary><h3>"
        + Html.escape(title)
        + "</h3></summary><div class=\"scroll\"><table class=\"numbers\"><thead>"
        + head
        + "</thead><tbody>"
        + body
        + "</tbody></table></div></details>";
  }
}
