package dev.mlit.data.published;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.List;

/** The names of classes that come with mlit, since the published files have none, or elsewhere. */
final class Labels {
  private Labels() {}

  /** The names, one for every line of a resource; the one of label 0 comes first. */
  static List<String> of(String dataset) {
    String resource = "labels/" + dataset + ".txt";
    try (InputStream in = Labels.class.getResourceAsStream(resource)) {
      if (in == null) {
        throw new IllegalStateException("resource " + resource + " is missing from mlit's jar");
      }
      return new String(in.readAllBytes(), StandardCharsets.UTF_8).lines().toList();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
