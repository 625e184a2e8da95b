package dev.mlit.report;

import static java.util.stream.Collectors.joining;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/**
 * Lines over a common x-axis, as SVG; the page's script shows the numbers under the pointer.
 *
 * @since 0.1.0
 */
public final class LineChart implements Component {
  private static final int WIDTH = 480;
  private static final int HEIGHT = 260;
  private static final int LEFT = 48;
  private static final int RIGHT = 10;
  private static final int TOP = 10;
  private static final int BOTTOM = 40;
  private static final int TICKS = 6;
  private static final Axes AXES = new Axes(LEFT, WIDTH - RIGHT, HEIGHT - BOTTOM);

  /** More points than these are no lines that an eye could follow. */
  private static final int MOST_POINTS = 400;

  /** Up to these, every point has a dot. */
  private static final int MOST_DOTS = 20;

  private final String title;
  private final String x;
  private final List<Line> lines = new ArrayList<>();
  private final List<Mark> marks = new ArrayList<>();
  private boolean logarithmic;

  private LineChart(String title, String x) {
    this.title = title;
    this.x = x;
  }

  /** A point of a line. */
  public record Point(double x, double y) {}

  private record Line(String name, String style, List<Point> points) {}

  private record Mark(String name, double y) {}

  /**
   * A chart without lines yet.
   *
   * @param title what the y-axis shows
   * @param x what the x-axis shows
   */
  public static LineChart of(String title, String x) {
    return new LineChart(title, x);
  }

  /** Adds a line, its points from left to right; those that are not finite are left out. */
  public LineChart line(String name, List<Point> points) {
    return add(
        name, "c" + lines.stream().filter(l -> !l.style.startsWith("faint")).count(), points);
  }

  /** Adds a line in the colour of the next one, but thin and pale, such as of single steps. */
  public LineChart faintLine(String name, List<Point> points) {
    long next = lines.stream().filter(l -> !l.style.startsWith("faint")).count();
    return add(name, "faint c" + next, points);
  }

  private LineChart add(String name, String style, List<Point> points) {
    List<Point> finite =
        points.stream().filter(p -> Double.isFinite(p.x) && Double.isFinite(p.y)).toList();
    lines.add(new Line(name, style, thinned(finite)));
    return this;
  }

  /** Adds a dashed line at a height, such as a limit. */
  public LineChart mark(String name, double y) {
    marks.add(new Mark(name, y));
    return this;
  }

  /** Makes equal distances on the y-axis equal ratios. */
  public LineChart logarithmic() {
    logarithmic = true;
    return this;
  }

  /** The means of neighbours, if there are too many. */
  private static List<Point> thinned(List<Point> points) {
    if (points.size() <= MOST_POINTS) {
      return points;
    }
    List<Point> means = new ArrayList<>();
    for (int i = 0; i < MOST_POINTS; i++) {
      int first = (int) ((long) points.size() * i / MOST_POINTS);
      int end = (int) ((long) points.size() * (i + 1) / MOST_POINTS);
      List<Point> some = points.subList(first, end);
      means.add(
          new Point(
              some.stream().mapToDouble(Point::x).average().orElseThrow(),
              some.stream().mapToDouble(Point::y).average().orElseThrow()));
    }
    return means;
  }

  @Override
  public String html() {
    Scale across =
        Scale.of(lines.stream().flatMap(l -> l.points.stream()).mapToDouble(Point::x), false);
    Scale up =
        Scale.of(lines.stream().flatMap(l -> l.points.stream()).mapToDouble(Point::y), logarithmic);
    Frame frame = new Frame(new Scale(Math.max(0, across.low()), across.high(), false), up);
    return String.format(
        Locale.ROOT,
        """
        <figure class="card chart">
        <figcaption><h3>%s</h3><div class="legend">%s</div></figcaption>
        <div class="plot"><svg viewBox="0 0 %d %d" role="img" aria-label="%s">
        %s%s%s
        <line class="cursor" y1="%d" y2="%d"/></svg><div class="tip"></div></div>
        <script type="application/json">%s</script>
        </figure>
        """,
        Html.escape(title),
        legend(),
        WIDTH,
        HEIGHT,
        Html.escape(title + " over " + x),
        frame.axes(x),
        marks.stream().map(frame::mark).collect(joining()),
        lines.stream().map(frame::line).collect(joining("\n")),
        TOP,
        HEIGHT - BOTTOM,
        Html.json(data(frame)));
  }

  private String legend() {
    if (lines.size() == 1) {
      return "";
    }
    return lines.stream()
        .map(l -> "<span class=\"" + l.style + "\"><i></i>" + Html.escape(l.name) + "</span>")
        .collect(joining());
  }

  private Map<String, Object> data(Frame frame) {
    List<Map<String, Object>> series = new ArrayList<>();
    for (Line line : lines) {
      List<double[]> points = new ArrayList<>();
      line.points.forEach(
          p -> points.add(new double[] {p.x, p.y, frame.x(p.x) / WIDTH, frame.y(p.y) / HEIGHT}));
      series.add(Map.of("name", line.name, "style", line.style, "points", points));
    }
    return Map.of("x", x, "series", series);
  }

  /** Where numbers are in the picture. */
  private record Frame(Scale across, Scale up) {
    double x(double number) {
      return LEFT + across.at(number) * (WIDTH - LEFT - RIGHT);
    }

    double y(double number) {
      return HEIGHT - BOTTOM - up.at(number) * (HEIGHT - TOP - BOTTOM);
    }

    String axes(String name) {
      StringBuilder svg = new StringBuilder(AXES.grid(up, this::y));
      for (double tick : across.ticks(TICKS)) {
        svg.append(
            String.format(
                Locale.ROOT,
                "<text class=\"tick\" x=\"%s\" y=\"%d\" text-anchor=\"middle\">%s</text>\n",
                Html.coordinate(x(tick)),
                HEIGHT - BOTTOM + 17,
                Scale.label(tick)));
      }
      svg.append(AXES.base(name, HEIGHT - 5));
      return svg.toString();
    }

    String mark(Mark mark) {
      if (!(mark.y > up.low() && mark.y < up.high())) {
        return "";
      }
      String y = Html.coordinate(y(mark.y));
      return String.format(
          Locale.ROOT,
          "<line class=\"mark\" x1=\"%d\" x2=\"%d\" y1=\"%s\" y2=\"%s\"/>"
              + "<text class=\"tick\" x=\"%d\" y=\"%s\" text-anchor=\"end\">%s</text>\n",
          LEFT,
          WIDTH - RIGHT,
          y,
          y,
          WIDTH - RIGHT - 2,
          Html.coordinate(y(mark.y) - 5),
          Html.escape(mark.name));
    }

    String line(Line line) {
      String path =
          line.points.stream()
              .map(p -> Html.coordinate(x(p.x)) + " " + Html.coordinate(y(p.y)))
              .collect(joining("L", "M", ""));
      StringBuilder svg = new StringBuilder();
      if (line.points.size() > 1) {
        svg.append("<path class=\"")
            .append(line.style)
            .append("\" d=\"")
            .append(path)
            .append("\"/>");
      }
      if (!line.style.startsWith("faint") && line.points.size() <= MOST_DOTS) {
        for (Point p : line.points) {
          svg.append(
              String.format(
                  Locale.ROOT,
                  "<circle class=\"%s\" cx=\"%s\" cy=\"%s\" r=\"3\"/>",
                  line.style,
                  Html.coordinate(x(p.x)),
                  Html.coordinate(y(p.y))));
        }
      }
      return svg.toString();
    }
  }
}
