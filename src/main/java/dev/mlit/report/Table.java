package dev.mlit.report;

import static java.util.stream.Collectors.joining;

import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A table of numbers, which a click opens or closes.
 *
 * @since 0.1.0
 */
public final class Table implements Component {
  private final String title;
  private final List<String> columns;
  private final List<Row> rows = new ArrayList<>();
  private boolean open;

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

  /**
   * The numbers of something.
   *
   * @param name what they are of; null where the columns say it all
   */
  private record Row(@Nullable String name, List<Cell> cells) {
    String html() {
      String head = name == null ? "" : "<th scope=\"row\">" + Html.escape(name) + "</th>";
      return cells.stream()
          .map(c -> "<td data-value=\"" + c.value + "\">" + Html.escape(c.text) + "</td>")
          .collect(joining("", "<tr>" + head, "</tr>"));
    }
  }

  /** A table without rows yet. */
  public static Table of(String title, List<String> columns) {
    return new Table(title, List.copyOf(columns));
  }

  /** Adds a row. */
  public Table row(List<Cell> cells) {
    rows.add(new Row(null, List.copyOf(cells)));
    return this;
  }

  /** Adds a row with a name, which is in the first column. */
  public Table row(String name, List<Cell> cells) {
    rows.add(new Row(name, List.copyOf(cells)));
    return this;
  }

  /** Has the table open when the page opens. */
  public Table open() {
    open = true;
    return this;
  }

  @Override
  public String html() {
    String head =
        columns.stream()
            .map(c -> "<th scope=\"col\">" + Html.escape(c) + "</th>")
            .collect(joining("", "<tr>", "</tr>"));
    String named = rows.stream().anyMatch(row -> row.name != null) ? " named" : "";
    String body = rows.stream().map(Row::html).collect(joining("\n"));
    return (open ? "<details class=\"card\" open>" : "<details class=\"card\">")
        + "<summary><h3>"
        + Html.escape(title)
        + "</h3></summary><div class=\"scroll\"><table class=\"numbers"
        + named
        + "\"><thead>"
        + head
        + "</thead><tbody>"
        + body
        + "</tbody></table></div></details>";
  }
}
