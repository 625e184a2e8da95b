package dev.mlit.serve;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Base64;

/**
 * The page at {@code /}: one file with its style and script, which loads nothing from elsewhere and
 * may not.
 */
final class Page {
  private final Answer answer;

  private Page(Answer answer) {
    this.answer = answer;
  }

  static Page of(ServedModel model) {
    String style = resource("page.css");
    String script = resource("page.js");
    String html =
        resource("page.html")
            .replace("{{model}}", escape(model.name()))
            .replace("{{style}}", style)
            .replace("{{script}}", script);
    String policy =
        "default-src 'none'; style-src '"
            + sum(style)
            + "'; script-src '"
            + sum(script)
            + "'; img-src blob: data:; connect-src 'self'; base-uri 'none'; form-action 'none';"
            + " frame-ancestors 'none'";
    return new Page(
        Answer.text("text/html; charset=utf-8", html)
            .withHeader("Content-Security-Policy", policy)
            .withHeader("X-Content-Type-Options", "nosniff")
            .withHeader("Referrer-Policy", "no-referrer"));
  }

  Answer answer() {
    return answer;
  }

  /** What a policy says to allow exactly this text. */
  private static String sum(String text) {
    try {
      byte[] sum =
          MessageDigest.getInstance("SHA-256").digest(text.getBytes(StandardCharsets.UTF_8));
      return "sha256-" + Base64.getEncoder().encodeToString(sum);
    } catch (NoSuchAlgorithmException e) {
      throw new AssertionError("every Java has SHA-256", e);
    }
  }

  private static String escape(String text) {
    return text.replace("&", "&amp;").replace("<", "&lt;").replace("\"", "&quot;");
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
