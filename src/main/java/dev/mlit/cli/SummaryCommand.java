package dev.mlit.cli;

import dev.mlit.spec.ModelCost;
import dev.mlit.spec.ModelSpec;
import dev.mlit.spec.Specs;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code ./mlit summary}. */
@Command(
    name = "summary",
    description = "Counts the parameters and multiply-accumulates of a model, block by block.",
    mixinStandardHelpOptions = true,
    sortOptions = false)
final class SummaryCommand implements Callable<Integer> {
  private static final String ROW = "%-18s %6s %5s %6s %7s %6s %12s %14s %14s";

  @Spec private CommandSpec command;

  @Parameters(
      paramLabel = "MODEL.yaml",
      completionCandidates = Candidates.PresetNames.class,
      description = "The model, or the name of a preset.")
  private String model;

  @Option(
      names = "--set",
      paramLabel = CompletionScript.SETTING,
      completionCandidates = Candidates.ModelKeys.class,
      description = "Changes a field, such as classes=10; may be given many times.")
  private List<String> settings = new ArrayList<>();

  @Option(names = "--json", description = "Prints the result as JSON, on the last line.")
  private boolean json;

  /** What {@code --json} prints. */
  record Result(
      String name, long parameters, long macs, long macsTopK, List<ModelCost.Row> blocks) {}

  @Override
  public Integer call() {
    Console console = Console.of(command);
    ModelSpec spec = Specs.model(model, settings);
    ModelCost cost = ModelCost.of(spec);
    if (json) {
      console.json(
          new Result(spec.name(), cost.parameters(), cost.macs(), cost.macsTopK(), cost.rows()));
      return 0;
    }
    console.line(
        "%s: images %s, patch %d, %d tokens of width %d, %s, top %d of the experts",
        spec.name(),
        spec.image(),
        spec.patch(),
        spec.tokens(),
        spec.embedding(),
        purpose(spec),
        spec.routing().top());
    console.line(
        ROW,
        "part",
        "tokens",
        "heads",
        "groups",
        "experts",
        "hidden",
        "parameters",
        "MACs",
        "MACs top " + spec.routing().top());
    cost.rows().forEach(row -> print(console, row));
    console.line(
        ROW,
        "total",
        "",
        "",
        "",
        "",
        "",
        number(cost.parameters()),
        number(cost.macs()),
        number(cost.macsTopK()));
    console.line(
        "size: %.2f MB in float32, %.2f MB in bfloat16",
        cost.parameters() * 4 / 1e6, cost.parameters() * 2 / 1e6);
    return 0;
  }

  private static String purpose(ModelSpec spec) {
    return spec.isAutoencoder()
        ? "an autoencoder that sees " + spec.visiblePatches() + " of " + spec.patches() + " patches"
        : spec.classes() + " classes";
  }

  private static void print(Console console, ModelCost.Row row) {
    console.line(
        ROW,
        row.name(),
        row.tokens(),
        blankZero(row.heads()),
        blankZero(row.groups()),
        blankZero(row.experts()),
        blankZero(row.hidden()),
        number(row.parameters()),
        number(row.macs()),
        number(row.macsTopK()));
  }

  private static String blankZero(int value) {
    return value == 0 ? "" : String.valueOf(value);
  }

  private static String number(long value) {
    return String.format(Locale.ROOT, "%,d", value);
  }
}
