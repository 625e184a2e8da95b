package dev.mlit.report;

/** A part of a page. */
@FunctionalInterface
public interface Component {
  /** Its HTML: one element. */
  String html();
}
