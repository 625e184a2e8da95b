package dev.mlit.cli;

import dev.mlit.Mlit;
import dev.mlit.spec.InvalidInputException;
import dev.mlit.spec.ModelSpec;
import dev.mlit.spec.Specs;
import java.io.IOException;
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
    description = "Makes a SavedModel of weights in a safetensors file.",
    mixinStandardHelpOptions = true,
    sortOptions = false)
final class ImportCommand implements Callable<Integer> {
  @Spec private CommandSpec command;

  @Parameters(paramLabel = "WEIGHTS.safetensors", description = "The weights.")
  private Path weights;

  @Option(
      names = "--model",
      required = true,
      paramLabel = "MODEL.yaml",
      description = "What the weights are for: a file, or the name of a preset.")
  private String model;

  @Option(
      names = "--set",
      paramLabel = "KEY=VALUE",
      description = "Changes a field of the model, such as classes=10; may be given many times.")
  private List<String> settings = new ArrayList<>();

  @Option(
      names = "--labels",
      paramLabel = "FILE",
      description = "The names of the classes, one a line; class_0, class_1, ... if left out.")
  private @Nullable Path labels;

  @Option(
      names = "--to",
      required = true,
      paramLabel = "DIR",
      description = "The directory of the SavedModel.")
  private Path target;

  @Option(names = "--json", description = "Prints the result as JSON, on the last line.")
  private boolean json;

  /** What {@code --json} prints. */
  record Result(String savedModel) {}

  @Override
  public Integer call() {
    Console console = Console.of(command);
    ModelSpec spec = Specs.model(model, settings);
    Mlit.importWeights(weights, spec, labels(), target);
    if (json) {
      console.json(new Result(target.toString()));
    } else {
      console.line("SavedModel  %s", target);
      console.line("next        ./mlit predict %s IMAGE.png", target);
    }
    return 0;
  }

  private List<String> labels() {
    if (labels == null) {
      return List.of();
    }
    try {
      return Files.readAllLines(labels);
    } catch (IOException e) {
      throw new InvalidInputException("--labels: " + labels + ": cannot be read", e);
    }
  }
}
