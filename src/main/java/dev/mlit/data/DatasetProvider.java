package dev.mlit.data;

import java.nio.file.Path;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Datasets that are opened by name. {@link Datasets} finds every provider whose class is named in a
 * file {@code META-INF/services/dev.mlit.data.DatasetProvider} of the class path ({@link
 * java.util.ServiceLoader}): its names then work in YAML files and commands as those do that come
 * with mlit.
 *
 * @since 0.1.0
 */
public interface DatasetProvider {
  /** The names, in the order in which a list should show them; the same at every call. */
  List<String> names();

  /**
   * What a dataset is, in one line.
   *
   * @param name one of {@link #names}
   */
  String describe(String name);

  /**
   * Reads a dataset.
   *
   * @param name one of {@link #names}
   * @param directory holds its files, or is the archive that holds them; null if the user named
   *     none
   * @throws dev.mlit.spec.InvalidInputException if its files are missing or damaged
   */
  Dataset open(String name, @Nullable Path directory, ReadOptions options);
}
