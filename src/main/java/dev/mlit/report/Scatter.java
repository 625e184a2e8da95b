package dev.mlit.report;

import static java.util.stream.Collectors.joining;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.stream.IntStream;

/**
 * Points in a plane, in the colours of their groups, as SVG; the axes have no numbers.
 *
 * @since 0.1.0
 */
public final class Scatter implements Component {
  private static final int SIDE = 360;
  private static final int MARGIN = 8;

  private final String title;
  private final List<String> groups;
  private final List<Point> points = new ArrayList<>();

  private Scatter(String title, List<String> groups) {
    this.title = title;
    this.groups = groups;
  }

  private record Point(double x, double y, int group) {}

  /** A chart without points yet. */
  public static Scatter of(String title, List<String> groups) {
    return new Scatter(title, List.copyOf(groups));
  }

  /** Adds a point of a group, counted from 0. */
  public Scatter point(double x, double y, int group) {
    points.add(new Point(x, y, group));
    return this;
  }

  @Override
  public String html() {
    Scale across = Scale.of(points.stream().mapToDouble(Point::x), false);
    Scale up = Scale.of(points.stream().mapToDouble(Point::y), false);
    String circles =
        points.stream()
            .map(
                p ->
                    String.format(
                        Locale.ROOT,
                        "<circle style=\"%s\" cx=\"%s\" cy=\"%s\" r=\"3\"/>",
                        colour(p.group),
                        Html.coordinate(MARGIN + across.at(p.x) * (SIDE - 2 * MARGIN)),
                        Html.coordinate(SIDE - MARGIN - up.at(p.y) * (SIDE - 2 * MARGIN))))
            .collect(joining("\n"));
    String legend =
        IntStream.range(0, groups.size())
            .mapToObj(
                i ->
                    "<span style=\""
                        + colour(i)
                        + "\"><i></i>"
                        + Html.escape(groups.get(i))
                        + "</span>")
            .collect(joining());
    return String.format(
        Locale.ROOT,
        "<figure class=\"card bars\"><figcaption><h3>%s</h3></figcaption><div class=\"plot\"><svg"
            + " viewBox=\"0 0 %d %d\" role=\"img\" aria-label=\"%s\">%s</svg></div><div"
            + " class=\"legend wrap\">%s</div></figure>",
        Html.escape(title),
        SIDE,
        SIDE,
        Html.escape(title),
        circles,
        legend);
  }

  /** Neighbours in number are far apart in hue. */
  private String colour(int group) {
    int hue = 360 * group / Math.max(1, groups.size());
    return String.format(Locale.ROOT, "--c:hsl(%d 65%% %d%%)", hue, group % 2 == 0 ? 48 : 60);
  }
}
