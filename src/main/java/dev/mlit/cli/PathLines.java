package dev.mlit.cli;

import dev.mlit.savedmodel.ImageSource;
import dev.mlit.savedmodel.LiveSources;
import dev.mlit.spec.InvalidInputException;
import java.io.BufferedReader;
import java.io.IOException;
import java.util.ArrayDeque;
import java.util.NoSuchElementException;
import java.util.Queue;
import java.util.function.Function;

/** The images behind paths that come line by line, maybe from a program that still writes them. */
final class PathLines implements LiveSources {
  private final String name;
  private final BufferedReader lines;
  private final Function<String, Iterable<ImageSource>> images;
  private final Queue<ImageSource> next = new ArrayDeque<>();

  /**
   * Images behind paths.
   *
   * @param name of the lines in messages
   * @param images behind a line
   */
  PathLines(String name, BufferedReader lines, Function<String, Iterable<ImageSource>> images) {
    this.name = name;
    this.lines = lines;
    this.images = images;
  }

  @Override
  public boolean isReady() {
    try {
      return !next.isEmpty() || lines.ready();
    } catch (IOException e) {
      throw InvalidInputException.unreadable(name, e);
    }
  }

  @Override
  public boolean hasNext() {
    try {
      while (next.isEmpty()) {
        String line = lines.readLine();
        if (line == null) {
          return false;
        }
        if (!line.isBlank()) {
          images.apply(line).forEach(next::add);
        }
      }
      return true;
    } catch (IOException e) {
      throw InvalidInputException.unreadable(name, e);
    }
  }

  @Override
  public ImageSource next() {
    if (!hasNext()) {
      throw new NoSuchElementException();
    }
    return next.remove();
  }
}
