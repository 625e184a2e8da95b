package dev.mlit.savedmodel;

import dev.mlit.files.TemporaryDirectory;
import dev.mlit.spec.InvalidInputException;
import dev.mlit.spec.ModelSpec;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
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
 */
public final class ModelImport {
  private static final int NAMED = 8;

  private final WeightSource source;
  private @Nullable ModelSpec model;
  private @Nullable List<String> labels;
  private final Map<String, String> renamed = new LinkedHashMap<>();

  private ModelImport(WeightSource source) {
    this.source = source;
  }

  /**
   * What came of an import.
   *
   * @param savedModel the directory of the SavedModel
   * @param kind what the weights came from, such as {@code TensorFlow checkpoint}
   * @param variables the number of variables that were taken over
   * @param others variables that are no model's, with their shapes: left out
   * @param difference the largest difference of a logit of random images (of the median image)
   *     between the SavedModel that was imported and the one that was written; null if it could not
   *     be asked
   */
  public record Result(
      Path savedModel,
      String kind,
      int variables,
      List<String> others,
      @Nullable Double difference) {
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

  /**
   * Takes a variable of another name, such as a head that was made in Python.
   *
   * @param from its name, such as {@code dense/kernel}
   * @param variable the model's variable, such as {@code head/kernel}
   */
  public ModelImport rename(String from, String variable) {
    renamed.put(variable, from);
    return this;
  }

  /**
   * Writes the SavedModel.
   *
   * @throws InvalidInputException with everything that does not fit; nothing has been written then
   */
  public Result to(Path target) {
    SavedModelWriter.requireReplaceable(target);
    ModelSpec spec = spec();
    List<String> names = names(spec);
    CheckpointVariables.Found found = source.read(spec, renamed);
    List<Result> results = new ArrayList<>();
    String origin = source.kind() + " " + source.path().getFileName();
    TemporaryDirectory.use(
        temporary -> {
          Path checked = temporary.resolve("model");
          ModelCard card = ModelCard.imported(origin);
          SavedModelWriter.write(spec, found.weights(), names, card, checked);
          Double difference = difference(checked, found);
          if (difference != null) {
            card = card.with("compared", compared(difference));
          }
          SavedModelWriter.write(spec, checked.resolve("variables/variables"), names, card, target);
          results.add(
              new Result(
                  target,
                  source.kind().toString(),
                  found.weights().arrays().size(),
                  found.others(),
                  difference));
        });
    return results.get(0);
  }

  private static String compared(double difference) {
    return String.format(
        Locale.ROOT,
        "logits of random images differ by %.1e from those of what was imported",
        difference);
  }

  private ModelSpec spec() {
    ModelSpec beside = model == null ? source.spec() : model;
    if (beside == null) {
      throw new InvalidInputException(
          source.path()
              + ": what the weights are for must be given (--model), as there is no spec.yaml");
    }
    return beside;
  }

  private List<String> names(ModelSpec spec) {
    List<String> names = labels == null ? source.labels() : labels;
    if (names.isEmpty()) {
      return IntStream.range(0, spec.classes()).mapToObj(i -> "class_" + i).toList();
    }
    if (names.size() != spec.classes()) {
      throw new InvalidInputException(
          names.size()
              + " labels, must be one per class: "
              + spec.classes()
              + (labels == null ? " (the labels.txt beside the weights; --labels FILE)" : ""));
    }
    return names;
  }

  private @Nullable Double difference(Path written, CheckpointVariables.Found found) {
    if (source.kind() != WeightSource.Kind.SAVED_MODEL) {
      return null;
    }
    try (Classifier classifier = Classifier.load(written)) {
      Optional<SignatureCheck.Comparison> comparison =
          SignatureCheck.compare(source.path(), classifier);
      if (comparison.isEmpty()) {
        return null;
      }
      if (!comparison.get().same()) {
        List<String> others = found.others();
        throw new InvalidInputException(
            String.format(
                Locale.ROOT,
                "%s: computes other logits (by %.2g) than the model does with its weights: more was"
                    + " changed than these, or the model is another (--model)%s",
                source.path(),
                comparison.get().difference(),
                others.isEmpty()
                    ? ""
                    : "; not taken over: "
                        + String.join(", ", others.subList(0, Math.min(NAMED, others.size())))
                        + "; is one of them a variable of the model, then say --rename"
                        + " NAME=VARIABLE"));
      }
      return comparison.get().difference();
    }
  }
}
