package dev.mlit.cli;

import com.fasterxml.jackson.annotation.JsonInclude;
import dev.mlit.files.ModelLayout;
import dev.mlit.savedmodel.ModelImport;
import dev.mlit.spec.InvalidInputException;
import dev.mlit.spec.Specs;
import dev.mlit.weights.Renames;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code ./mlit import}. */
@Command(
    name = "import",
    description = {
      "Makes a SavedModel of weights that another program wrote: a SavedModel that Python"
          + " fine-tuned and saved (tf.saved_model.save), a TensorFlow checkpoint, or a"
          + " safetensors file.",
      "Training goes on from it with --set initialize.from=DIR."
    },
    mixinStandardHelpOptions = true,
    sortOptions = false)
final class ImportCommand implements Callable<Integer> {
  private static final int OTHERS_NAMED = 5;

  @Spec private CommandSpec command;

  @Parameters(
      paramLabel = "WEIGHTS",
      description =
          "The directory of a SavedModel, the prefix of a checkpoint's files (without .index), or"
              + " a safetensors file.")
  private Path weights;

  @Option(
      names = "--model",
      paramLabel = "MODEL.yaml",
      completionCandidates = Candidates.PresetNames.class,
      description =
          "What the weights are for: a file, the name of a preset, or the directory of the"
              + " SavedModel that they began with; the spec.yaml beside the weights if left out.")
  private @Nullable String model;

  @Option(
      names = "--set",
      paramLabel = CompletionScript.SETTING,
      completionCandidates = Candidates.ModelKeys.class,
      description = "Changes a field of the model, such as classes=10; may be given many times.")
  private List<String> settings = new ArrayList<>();

  @Option(
      names = "--labels",
      paramLabel = "FILE",
      description =
          "The names of the classes, one a line; the labels.txt beside the weights or in the"
              + " directory that --model names if left out, else class_0, class_1, ...")
  private @Nullable Path labels;

  @Option(
      names = "--rename",
      paramLabel = "NAME=VARIABLE",
      description =
          "Takes a variable of another name, such as dense/kernel=head/kernel, or those whose names"
              + " begin so, without that, such as student.= for student.head.kernel; may be given"
              + " many times.")
  private List<String> renamed = new ArrayList<>();

  @Option(
      names = "--to",
      required = true,
      paramLabel = "DIR",
      description = "The directory of the SavedModel.")
  private Path target;

  @Option(
      names = "--compare",
      description =
          "Runs the graph of a SavedModel, to compare its logits with those of the model that is"
              + " made of it. A graph may do what a program may: only for those whom you would let"
              + " run one. Not compared if left out.")
  private boolean compare;

  @Option(names = "--json", description = "Prints the result as JSON, on the last line.")
  private boolean json;

  /** What {@code --json} prints. */
  record Result(
      String savedModel,
      String kind,
      int variables,
      List<String> others,
      @JsonInclude(JsonInclude.Include.NON_EMPTY) String prefix,
      @Nullable Double difference) {}

  @Override
  public Integer call() {
    Console console = Console.of(command);
    ModelImport anImport = settled(ModelImport.of(weights)).compare(compare);
    ModelImport.Result result = anImport.to(target);
    if (json) {
      console.json(
          new Result(
              target.toString(),
              result.kind(),
              result.variables(),
              result.others(),
              result.prefix(),
              result.difference()));
      return 0;
    }
    console.line("imported    %d variables of a %s", result.variables(), result.kind());
    if (!result.prefix().isEmpty()) {
      console.line("names       all begin with %s, taken without it", result.prefix());
    }
    if (result.difference() != null) {
      console.line(
          "compared    logits of random images differ by %.1e from those of the %s",
          result.difference(), result.kind());
    } else if (anImport.isSavedModel()) {
      console.line(
          "compared    not compared with the graph of the %s%s",
          result.kind(),
          compare
              ? ", which has no signature for it or cannot be run here"
              : "; --compare runs that, which may do anything");
    }
    if (!result.others().isEmpty()) {
      List<String> others = result.others();
      console.line(
          "left out    %s%s",
          String.join(", ", others.subList(0, Math.min(OTHERS_NAMED, others.size()))),
          others.size() > OTHERS_NAMED
              ? " and " + (others.size() - OTHERS_NAMED) + " variables more"
              : "");
    }
    console.line("SavedModel  %s", target);
    NextCommands.print(console, NextCommands.imported(target.toString(), result.named()));
    return 0;
  }

  private ModelImport settled(ModelImport settled) {
    String spec = spec(settled);
    if (spec != null) {
      settled.model(Specs.model(spec, settings));
    }
    if (labels != null && !Files.isReadable(labels)) {
      throw new InvalidInputException("--labels: " + labels + ": cannot be read");
    }
    Path names = labels == null ? labelsOfModel() : labels;
    if (names != null) {
      settled.labels(names);
    }
    for (String each : renamed) {
      int equals = each.lastIndexOf('=');
      if (equals < 0) {
        throw new InvalidInputException("--rename: " + each + Renames.RULE);
      }
      try {
        settled.rename(each.substring(0, equals), each.substring(equals + 1));
      } catch (InvalidInputException e) {
        throw new InvalidInputException("--rename: " + e.getMessage(), e);
      }
    }
    return settled;
  }

  /** The file of the model's description, or the name of a preset. */
  private @Nullable String spec(ModelImport settled) {
    if (model == null) {
      Path beside = settled.description();
      return beside == null ? null : beside.toString();
    }
    return Files.isDirectory(Path.of(model))
        ? Path.of(model).resolve(ModelLayout.SPEC).toString()
        : model;
  }

  private @Nullable Path labelsOfModel() {
    if (model == null) {
      return null;
    }
    Path beside = Path.of(model).resolve(ModelLayout.LABELS);
    return Files.isRegularFile(beside) ? beside : null;
  }
}
