package dev.mlit.photos;

import dev.mlit.files.ModelLayout;
import dev.mlit.spec.ModelSpec;
import dev.mlit.spec.Specs;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;
import java.util.stream.Stream;

/** The trained models that a run may start from: the one place that knows them. */
final class Encoders {
  /**
   * By what runs from them reach, the best first; see docs/photos.md. A classifier is named as the
   * dataset whose labels it has learned.
   */
  private static final List<String> NAMES = List.of("cifar100", "mmlit-xxs-32-cifar");

  private Encoders() {}

  /**
   * An encoder.
   *
   * @param name what people call it
   * @param place of its weights
   * @param model that the weights are of
   */
  record Encoder(String name, String place, ModelSpec model) {
    /** What it has learned, for people. */
    String learned() {
      return model.isAutoencoder()
          ? "has seen other images without labels"
          : "has learned to tell " + model.classes() + " classes of other images apart";
    }
  }

  /**
   * The encoder to start from; empty where none is there.
   *
   * @param directories that may hold it, the preferred one first; those that come along come last
   * @param zoo gives the place of a model that comes along
   * @param dataset whose images the run is about: no encoder that knows its labels is taken, as
   *     validation images are some that it has learned
   */
  static Optional<Encoder> find(
      List<Path> directories, Function<String, Optional<Path>> zoo, String dataset) {
    return NAMES.stream()
        .filter(name -> !name.equals(dataset))
        .flatMap(
            name ->
                Stream.concat(
                    directories.stream()
                        .map(directory -> directory.resolve(name))
                        .filter(place -> Files.isRegularFile(place.resolve(ModelLayout.GRAPH)))
                        .map(place -> encoder(name, place.toString(), place)),
                    zoo.apply(name).stream()
                        .map(place -> encoder(name, named(name, place), place))))
        .findFirst();
  }

  private static Encoder encoder(String name, String text, Path place) {
    return new Encoder(name, text, Specs.model(place.resolve(ModelLayout.SPEC).toString()));
  }

  /** A name means the same on every machine, but for those where something else is called so. */
  private static String named(String name, Path place) {
    return Files.exists(Path.of(name)) ? place.toString() : name;
  }
}
