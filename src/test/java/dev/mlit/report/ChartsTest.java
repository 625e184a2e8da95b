package dev.mlit.report;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.ArrayList;
import java.util.List;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

/**
 * Where charts put their numbers: y grows downwards in SVG, and a mirrored axis looks as good as
 * the right one. If this fails, a report shows a run that gets worse where it gets better.
 */
class ChartsTest {
  private static final Pattern CIRCLE =
      Pattern.compile("<circle[^>]* cx=\"([^\"]+)\" cy=\"([^\"]+)\"");

  private record Dot(double x, double y) {}

  private static List<Dot> dots(String html) {
    List<Dot> dots = new ArrayList<>();
    for (MatchResult found : CIRCLE.matcher(html).results().toList()) {
      dots.add(new Dot(Double.parseDouble(found.group(1)), Double.parseDouble(found.group(2))));
    }
    return dots;
  }

  @Test
  void higherNumbersAreHigherAndLaterOnesFurtherRight() {
    List<Dot> dots = dots(lines(new double[][] {{1, 0.2}, {2, 0.6}, {3, 0.4}}).html());

    assertThat(dots).hasSize(3);
    assertThat(dots.get(1).x()).isGreaterThan(dots.get(0).x()).isLessThan(dots.get(2).x());
    assertThat(dots.get(1).y()).isLessThan(dots.get(0).y()).isLessThan(dots.get(2).y());
    assertThat(dots.get(0).y() - dots.get(2).y())
        .as("half of the way up is half of the distance")
        .isCloseTo((dots.get(0).y() - dots.get(1).y()) / 2, within(0.02));
  }

  /** The number beside a line of the grid is what a point at this height has. */
  @Test
  void gridLinesHaveTheNumbersOfTheirHeight() {
    String html = lines(new double[][] {{0, 0}, {1, 0.4}, {2, 1}}).html();
    double ofPoint = dots(html).get(1).y();

    assertThat(gridHeight(html, "0.4")).isCloseTo(ofPoint, within(0.01));
    assertThat(gridHeight(html, "0.8")).isLessThan(gridHeight(html, "0.2"));
  }

  private static double gridHeight(String html, String label) {
    return Pattern.compile("y1=\"([^\"]+)\" y2=\"[^\"]+\"/><text[^>]*>" + label + "</text>")
        .matcher(html)
        .results()
        .map(found -> Double.parseDouble(found.group(1)))
        .findFirst()
        .orElseThrow();
  }

  @Test
  void markIsAtItsHeightAndOneOutsideIsLeftOut() {
    LineChart chart = lines(new double[][] {{0, 0}, {1, 0.5}, {2, 1}});
    String html = chart.mark("half", 0.5).mark("far away", 7).html();

    String y = html.replaceFirst("(?s).*class=\"mark\"[^>]* y1=\"([^\"]+)\".*", "$1");
    assertThat(Double.parseDouble(y)).isCloseTo(dots(html).get(1).y(), within(0.01));
    assertThat(html).contains(">half<").doesNotContain("far away");
  }

  @Test
  void aLogarithmicChartHasEqualDistancesForEqualRatios() {
    List<Dot> dots = dots(lines(new double[][] {{0, 1}, {1, 10}, {2, 100}}).logarithmic().html());

    assertThat(dots.get(0).y() - dots.get(1).y())
        .isCloseTo(dots.get(1).y() - dots.get(2).y(), within(0.02));
  }

  /** The script shows them under the pointer, so they must be the numbers of the run. */
  @Test
  void theScriptGetsTheExactNumbers() {
    assertThat(lines(new double[][] {{1, 0.123456789}, {2, 0.5}}).html())
        .contains("[1.0,0.123456789,");
  }

  @Test
  void pointsThatAreNotFiniteAreLeftOut() {
    assertThat(dots(lines(new double[][] {{1, 0.5}, {2, Double.NaN}, {3, 0.7}}).html())).hasSize(2);
  }

