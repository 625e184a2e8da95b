package dev.mlit.cli;

import dev.mlit.bench.AllReduceBenchmark;
import dev.mlit.bench.Benchmark;
import dev.mlit.bench.Profile;
import dev.mlit.bench.ReadingBenchmark;
import dev.mlit.spec.ClusterSpec;
import dev.mlit.spec.InvalidInputException;
import dev.mlit.spec.OptimizerSpec;
import dev.mlit.spec.Precision;
import dev.mlit.spec.Specs;
import dev.mlit.spec.TrainingSpec.Recompute;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code ./mlit bench}. */
@Command(
    name = "bench",
    description = "Times training, inference or serving of a model on this machine.",
    mixinStandardHelpOptions = true,
    sortOptions = false)
final class BenchCommand implements Callable<Integer> {
  @Spec private CommandSpec command;

  @Option(
      names = "--model",
      paramLabel = "MODEL.yaml",
      completionCandidates = Candidates.PresetNames.class,
      defaultValue = "mlit-xxs",
      description =
          "A model file or preset, ${DEFAULT-VALUE} if left out; the directory of a SavedModel in"
              + " --mode serve.")
  private String model;

  @Option(
      names = "--set",
      paramLabel = CompletionScript.SETTING,
      completionCandidates = Candidates.ModelKeys.class,
      description = "Changes a field of the model, such as patch=6; may be given many times.")
  private List<String> settings = new ArrayList<>();

  @Option(
      names = "--mode",
      paramLabel = "train|infer|serve",
      defaultValue = "train",
      description =
          "What is timed: ${COMPLETION-CANDIDATES}; train if left out. In SERVE, threads call a"
              + " classifier, each again as soon as it has its answer.")
  private Mode mode;

  @Option(
      names = "--batch",
      paramLabel = "N",
      description = "Images in a step, 64 if left out; in a call of --mode serve, 1 if left out.")
  private @Nullable Integer batch;

  @Option(
      names = "--threads",
      paramLabel = "N",
      defaultValue = "0",
      description = "TensorFlow's threads; one per core if left out.")
  private int threads;

  @Option(
      names = "--warmup",
      paramLabel = "N",
      defaultValue = "4",
      description =
          "Steps, or calls of each client, that are not counted; ${DEFAULT-VALUE} if left out.")
  private int warmup;

  @Option(
      names = "--steps",
      paramLabel = "N",
      defaultValue = "10",
      description = "Steps that are counted; ${DEFAULT-VALUE} if left out.")
  private int steps;

  @Option(
      names = "--precision",
      paramLabel = "float32|bfloat16",
      defaultValue = "float32",
      description =
          "Of the matrix products in training: ${COMPLETION-CANDIDATES}; ${DEFAULT-VALUE} if left"
              + " out.")
  private Precision precision;

  @Option(
      names = "--optimizer",
      paramLabel = "adamw|muon",
      description = "Of training: ${COMPLETION-CANDIDATES}; what runs have by default if left out.")
  private OptimizerSpec.@Nullable Name optimizer;

  @Option(
      names = "--recompute",
      paramLabel = "auto|always|never",
      description =
          "Of training, whether the backward pass computes again what could be kept for it:"
              + " ${COMPLETION-CANDIDATES}; what runs do by default if left out.")
  private @Nullable Recompute recompute;

  @Option(names = "--profile", description = "Shows where the time goes, by layer and operation.")
  private boolean profile;

  @Option(
      names = "--data",
      paramLabel = "NAME",
      completionCandidates = Candidates.DatasetNames.class,
      description =
          "Trains on a dataset of image files, in turn decoded as they are needed and from memory.")
  private @Nullable String data;

  @Option(
      names = "--directory",
      paramLabel = "DIR",
      description = "Where the files of --data lie; where ./mlit data list says if left out.")
  private @Nullable Path directory;

  @Option(
      names = "--rounds",
      paramLabel = "N",
      defaultValue = "10",
      description = "Rounds of --data, each of twice --steps; ${DEFAULT-VALUE} if left out.")
  private int rounds;

  @Option(
      names = "--all-reduce",
      description =
          "Times how long the workers of TF_CONFIG take to add up the gradients of the model; each"
              + " of them runs this command.")
  private boolean allReduce;

  @Mixin private ServeMode serving = new ServeMode();

  @Option(names = "--json", description = "Prints the result as JSON, on the last line.")
  private boolean json;

