package dev.mlit.study;

import static java.util.stream.Collectors.joining;

import dev.mlit.spec.text.Csv;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;

/** A table of texts that can be written in several formats. */
final class TextTable {
  private static final Map<Character, String> LATEX =
      Map.ofEntries(
          Map.entry('\\', "\\textbackslash{}"),
          Map.entry('&', "\\&"),
          Map.entry('%', "\\%"),
          Map.entry('$', "\\$"),
          Map.entry('#', "\\#"),
          Map.entry('_', "\\_"),
          Map.entry('{', "\\{"),
          Map.entry('}', "\\}"),
          Map.entry('~', "\\textasciitilde{}"),
          Map.entry('^', "\\textasciicircum{}"),
          Map.entry('<', "\\textless{}"),
          Map.entry('>', "\\textgreater{}"),
          Map.entry('"', "\\textquotedbl{}"),
          Map.entry('|', "\\textbar{}"),
          Map.entry('±', "$\\pm$"));

  private static final Pattern SIGNED = Pattern.compile("[+-][0-9]+(\\.[0-9]+)?");

  private final String title;
  private final List<String> head;
  private final List<Boolean> left;
  private final List<List<String>> rows = new ArrayList<>();

  /**
   * A table without rows yet.
   *
   * @param title what its numbers are
   * @param head the names of the columns
   * @param left how many of them, from the first on, hold names rather than numbers
   */
  TextTable(String title, List<String> head, int left) {
    this.title = title;
    this.head = List.copyOf(head);
    List<Boolean> sides = new ArrayList<>();
    for (int i = 0; i < head.size(); i++) {
      sides.add(i < left);
    }
    this.left = sides;
  }

  void row(List<String> cells) {
    rows.add(List.copyOf(cells));
  }

  boolean isEmpty() {
    return rows.isEmpty();
  }

  /** In columns, for a terminal. */
  String text() {
    List<List<String>> all = new ArrayList<>(List.of(head));
    all.addAll(rows);
    StringBuilder text = new StringBuilder();
    for (List<String> line : all) {
      StringBuilder columns = new StringBuilder();
      for (int i = 0; i < line.size(); i++) {
        int column = i;
        int width = all.stream().mapToInt(l -> l.get(column).length()).max().orElse(0);
        String cell = line.get(i);
        String space = " ".repeat(width - cell.length());
        columns.append(i == 0 ? "" : "  ").append(left.get(i) ? cell + space : space + cell);
      }
      text.append(columns.toString().stripTrailing()).append('\n');
    }
    return text.toString();
  }

  String markdown() {
    StringBuilder text = new StringBuilder();
    text.append(markdown(head));
    text.append(left.stream().map(l -> l ? "---|" : "---:|").collect(joining("", "|", "\n")));
    rows.forEach(row -> text.append(markdown(row)));
    return text.toString();
  }

  private static String markdown(List<String> row) {
    return row.stream().map(cell -> cell.replace("|", "\\|")).collect(joining(" | ", "| ", " |\n"));
  }

  /** See {@link Csv}. */
  String csv() {
    return Csv.row(head) + rows.stream().map(Csv::row).collect(joining());
  }

  /** A tabular with the rules of package booktabs. */
  String latex() {
    String columns = left.stream().map(l -> l ? "l" : "r").collect(joining());
    return "% "
        + title
        + "; needs \\usepackage{booktabs}\n\\begin{tabular}{"
        + columns
        + "}\n\\toprule\n"
        + latex(head)
        + "\\midrule\n"
        + rows.stream().map(this::latex).collect(joining())
        + "\\bottomrule\n\\end{tabular}\n";
  }

  private String latex(List<String> row) {
    List<String> cells = new ArrayList<>();
    for (int i = 0; i < row.size(); i++) {
      String cell = escaped(row.get(i));
      // A minus sign, not a hyphen.
      cells.add(left.get(i) ? cell : SIGNED.matcher(cell).replaceAll("\\$$0\\$"));
    }
    return String.join(" & ", cells) + " \\\\\n";
  }

  private static String escaped(String cell) {
    return cell.chars()
        .mapToObj(c -> LATEX.getOrDefault((char) c, String.valueOf((char) c)))
        .collect(joining());
  }
}
