package dev.mlit.report;

import static java.util.stream.Collectors.joining;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/**
 * An HTML page in one file: style, script and pictures are in it, and a content security policy
 * keeps it from loading anything else. It follows the reader's light or dark scheme.
 *
 * @since 0.1.0
 */
public final class Page {
  private final String title;
  private final String subtitle;
  private final String status;
  private final List<String> sections = new ArrayList<>();
  private String footer = "";

  private Page(String title, String subtitle, String status) {
    this.title = title;
    this.subtitle = subtitle;
    this.status = status;
  }

  /**
   * A page without sections yet.
   *
   * @param status in a few words, beside the title
   */
  public static Page of(String title, String subtitle, String status) {
    return new Page(title, subtitle, status);
  }

  /** Adds components below each other, without a heading. */
  public Page add(Component... components) {
    for (Component component : components) {
      sections.add(component.html());
    }
    return this;
  }

  /**
   * Adds components side by side where there is room.
   *
   * @param heading above them
   * @param layout a class of the style sheet: {@code thirds}, {@code wide-narrow} or {@code one}
   */
  public Page section(String heading, String layout, Component... components) {
    String parts = List.of(components).stream().map(Component::html).collect(joining("\n"));
    sections.add(
        String.format(
            Locale.ROOT,
            "<section><h2>%s</h2><div class=\"%s\">%s</div></section>",
            Html.escape(heading),
            layout,
            parts));
    return this;
  }

  /** Components below each other, as one. */
  public static Component stack(Component... components) {
    return () ->
        List.of(components).stream()
            .map(Component::html)
            .collect(joining("\n", "<div class=\"one\">", "</div>"));
  }

  /** Sets what stands below everything, in small letters. */
  public Page footer(String text) {
    footer = text;
    return this;
  }

  /** A text as it was written, such as a spec. */
  public static Component text(String text) {
    return () -> "<pre class=\"card\">" + Html.escape(text) + "</pre>";
  }

  /** The whole page. */
  public String html() {
    return String.format(
        Locale.ROOT,
        """
        <!DOCTYPE html>
        <html lang="en">
        <head>
        <meta charset="utf-8">
        <meta name="viewport" content="width=device-width, initial-scale=1">
        <meta name="color-scheme" content="light dark">
        <meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'; \
        script-src 'unsafe-inline'; img-src data:">
        <title>%s</title>
        <style>
        %s</style>
        </head>
        <body>
        <header><div><h1>%s</h1><p>%s</p></div><span class="status">%s</span></header>
        <main>
        %s
        </main>
        <footer>%s</footer>
        <script>
        %s</script>
        </body>
        </html>
        """,
        Html.escape(title),
        resource("report.css"),
        Html.escape(title),
        Html.escape(subtitle),
        Html.escape(status),
        String.join("\n", sections),
        Html.escape(footer),
        resource("report.js"));
  }

  private static String resource(String name) {
    try (InputStream stream = Page.class.getResourceAsStream(name)) {
      if (stream == null) {
        throw new IllegalStateException(name + " is missing from the jar");
      }
      return new String(stream.readAllBytes(), StandardCharsets.UTF_8);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
