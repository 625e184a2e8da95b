package dev.mlit.cli;

import static java.util.stream.Collectors.joining;

import dev.mlit.bench.AllReduceBenchmark;
import dev.mlit.bench.Benchmark;
import dev.mlit.bench.Profile;
import dev.mlit.bench.ReadingBenchmark;
import dev.mlit.spec.ClusterSpec;
import dev.mlit.spec.InvalidInputException;
import dev.mlit.spec.OptimizerSpec;
import dev.mlit.spec.Precision;
import dev.mlit.spec.Specs;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code ./mlit bench}. */
@Command(
    name = "bench",
    description = "Times training or inference of a model on this machine.",
    mixinStandardHelpOptions = true,
    sortOptions = false)
final class BenchCommand implements Callable<Integer> {
  private static final int PARTS_SHOWN = 20;

  @Spec private CommandSpec command;

  @Option(
      names = "--model",
      paramLabel = "M",
      defaultValue = "mlit-xxs",
      description = "A model file or preset; ${DEFAULT-VALUE} if left out.")
  private String model;

  @Option(
      names = "--set",
      paramLabel = "KEY=VALUE",
      description = "Changes a field of the model, such as patch=6; may be given many times.")
  private List<String> settings = new ArrayList<>();

  @Option(
      names = "--mode",
      paramLabel = "train|infer",
      defaultValue = "train",
      description = "What is timed: ${COMPLETION-CANDIDATES}; train if left out.")
  private Benchmark.Mode mode;

  @Option(
      names = "--batch",
      paramLabel = "N",
      defaultValue = "64",
      description = "Images in a step; ${DEFAULT-VALUE} if left out.")
  private int batch;

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
      description = "Steps that are not counted; ${DEFAULT-VALUE} if left out.")
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

  @Option(names = "--profile", description = "Shows where the time goes, by layer and operation.")
  private boolean profile;

  @Option(
      names = "--data",
      paramLabel = "NAME",
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

  @Option(names = "--json", description = "Prints the result as JSON, on the last line.")
  private boolean json;

  /** What {@code --json} prints. */
  record Result(Benchmark.Result result, @Nullable Profile profile) {}

  @Override
  public Integer call() {
    OptionRange.require("--batch", batch, 1, 65_536);
    OptionRange.require("--threads", threads, 0, 1024);
    OptionRange.require("--warmup", warmup, 1, 100_000);
    OptionRange.require("--steps", steps, 1, 100_000);
    OptionRange.require("--rounds", rounds, 1, 1000);
    if (mode == Benchmark.Mode.INFER && precision != Precision.FLOAT32) {
      throw new InvalidInputException(
          "--precision: bfloat16 is for --mode train; a trained model computes in float32");
    }
    if (optimizer != null && (mode == Benchmark.Mode.INFER || data != null || allReduce)) {
      throw new InvalidInputException(
          "--optimizer: is for --mode train, without --data and --all-reduce");
    }
    if (mode == Benchmark.Mode.INFER && data == null && Specs.model(model).isAutoencoder()) {
      throw new InvalidInputException(
          "--model: " + model + " is an autoencoder, which is timed with --mode train");
    }
    if (allReduce) {
      return allReduce();
    }
    if (data != null) {
      return reading(data);
    }
    Benchmark.Settings timed =
        new Benchmark.Settings(
            Specs.model(model, settings),
            mode,
            batch,
            threads,
            warmup,
            steps,
            precision,
            optimizer == null ? OptimizerSpec.DEFAULT : optimizer);
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
    print(console, result);
    if (parts != null) {
      print(console, "layer", parts.byLayer());
      print(console, "operation", parts.byOperation());
    }
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
    console.line("%s, %d workers, %,d numbers", r.model(), r.workers(), r.numbers());
    console.line(
        "ms per sum     %10.2f  (median of %d; %.2f to %.2f)",
        r.medianMs(), r.steps(), r.minMs(), r.maxMs());
    console.line("ms per sum     %10.2f  of %d numbers", r.smallMs(), r.smallNumbers());
    return 0;
  }

  private int reading(String dataset) {
    if (mode != Benchmark.Mode.TRAIN || profile) {
      throw new InvalidInputException("--data: must go without --profile and --mode infer");
    }
    ReadingBenchmark.Settings timed =
        new ReadingBenchmark.Settings(
            Specs.model(model, settings), dataset, directory, batch, threads, rounds, steps);
    ReadingBenchmark.Result r;
    try (Counter counter = Counter.of("bench", ReadingBenchmark.steps(timed), "steps")) {
      r = ReadingBenchmark.run(timed, counter::to);
    }
    Console console = Console.of(command);
    if (json) {
      console.json(r);
      return 0;
    }
    console.line(
        "%s, train, batch %d, %d threads, %d images of %s",
        r.model(), r.batch(), r.threads(), r.images(), r.dataset());
    console.line("ms per step    %10.2f  images in memory", r.memoryMs());
    console.line("ms per step    %10.2f  images decoded meanwhile", r.filesMs());
    console.line(
        "ratio          %10.3f  (median of %d rounds of 2 x %d steps: %s)",
        r.ratio(),
        rounds,
        r.steps(),
        r.ratios().stream().map(x -> String.format(Locale.ROOT, "%.3f", x)).collect(joining(" ")));
    return 0;
  }

  private static void print(Console console, Benchmark.Result r) {
    console.line(
        "%s, %s, %s, batch %d, %d threads, TensorFlow %s",
        r.model(),
        r.optimizer() == null ? r.mode() : r.mode() + " with " + r.optimizer(),
        r.precision(),
        r.batch(),
        r.threads(),
        r.tensorflow());
    console.line("first step     %10.1f  s after the start", r.firstStepSeconds());
    console.line("images/s       %10.1f", r.imagesPerSecond());
    console.line(
        "ms per step    %10.2f  (median of %d; %.2f to %.2f)",
        r.medianMs(), r.steps(), r.minMs(), r.maxMs());
    console.line(
        "GFLOP/s        %10.1f  (%.0f %% of this machine's %.0f in one large float32 product)",
        r.gflopPerSecond(), 100 * r.share(), r.machineGflopPerSecond());
    if (r.peakRssMib() != null) {
      console.line("peak memory    %10d  MiB resident", r.peakRssMib());
    }
  }

  private static void print(Console console, String title, List<Profile.Part> parts) {
    console.line("%n%7s %10s %6s  %s", "share", "ms", "count", title);
    parts.stream()
        .limit(PARTS_SHOWN)
        .forEach(
            p ->
                console.line(
                    "%6.1f%% %10.2f %6d  %s", 100 * p.share(), p.ms(), p.count(), p.name()));
  }
}
