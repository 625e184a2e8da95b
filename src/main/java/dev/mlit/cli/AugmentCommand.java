package dev.mlit.cli;

import dev.mlit.augment.AugmentationSheet;
import dev.mlit.data.image.PictureGrid;
import dev.mlit.spec.RunSpec;
import dev.mlit.spec.Specs;
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

/** {@code ./mlit augment}. */
@Command(
    name = "augment",
    description = "Writes a picture of a run's training images, as they are and augmented.",
    mixinStandardHelpOptions = true,
    sortOptions = false)
final class AugmentCommand implements Callable<Integer> {
  private static final int MOST = 100;

  @Spec private CommandSpec command;

  @Parameters(
      arity = "0..1",
      paramLabel = "RUN.yaml",
      description = "The run; specs/runs/quickstart.yaml if left out.")
  private @Nullable Path file;

  @Option(
      names = "--out",
      paramLabel = "FILE.png",
      defaultValue = "augmentation.png",
      description = "The picture; ${DEFAULT-VALUE} if left out.")
  private Path out;

  @Option(
      names = "--set",
      paramLabel = CompletionScript.SETTING,
      completionCandidates = Candidates.RunKeys.class,
      description = "Changes a field, such as augmentation.mixup=0.2; may be given many times.")
  private List<String> settings = new ArrayList<>();

  @Option(
      names = "--images",
      paramLabel = "N",
      defaultValue = "8",
      description = "Rows; ${DEFAULT-VALUE} if left out.")
  private int images;

  @Option(
      names = "--variants",
      paramLabel = "N",
      defaultValue = "10",
      description = "Columns, apart from the image as it is; ${DEFAULT-VALUE} if left out.")
  private int variants;

  @Option(names = "--json", description = "Prints the result as JSON, on the last line.")
  private boolean json;

  /** What {@code --json} prints. */
  record Result(String picture, int images, int variants) {}

  @Override
  public Integer call() {
    Console console = Console.of(command);
    OptionRange.require("--images", images, 1, MOST);
    OptionRange.require("--variants", variants, 1, MOST);
    RunSpec run = Specs.run(file == null ? Quickstart.path() : file, settings);
    PictureGrid.write(AugmentationSheet.of(run, images, variants), out);
    if (json) {
      console.json(new Result(out.toString(), images, variants));
    } else {
      console.line("picture  %s", out);
      if (!run.augmentation().changesAnything()) {
        console.line("%s augments nothing; try --set augmentation.random-crop={}", run.name());
      }
    }
    return 0;
  }
}
