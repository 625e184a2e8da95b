package dev.mlit.report;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** The numbers of tables, bars and matrices, and that a name cannot become a part of the page. */
class CardsTest {
  @Test
  void rowsOfAConfusionMatrixAreTheTrueClasses() {
    String html = new ConfusionMatrix(List.of("cat", "dog"), new int[][] {{8, 2}, {5, 0}}).html();

    assertThat(html)
        .contains("cat taken for dog: 2 (20.0 %)")
        .contains("dog taken for cat: 5 (100.0 %)")
        .contains("<td class=\"right strong\" style=\"--v:0.800\"")
        .contains("<td class=\"wrong strong\" style=\"--v:1.000\"");
    assertThat(html.indexOf("cat taken for dog")).isLessThan(html.indexOf("dog taken for cat"));
  }

  /** Row 1, column 0: left, below. */
  @Test
  void aMatrixOfManyClassesIsAPictureWithTheTrueClassDownwards() {
    int classes = 30;
    int[][] counts = new int[classes][classes];
    counts[1][0] = 3;
    List<String> names = IntStream.range(0, classes).mapToObj(i -> "class " + i).toList();

    assertThat(new ConfusionMatrix(names, counts).html())
        .contains("<rect class=\"wrong\" x=\"0\" y=\"20\" width=\"20\" height=\"20\"")
        .contains("class 1 taken for class 0: 3");
  }

  /** 100 classes, each taken for every other: nothing that a browser could not open. */
  @Test
  void aMatrixOfVeryManyConfusionsHasAShapeForEveryShadeAndStaysSmall() {
    int classes = 100;
    int[][] counts = new int[classes][classes];
    for (int[] row : counts) {
      Arrays.fill(row, 1);
    }
    counts[2][1] = 500;
    String html =
        new ConfusionMatrix(IntStream.range(0, classes).mapToObj(i -> "c" + i).toList(), counts)
            .html();

    assertThat(html)
        .contains("<path class=\"wrong\" style=\"--v:0.8\" d=\"M6 12h6v6h-6z\"/>")
        .doesNotContain("<rect");
    assertThat(html.split("M\\d", -1)).hasSize(1 + classes * classes);
    assertThat(html.length()).isLessThan(300_000);
  }

  @Test
  void aNamedRowBeginsWithItsNameAndATableMayBeOpen() {
    Table table = Table.of("scores", List.of("class", "F1"));
    table.row("cat", List.of(new Table.Cell(0.5, "50 %")));
    assertThat(table.html())
        .startsWith("<details class=\"card\"><summary>")
        .contains("<tr><th scope=\"row\">cat</th><td data-value=\"0.5\">50 %</td></tr>");
    assertThat(table.open().html()).startsWith("<details class=\"card\" open>");
  }

  @Test
  void barsAreAsLongAsTheirShares() {
    assertThat(Bars.of("accuracy", "by class").bar("cat", 0.255, "25.5 %").html())
        .contains("<dt>cat</dt>")
        .contains("style=\"width:25.5%\"")
        .contains("<b>25.5 %</b>");
  }

  @Test
  void sharesArePartsOfTheirSumAndOneThatIsUnusedIsPointedOut() {
    assertThat(Shares.of("experts", "").row("block 0", List.of(3.0, 0.9, 0.1), "").html())
        .contains("<i class=\"\" style=\"width:75%\" title=\"0: 75 %\">75 %</i>")
        .contains("<i class=\"low\" style=\"width:2.5%\" title=\"2: 3 %\"></i>");
    assertThat(Shares.of("experts", "").row("block 0", List.of(0.0, 0.0), "").html())
        .contains("style=\"width:0%\"");
  }

  @Test
  void tablesKeepTheExactNumberBesideTheShownOne() {
    assertThat(
            Table.of("epochs", List.of("loss"))
                .row(List.of(new Table.Cell(0.123456789, "0.1235")))
                .html())
        .contains("<td data-value=\"0.123456789\">0.1235</td>");
  }

  @Test
  void namesAreTextAndNeverMarkup() {
    // After the first of them, a browser would not see the end of the element that it is in.
    String evil = "<!--<script></script><script>alert(1)</script>";
    for (Component component :
        List.of(
            Bars.of(evil, evil).bar(evil, 1, evil),
            Shares.of(evil, evil).row(evil, List.of(1.0), evil),
            Table.of(evil, List.of(evil)).row(List.of(new Table.Cell(1, evil))),
            Table.of(evil, List.of(evil)).row(evil, List.of(new Table.Cell(1, evil))),
            Reliability.of(evil, evil).bin(0, 1, 1, 1, 1),
            new ConfusionMatrix(List.of(evil, evil), new int[2][2]),
            Scatter.of(evil, List.of(evil)).point(0, 0, 0),
            ErrorBars.of(evil, evil, List.of(evil))
                .series(evil, List.of(new ErrorBars.Point(0, 1, 1))),
            LineChart.of(evil, evil)
                .line(evil, List.of(new LineChart.Point(0, 1)))
                .line(evil, List.of())
                .mark(evil, 1))) {
      assertThat(component.html())
          .as(component.getClass().getSimpleName())
          .doesNotContain("<script>alert");
    }
  }
}