  /** What is timed. */
  enum Mode {
    TRAIN,
    INFER,
    SERVE
  }

  /** What {@code --json} prints. */
  record Result(Benchmark.Result result, @Nullable Profile profile) {}

  private void requireTraining(String option, @Nullable Object value) {
    if (value != null && (mode != Mode.TRAIN || data != null || allReduce)) {
      throw new InvalidInputException(
          option + ": is for --mode train, without --data and --all-reduce");
    }
  }

  @Override
  public Integer call() {
    int images = batch != null ? batch : mode == Mode.SERVE ? 1 : 64;
    OptionRange.require("--batch", images, 1, 65_536);
    OptionRange.require("--threads", threads, 0, 1024);
    OptionRange.require("--warmup", warmup, 1, 100_000);
    OptionRange.require("--steps", steps, 1, 100_000);
    OptionRange.require("--rounds", rounds, 1, 1000);
    if (mode != Mode.TRAIN && precision != Precision.FLOAT32) {
      throw new InvalidInputException(
          "--precision: bfloat16 is for --mode train; a trained model computes in float32");
    }
    requireTraining("--optimizer", optimizer);
    requireTraining("--recompute", recompute);
    if (mode == Mode.SERVE) {
      return serve(images);
    }
    serving.requireUnused();
    if (mode == Mode.INFER && data == null && Specs.model(model).isAutoencoder()) {
      throw new InvalidInputException(
          "--model: " + model + " is an autoencoder, which is timed with --mode train");
    }
    if (allReduce) {
      return allReduce();
    }
    if (data != null) {
      return reading(data, images);
    }
    Benchmark.Settings timed =
        new Benchmark.Settings(
            Specs.model(model, settings),
            mode == Mode.TRAIN ? Benchmark.Mode.TRAIN : Benchmark.Mode.INFER,
            images,
            threads,
            warmup,
            steps,
            precision,
            optimizer == null ? OptimizerSpec.DEFAULT : optimizer,
            recompute == null ? Recompute.AUTO : recompute);
    Benchmark.Result result;
    try (Counter counter = Counter.of("bench", warmup + steps, "steps")) {
      result = Benchmark.run(timed, counter::to);
    }
    Profile parts = profile ? Benchmark.profile(timed) : null;
    Console console = Console.of(command);
    if (json) {
      console.json(new Result(result, parts));
      return 0;
    }
    BenchText.print(console, result);
    if (parts != null) {
      BenchText.print(console, "layer", parts.byLayer());
      BenchText.print(console, "operation", parts.byOperation());
    }
    return 0;
  }

  private int serve(int images) {
    if (allReduce || data != null || profile) {
      throw new InvalidInputException(
          "--mode: serve must go without --data, --all-reduce and --profile");
    }
    if (threads != 0) {
      throw new InvalidInputException(
          "--threads: is for --mode train and infer; a classifier computes on all cores");
    }
    if (!settings.isEmpty()) {
      throw new InvalidInputException(
          "--set: is for --mode train and infer; a SavedModel is what it is");
    }
    serving.run(Console.of(command), model, images, warmup, json);
    return 0;
  }

  private int allReduce() {
    ClusterSpec cluster =
        ClusterSpec.of(System.getenv())
            .orElseThrow(
                () ->
                    new InvalidInputException(
                        "--all-reduce: needs several workers, each with its TF_CONFIG"));
    AllReduceBenchmark.Result r =
        AllReduceBenchmark.run(Specs.model(model, settings), cluster, threads, warmup, steps);
    Console console = Console.of(command);
    if (json) {
      console.json(r);
      return 0;
    }
    BenchText.print(console, r);
    return 0;
  }

  private int reading(String dataset, int images) {
    if (mode != Mode.TRAIN || profile) {
      throw new InvalidInputException("--data: must go without --profile and --mode infer");
    }
    ReadingBenchmark.Settings timed =
        new ReadingBenchmark.Settings(
            Specs.model(model, settings), dataset, directory, images, threads, rounds, steps);
    ReadingBenchmark.Result r;
    try (Counter counter = Counter.of("bench", ReadingBenchmark.steps(timed), "steps")) {
      r = ReadingBenchmark.run(timed, counter::to);
    }
    Console console = Console.of(command);
    if (json) {
      console.json(r);
      return 0;
    }
    BenchText.print(console, r, rounds);
    return 0;
  }
}
