package dev.mlit.savedmodel;

import dev.mlit.data.ClassNames;
import dev.mlit.data.LabelFile;
import dev.mlit.model.InferenceGraph;
import dev.mlit.spec.InvalidInputException;
import dev.mlit.spec.ModelSpec;
import dev.mlit.weights.CheckpointVariables;
import dev.mlit.weights.Renames;
import dev.mlit.weights.WeightSource;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/**
 * Makes a SavedModel of mlit from weights that another program wrote: a SavedModel that Python
 * fine-tuned and saved, a TensorFlow checkpoint, or a safetensors file.
 *
 * <pre>{@code
 * ModelImport.of(Path.of("tuned")).to(Path.of("savedmodels/tuned"));
 * }</pre>
 *
 * @since 0.1.0
 */
public final class ModelImport {
  private static final int NAMED = 8;

  private final WeightSource source;
  private @Nullable ModelSpec model;
  private @Nullable List<String> labels;
  private @Nullable Path labelFile;
  private boolean compare;
  private final Renames renames = new Renames();

  private ModelImport(WeightSource source) {
    this.source = source;
  }

  /**
   * The result of an import.
   *
   * @param savedModel the directory of the SavedModel
   * @param kind what the weights came from, such as {@code TensorFlow checkpoint}
   * @param variables the number of variables that were taken over
   * @param others variables that are no model's, with their shapes: left out
   * @param prefix what all names began with and was taken off, such as {@code module.}; empty if
   *     nothing was
   * @param difference the largest difference of a logit of random images (of the median image)
   *     between the SavedModel that was imported and the one that was written; null if they were
   *     not compared
   * @param named whether its classes have names other than class_0, class_1, ...; true without
   *     classes
   */
  public record Result(
      Path savedModel,
      String kind,
      int variables,
      List<String> others,
      String prefix,
      @Nullable Double difference,
      boolean named) {
    public Result {
      others = List.copyOf(others);
    }
  }

  /**
   * An import of weights.
   *
   * @param from a SavedModel's directory, a checkpoint's prefix, or a safetensors file
   * @throws InvalidInputException if it cannot be any of these
   */
  public static ModelImport of(Path from) {
    return new ModelImport(WeightSource.of(from));
  }

  /** The {@code spec.yaml} that lies beside the weights; null if there is none. */
  public @Nullable Path description() {
    return source.description();
  }

  /** What the weights are for; the {@code spec.yaml} that lies beside them unless set. */
  public ModelImport model(ModelSpec model) {
    this.model = model;
    return this;
  }

  /**
   * The names of the classes; those of the {@code labels.txt} that lies beside the weights unless
   * set, and without it class_0, class_1, ...
   */
  public ModelImport labels(List<String> labels) {
    this.labels = List.copyOf(labels);
    return this;
  }

  /** As {@link #labels(List)}, from a file in UTF-8, a name a line. */
  public ModelImport labels(Path file) {
    this.labelFile = file;
    return this;
  }

  /**
   * Runs the graph of the SavedModel that is imported, if it is one, to compare its logits with
   * those of the model that is made of it. Off unless asked for: nothing else of mlit runs a
   * stranger's graph, which may read and write files, or never end. Only for those whom you would
   * let run a program.
   */
  public ModelImport compare(boolean compare) {
    this.compare = compare;
    return this;
  }

  /** True if a SavedModel is imported, which {@link #compare} can be asked to run. */
  public boolean isSavedModel() {
    return source.kind() == WeightSource.Kind.SAVED_MODEL;
  }

  /**
   * Takes a variable of another name, such as a head that was made in Python; or variables whose
   * names begin with something else than the model's, such as {@code student.}: those that do not
   * are left out then, unless they have the names of variables of the model.
   *
   * @param from its name, such as {@code dense/kernel}; or what names begin with, with a dot or
   *     slash at the end
   * @param variable the model's variable, such as {@code head/kernel}; or what takes the place of
   *     the beginning, which is mostly nothing
   * @throws InvalidInputException if only one of the two is a name
   */
  public ModelImport rename(String from, String variable) {
    renames.add(from, variable);
    return this;
  }

  /**
   * Writes the SavedModel.
   *
   * @throws InvalidInputException with everything that does not fit; nothing has been written then
   */
  public Result to(Path target) {
    SavedModelWriter.requireReplaceable(target);
    source.requireSums();
    ModelSpec spec = spec();
    List<String> names = names(spec);
    CheckpointVariables.Found found = source.read(spec, renames, compare);
    Double difference = compare ? difference(spec, found) : null;
    ModelCard card = ModelCard.imported(source.kind() + " " + source.path().getFileName());
    if (isSavedModel()) {
      card = card.with("compared", compared(difference));
    }
    SavedModelWriter.write(spec, found.weights(), names, card, target);
    return new Result(
        target,
        source.kind().toString(),
        found.weights().arrays().size(),
        found.others(),
        found.prefix(),
        difference,
        names.isEmpty() || !ClassNames.areMadeUp(names));
  }

  private static String compared(@Nullable Double difference) {
    return difference == null
        ? "not compared with the graph of what was imported"
        : String.format(
            Locale.ROOT,
            "logits of random images differ by %.1e from those of what was imported",
            difference);
  }

  private ModelSpec spec() {
    ModelSpec beside = model == null ? source.spec() : model;
    if (beside == null) {
      throw new InvalidInputException(
          advice ->
              source.path()
                  + ": what the weights are for must be given ("
                  + advice.importedModel()
                  + "), as there is no spec.yaml");
    }
    return beside;
  }

  private List<String> names(ModelSpec spec) {
    List<String> names = labels;
    if (names == null) {
      names =
          labelFile == null
              ? source.labels(spec.classes())
              : LabelFile.read(labelFile, spec.classes());
    }
    if (names.isEmpty()) {
      return IntStream.range(0, spec.classes()).mapToObj(i -> "class_" + i).toList();
    }
    if (names.size() != spec.classes()) {
      int count = names.size();
      boolean beside = labels == null && labelFile == null;
      throw new InvalidInputException(
          advice ->
              LabelFile.onePerClass(count, spec.classes())
                  + (beside
                      ? " (the labels.txt beside the weights; " + advice.importedLabels() + ")"
                      : ""));
    }
    return names;
  }

  private @Nullable Double difference(ModelSpec spec, CheckpointVariables.Found found) {
    if (!isSavedModel() || spec.isAutoencoder()) {
      return null;
    }
    try (InferenceGraph model = InferenceGraph.of(spec, found.weights(), 0)) {
      Optional<SignatureCheck.Comparison> comparison =
          SignatureCheck.compare(source.path(), spec, model);
      if (comparison.isEmpty()) {
        return null;
      }
      if (!comparison.get().same()) {
        List<String> others = found.others();
        throw new InvalidInputException(
            advice ->
                String.format(
                    Locale.ROOT,
                    "%s: computes other logits (by %.2g) than the model does with its weights: more"
                        + " was changed than these, or the model is another (%s)%s",
                    source.path(),
                    comparison.get().difference(),
                    advice.importedModel(),
                    others.isEmpty()
                        ? ""
                        : "; not taken over: "
                            + String.join(", ", others.subList(0, Math.min(NAMED, others.size())))
                            + "; is one of them a variable of the model, then say "
                            + advice.rename("NAME", "VARIABLE")));
      }
      return comparison.get().difference();
    }
  }
}
