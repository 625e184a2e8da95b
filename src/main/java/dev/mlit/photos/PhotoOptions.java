package dev.mlit.photos;

import dev.mlit.spec.text.NumberRule;
import dev.mlit.train.TrainingListener;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.function.Consumer;
import org.apiguardian.api.API;
import org.apiguardian.api.API.Status;
import org.jspecify.annotations.Nullable;

/**
 * How a model is trained on a folder of pictures, where something else is wanted than what is
 * decided.
 *
 * <pre>{@code
 * Mlit.train(Path.of("leaves"), options -> options.minutes(5).set("training.seed=2"));
 * }</pre>
 *
 * @since 0.1.0
 */
@API(status = Status.STABLE)
public final class PhotoOptions {
  private double minutes = 10;
  private final List<String> settings = new ArrayList<>();
  private final List<TrainingListener> listeners = new ArrayList<>();
  private final List<Path> encoders = new ArrayList<>();
  private Consumer<String> lines = line -> {};
  private @Nullable Path directory;

  /** The options as they are unless set. */
  public PhotoOptions() {}

  /**
   * The time until the model is trained, tested and exported, in minutes, above 0; 10 unless set.
   * The run may need less, and a machine that becomes slower a little more.
   *
   * @throws IllegalArgumentException if it is not above 0
   */
  public PhotoOptions minutes(double minutes) {
    this.minutes = new NumberRule(0, 10_000, true, false).require("minutes", minutes);
    return this;
  }

  /** Sets fields of the run, such as {@code training.seed=2} or {@code model.patch=8}. */
  public PhotoOptions set(String... settings) {
    return set(List.of(settings));
  }

  /** Sets fields of the run. */
  public PhotoOptions set(Collection<String> settings) {
    this.settings.addAll(settings);
    return this;
  }

  /**
   * The run directory, new or empty; {@code runs/NAME} unless set, after the folder of the
   * pictures, with a number if that exists.
   */
  public PhotoOptions directory(Path directory) {
    this.directory = directory;
    return this;
  }

  /** Adds a directory of pre-trained models, which are preferred to those that come along. */
  public PhotoOptions encoders(Path directory) {
    encoders.add(directory);
    return this;
  }

  /** Adds a listener of the run; it is closed when the run ends. */
  public PhotoOptions listener(TrainingListener listener) {
    listeners.add(listener);
    return this;
  }

  /** Gets what is found and decided, line by line, as it is; nobody unless set. */
  public PhotoOptions lines(Consumer<String> lines) {
    this.lines = lines;
    return this;
  }

  double minutes() {
    return minutes;
  }

  List<String> settings() {
    return List.copyOf(settings);
  }

  /** Whether a field, or one inside it, is set. */
  boolean sets(String field) {
    return settings.stream().anyMatch(s -> s.startsWith(field + "=") || s.startsWith(field + "."));
  }

  List<Path> encoders() {
    return List.copyOf(encoders);
  }

  Consumer<String> lines() {
    return lines;
  }

  /** The listeners of the run. */
  @API(status = Status.INTERNAL)
  public List<TrainingListener> listeners() {
    return List.copyOf(listeners);
  }

  /** The run directory; null for the usual one. */
  @API(status = Status.INTERNAL)
  public @Nullable Path directory() {
    return directory;
  }
}
