package dev.mlit.photos;

import dev.mlit.spec.ModelSpec;
import dev.mlit.spec.Specs;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/** The pre-trained encoders that a run may start from: the one place that knows them. */
final class Encoders {
  private static final String NAME = "mmlit-xxs-32-cifar";

  private Encoders() {}

  /**
   * An encoder.
   *
   * @param name what people call it
   * @param place of its weights
   * @param model that the weights are of
   */
  record Encoder(String name, String place, ModelSpec model) {}

  /**
   * The encoder to start from; empty where none is installed.
   *
   * @param directories that may hold it, the preferred one first
   */
  static Optional<Encoder> find(List<Path> directories) {
    return directories.stream()
        .map(directory -> directory.resolve(NAME))
        .filter(place -> Files.isRegularFile(place.resolve("saved_model.pb")))
        .findFirst()
        .map(
            place ->
                new Encoder(
                    NAME, place.toString(), Specs.model(place.resolve("spec.yaml").toString())));
  }
}