  @Test
  void moreThan400PointsAreTheMeansOfNeighbours() {
    List<LineChart.Point> points = new ArrayList<>();
    for (int i = 0; i < 800; i++) {
      points.add(new LineChart.Point(i, i % 2));
    }
    String html = LineChart.of("loss", "step").line("loss", points).html();

    assertThat(html).contains("[0.5,0.5,").doesNotContain("[0.0,0.0,");
  }

  @Test
  void errorBarsReachFromLowToHighAroundTheMean() {
    String html =
        ErrorBars.of("accuracy", "labels", List.of("1 %", "10 %"))
            .series(
                "scratch",
                List.of(new ErrorBars.Point(0, 0.4, 0.1), new ErrorBars.Point(1, 0.6, 0.2)))
            .html();
    List<Dot> means = dots(html);
    List<MatchResult> bars =
        Pattern.compile("d=\"M[^ \"]+ ([^ H\"]+)H[^M]+M[^ ]+ [^V]+V([^M]+)M")
            .matcher(html)
            .results()
            .toList();

    assertThat(means.get(1).y()).as("0.6 is above 0.4").isLessThan(means.get(0).y());
    assertThat(bars).hasSize(2);
    for (int i = 0; i < 2; i++) {
      double high = Double.parseDouble(bars.get(i).group(1));
      double low = Double.parseDouble(bars.get(i).group(2));
      assertThat(high).isLessThan(low);
      assertThat((high + low) / 2).isCloseTo(means.get(i).y(), within(0.02));
    }
    double first = Double.parseDouble(bars.get(0).group(2)) - means.get(0).y();
    double second = Double.parseDouble(bars.get(1).group(2)) - means.get(1).y();
    assertThat(second).as("twice the deviation").isCloseTo(2 * first, within(0.05));
  }

  /** Half of the images right is half of the way up, and what was promised is above or below it. */
  @Test
  void aReliabilityDiagramHasWhatIsRightBelowAndWhatWasPromisedBesideIt() {
    String html =
        Reliability.of("reliability", "")
            .bin(0, 0.5, 4, 0.25, 0.5)
            .bin(0.5, 1, 8, 1, 0.75)
            .bin(0.9, 1, 0, 0, 0)
            .html();
    List<MatchResult> bars =
        Pattern.compile(
                "<rect class=\"(\\w+)\" x=\"([^\"]+)\" y=\"([^\"]+)\" width=\"[^\"]+\" height=\"([^\"]+)\"")
            .matcher(html)
            .results()
            .toList();
    assertThat(bars)
        .extracting(bar -> bar.group(1))
        .containsExactly("right", "sure", "right", "unsure", "count", "count");
    double all = Double.parseDouble(bars.get(2).group(4));
    assertThat(Double.parseDouble(bars.get(0).group(4))).isCloseTo(all / 4, within(0.02));
    assertThat(Double.parseDouble(bars.get(1).group(4))).isCloseTo(all / 4, within(0.02));
    assertThat(Double.parseDouble(bars.get(1).group(3)))
        .as("above what is right")
        .isLessThan(Double.parseDouble(bars.get(0).group(3)));
    assertThat(Double.parseDouble(bars.get(4).group(4)))
        .as("half as many images")
        .isCloseTo(Double.parseDouble(bars.get(5).group(4)) / 2, within(0.02));
    assertThat(html).contains("<title>4 images, probability 0.500, right 0.250</title>");
  }

  @Test
  void scatterHasYUpwards() {
    List<Dot> dots = dots(Scatter.of("map", List.of("a")).point(0, 0, 0).point(1, 2, 0).html());

    assertThat(dots.get(1).x()).isGreaterThan(dots.get(0).x());
    assertThat(dots.get(1).y()).isLessThan(dots.get(0).y());
  }

  private static LineChart lines(double[][] points) {
    List<LineChart.Point> all = new ArrayList<>();
    for (double[] point : points) {
      all.add(new LineChart.Point(point[0], point[1]));
    }
    return LineChart.of("accuracy", "epoch").line("test", all);
  }
}
