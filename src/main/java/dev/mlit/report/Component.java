package dev.mlit.report;

/**
 * A part of a page.
 *
 * @since 0.1.0
 */
@FunctionalInterface
public interface Component {
  /** Its HTML: one element. */
  String html();
}
