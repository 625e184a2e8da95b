package dev.mlit.savedmodel;

import dev.mlit.data.LabelFile;
import dev.mlit.files.Disk;
import dev.mlit.files.ModelLayout;
import dev.mlit.files.WholeDirectory;
import dev.mlit.spec.InvalidInputException;
import dev.mlit.spec.ModelSpec;
import dev.mlit.spec.Specs;
import dev.mlit.weights.ModelSums;
import dev.mlit.weights.SavedModelDirectory;
import dev.mlit.weights.SavedModelFile;
import dev.mlit.weights.Weights;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.apiguardian.api.API;
import org.apiguardian.api.API.Status;
import org.tensorflow.proto.MetaGraphDef;

/**
 * A SavedModel's directory, read and checked: its files are there and whole, and its description,
 * labels, signatures and variables are of one model. Nothing of its graph is run, and the values of
 * its variables are read as data.
 *
 * @param labels the names of the classes; empty for an autoencoder
 * @since 0.1.0
 */
@API(status = Status.INTERNAL)
public record StoredModel(ModelSpec spec, List<String> labels, Weights weights) {
  public StoredModel {
    labels = List.copyOf(labels);
  }

  /**
   * Reads a directory.
   *
   * @throws InvalidInputException with everything that is wrong
   */
  public static StoredModel of(Path directory) {
    return of(directory, false);
  }

  /** As {@link #of(Path)}; an autoencoder is refused. */
  static StoredModel ofClassifier(Path directory) {
    return of(directory, true);
  }

  private static StoredModel of(Path directory, boolean needsClasses) {
    Disk.requireOwnFiles(directory);
    WholeDirectory.recover(directory);
    ModelSums.require(directory);
    if (needsClasses) {
      requireClasses(directory);
    }
    SavedModelDirectory.requireFiles(directory, ModelLayout.REQUIRED);
    ModelSpec spec = Specs.model(directory.resolve(ModelLayout.SPEC).toString());
    List<String> labels = List.of();
    List<String> problems = new ArrayList<>();
    if (!spec.isAutoencoder()) {
      SavedModelDirectory.requireFiles(directory, List.of(ModelLayout.LABELS));
      labels = LabelFile.read(directory.resolve(ModelLayout.LABELS), spec.classes());
      problems.addAll(LabelFile.problems(labels, spec.classes()));
    }
    MetaGraphDef file = SavedModelFile.read(directory);
    if (!spec.isAutoencoder()) {
      problems.addAll(Outputs.problems(file, spec));
    }
    return new StoredModel(
        spec, labels, SavedModelDirectory.weights(directory, file, spec, problems));
  }

  private static void requireClasses(Path directory) {
    Path spec = directory.resolve(ModelLayout.SPEC);
    if (Files.isRegularFile(spec) && Specs.model(spec.toString()).isAutoencoder()) {
      throw new InvalidInputException(
          directory
              + ": an autoencoder, which knows no classes; train a classifier from it with"
              + " initialize: {from: "
              + directory
              + "}");
    }
  }
}
