package dev.mlit.study;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.ObjectMapper;
import dev.mlit.testing.Python;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** If this fails, a researcher's table breaks the paper or the notebook that it is read into. */
class TextTableTest {
  private static final String[][] HOSTILE = {
    {"plain", "a,b", "1"},
    {"say \"so\"", "two\nlines", "2"},
    {"\r", " spaces ", ""},
    {"100 % & more_", "\\{x}~^#$", "-3.5"},
  };

  @TempDir private Path temporary;

  private static TextTable table(String[]... rows) {
    TextTable table = new TextTable("things", List.of("name", "note", "number"), 2);
    for (String[] row : rows) {
      table.row(List.of(row));
    }
    return table;
  }

  @Tag("slow")
  @Test
  void pythonReadsTheCsvAsItWasWritten() throws IOException {
    Python python = Python.with("csv", "json");
    Path file = temporary.resolve("table.csv");
    Files.writeString(file, table(HOSTILE).csv());
    String read =
        python.run(
            Duration.ofMinutes(1),
            Map.of(),
            "-c",
            "import csv, json, sys; print(json.dumps(list(csv.reader(open(sys.argv[1], newline='',"
                + " encoding='utf-8'), strict=True))))",
            file.toString());
    String[][] rows = new ObjectMapper().readValue(read, String[][].class);
    assertThat(rows[0]).containsExactly("name", "note", "number");
    assertThat(List.of(rows).subList(1, rows.length)).containsExactly(HOSTILE);
  }

  @Test
  void latexHasNoCommandThatTheTextDidNotMean() {
    assertThat(table(new String[] {"100 % & a_b", "\\{x}~^#$ <\"|>", "43.1 ± 0.5"}).latex())
        .isEqualTo(
            """
            % things; needs \\usepackage{booktabs}
            \\begin{tabular}{llr}
            \\toprule
            name & note & number \\\\
            \\midrule
            100 \\% \\& a\\_b & \\textbackslash{}\\{x\\}\\textasciitilde{}\\textasciicircum{}\\#\\$ \
            \\textless{}\\textquotedbl{}\\textbar{}\\textgreater{} & 43.1 $\\pm$ 0.5 \\\\
            \\bottomrule
            \\end{tabular}
            """);
  }

  @Test
  void latexHasSignsWhereNumbersHaveThemAndHyphensInNames() {
    assertThat(table(new String[] {"fine-tune", "mlit-2", "-1.25 to +3.5"}).latex())
        .contains("fine-tune & mlit-2 & $-1.25$ to $+3.5$ \\\\\n");
  }

  @Test
  void textStandsInColumns() {
    assertThat(table(new String[] {"a", "b", "1"}, new String[] {"longer", "", "10.5"}).text())
        .isEqualTo(
            """
            name    note  number
            a       b          1
            longer          10.5
            """);
  }

  @Test
  void markdownKeepsItsColumns() {
    assertThat(table(new String[] {"a|b", "c", "1"}).markdown())
        .isEqualTo(
            """
            | name | note | number |
            |---|---|---:|
            | a\\|b | c | 1 |
            """);
  }
}
