package dev.mlit.report;

import static java.util.stream.Collectors.joining;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.stream.Stream;

/**
 * Means with their deviations over named places of the x-axis, a line for every series, as SVG.
 *
 * @since 0.1.0
 */
public final class ErrorBars implements Component {
  private static final int WIDTH = 480;
  private static final int HEIGHT = 280;
  private static final int LEFT = 48;
  private static final int RIGHT = 16;
  private static final int TOP = 12;
  private static final int BOTTOM = 42;
  private static final Axes AXES = new Axes(LEFT, WIDTH - RIGHT, HEIGHT - BOTTOM);
  private static final int CAP = 4;

  /** Series at the same place stand so far apart that their bars can be told apart. */
  private static final int APART = 7;

  private final String title;
  private final String x;
  private final List<String> places;
  private final List<Series> series = new ArrayList<>();

  private ErrorBars(String title, String x, List<String> places) {
    this.title = title;
    this.x = x;
    this.places = places;
  }

  /**
   * A mean.
   *
   * @param place counted from 0
   * @param mean its height
   * @param deviation above and below; not finite for none
   */
  public record Point(int place, double mean, double deviation) {
    double low() {
      return Double.isFinite(deviation) ? mean - deviation : mean;
    }

    double high() {
      return Double.isFinite(deviation) ? mean + deviation : mean;
    }
  }

  private record Series(String name, List<Point> points) {}

  /**
   * A chart without series yet.
   *
   * @param title what the y-axis shows
   * @param x what the x-axis shows
   * @param places the names on the x-axis, from left to right
   */
  public static ErrorBars of(String title, String x, List<String> places) {
    return new ErrorBars(title, x, List.copyOf(places));
  }

  /** Adds a series, its points from left to right. */
  public ErrorBars series(String name, List<Point> points) {
    series.add(new Series(name, List.copyOf(points)));
    return this;
  }

  @Override
  public String html() {
    Scale up =
        Scale.of(
            series.stream()
                .flatMap(s -> s.points.stream())
                .flatMap(p -> Stream.of(p.low(), p.high()))
                .mapToDouble(Double::doubleValue),
            false);
    StringBuilder svg = new StringBuilder(AXES.grid(up, number -> y(up, number)));
    for (int i = 0; i < places.size(); i++) {
      svg.append(
          String.format(
              Locale.ROOT,
              "<text class=\"tick\" x=\"%s\" y=\"%d\" text-anchor=\"middle\">%s</text>%n",
              Html.coordinate(x(i)),
              HEIGHT - BOTTOM + 18,
              Html.escape(places.get(i))));
    }
    svg.append(AXES.base(x, HEIGHT - 6));
    for (int i = 0; i < series.size(); i++) {
      svg.append(series(up, i));
    }
    String legend =
        series.stream()
            .map(
                s ->
                    "<span class=\"c"
                        + series.indexOf(s)
                        + "\"><i></i>"
                        + Html.escape(s.name)
                        + "</span>")
            .collect(joining());
    return String.format(
        Locale.ROOT,
        "<figure class=\"card bars\"><figcaption><h3>%s</h3><div class=\"legend\">%s</div>"
            + "</figcaption><div class=\"plot\"><svg viewBox=\"0 0 %d %d\" role=\"img\""
            + " aria-label=\"%s\">%s</svg></div></figure>",
        Html.escape(title),
        legend,
        WIDTH,
        HEIGHT,
        Html.escape(title + " over " + x),
        svg);
  }

  private String series(Scale up, int number) {
    Series drawn = series.get(number);
    double shift = (number - (series.size() - 1) / 2.0) * APART;
    StringBuilder svg = new StringBuilder("<g class=\"c" + number + "\">");
    String path =
        drawn.points.stream()
            .map(p -> Html.coordinate(x(p.place) + shift) + " " + Html.coordinate(y(up, p.mean)))
            .collect(joining("L", "M", ""));
    if (drawn.points.size() > 1) {
      svg.append("<path d=\"").append(path).append("\"/>");
    }
    for (Point p : drawn.points) {
      double x = x(p.place) + shift;
      String low = Html.coordinate(y(up, p.low()));
      String high = Html.coordinate(y(up, p.high()));
      svg.append(
          String.format(
              Locale.ROOT,
              "<path d=\"M%s %sH%sM%s %sV%sM%s %sH%s\"/>",
              Html.coordinate(x - CAP),
              high,
              Html.coordinate(x + CAP),
              Html.coordinate(x),
              high,
              low,
              Html.coordinate(x - CAP),
              low,
              Html.coordinate(x + CAP)));
      svg.append(
          String.format(
              Locale.ROOT,
              "<circle cx=\"%s\" cy=\"%s\" r=\"4\"><title>%s, %s: %s</title></circle>",
              Html.coordinate(x),
              Html.coordinate(y(up, p.mean)),
              Html.escape(drawn.name),
              Html.escape(places.get(p.place)),
              Double.isFinite(p.deviation)
                  ? String.format(Locale.ROOT, "%.4f ± %.4f", p.mean, p.deviation)
                  : String.format(Locale.ROOT, "%.4f", p.mean)));
    }
    return svg.append("</g>").toString();
  }

  private double x(int place) {
    return LEFT + (place + 0.5) / places.size() * (WIDTH - LEFT - RIGHT);
  }

  private static double y(Scale up, double number) {
    return HEIGHT - BOTTOM - up.at(number) * (HEIGHT - TOP - BOTTOM);
  }
}
