package dev.mlit.zoo;

import dev.mlit.files.WholeDirectory;
import dev.mlit.spec.InvalidInputException;
import dev.mlit.spec.text.Suggestions;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.apiguardian.api.API;
import org.apiguardian.api.API.Status;

/**
 * Trained models that come along, by name.
 *
 * <pre>{@code
 * try (Classifier classifier = Mlit.load("cifar10")) {
 *   classifier.classify(Path.of("frog.png"), 3).forEach(System.out::println);
 * }
 * }</pre>
 *
 * <p>They lie in {@code savedmodels} of a clone or distribution of mlit, and on the class path
 * where the artifact {@code dev.mlit:mlit} with the classifier {@code zoo} is. Wherever a model is
 * asked for, a path that exists comes first.
 *
 * @since 0.1.0
 */
@API(status = Status.STABLE)
public final class Zoo {
  private static final String FOLDER = "savedmodels";

  /** The launcher says where mlit lies, so that it can be called from anywhere. */
  private static final List<Shelf> SHELVES =
      List.of(
          new Shelf.Folder(Path.of(System.getProperty("mlit.home", "")).resolve(FOLDER)),
          new Shelf.ClassPath(Zoo.class.getClassLoader()));

  private Zoo() {}

  /** All models that are there, in the order of the zoo's list. */
  public static List<ZooModel> models() {
    Map<String, ZooModel> models = new LinkedHashMap<>();
    for (Shelf shelf : SHELVES) {
      shelf.models().forEach(model -> models.putIfAbsent(model.name(), model));
    }
    return List.copyOf(models.values());
  }

  /** Their names, for messages; says what to do where there is none. */
  public static String names() {
    List<String> names = models().stream().map(ZooModel::name).toList();
    return names.isEmpty()
        ? "none is here: add the artifact dev.mlit:mlit with the classifier zoo"
        : String.join(", ", names);
  }

  /** The directory of the model with this name; empty if there is none. */
  public static Optional<Path> find(String name) {
    return SHELVES.stream()
        .filter(shelf -> shelf.models().stream().anyMatch(model -> model.name().equals(name)))
        .findFirst()
        .map(shelf -> shelf.directory(name));
  }

  /** A path that exists, else the directory of the model with this name; empty if neither is. */
  @API(status = Status.INTERNAL)
  public static Optional<Path> existing(String model) {
    Path path = Path.of(model);
    return Files.exists(path) ? Optional.of(path) : find(model);
  }

  /**
   * The place of a model: a path that exists, else the model with this name. What is written as a
   * path, with a separator in it, is one even if nothing is there.
   *
   * @throws InvalidInputException if it is a name that no model has, or cannot be a path
   */
  public static Path resolve(String model) {
    Path path;
    try {
      path = Path.of(model);
    } catch (InvalidPathException e) {
      throw new InvalidInputException(model + ": cannot be a path: " + e.getReason(), e);
    }
    WholeDirectory.recover(path);
    Optional<Path> found = existing(model);
    if (found.isEmpty() && path.getNameCount() == 1 && !path.isAbsolute()) {
      String nearest =
          Suggestions.didYouMean(model, models().stream().map(ZooModel::name).toList());
      throw new InvalidInputException(
          model
              + ": is neither there nor the name of a model that comes along"
              + (nearest.isEmpty() ? " (" : "; " + nearest + "(")
              + names()
              + ")");
    }
    return found.orElse(path);
  }
}
