package dev.mlit.bench;

import dev.mlit.cluster.Signals;
import dev.mlit.data.Batch;
import dev.mlit.data.BatchIterator;
import dev.mlit.data.Batches;
import dev.mlit.data.Dataset;
import dev.mlit.data.Datasets;
import dev.mlit.data.ReadOptions;
import dev.mlit.spec.ImageShape;
import dev.mlit.spec.InvalidInputException;
import dev.mlit.spec.ModelSpec;
import dev.mlit.spec.RunSpec;
import dev.mlit.tensorflow.Sessions;
import dev.mlit.train.step.TrainingGraph;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.function.IntConsumer;
import org.jspecify.annotations.Nullable;

/**
 * Measures what decoding images costs a training step: the same steps run on the same images,
 * alternately from memory and from image files that are decoded ahead of every step.
 *
 * @since 0.1.0
 */
public final class ReadingBenchmark {
  private static final double RATE = 1e-4;
  private static final int WARMUP = 5;

  private ReadingBenchmark() {}

  /**
   * What to time.
   *
   * @param dataset of image files
   * @param files where they lie; where they usually do if null
   * @param batch images in a step
   * @param threads of TensorFlow; 0 for one per core
   * @param rounds of both, in alternating order
   * @param steps in each half of a round
   */
  public record Settings(
      ModelSpec model,
      String dataset,
      @Nullable Path files,
      int batch,
      int threads,
      int rounds,
      int steps) {}

  /**
   * The result of a measurement.
   *
   * @param images to train on
   * @param memoryMs median of the steps' milliseconds, with images in memory
   * @param filesMs the same with images that are decoded
   * @param ratio {@code filesMs} by {@code memoryMs} of a round, the median of the rounds
   * @param ratios of every round
   */
  public record Result(
      String model,
      String dataset,
      int images,
      int batch,
      int threads,
      int steps,
      double memoryMs,
      double filesMs,
      double ratio,
      List<Double> ratios) {
    public Result {
      ratios = List.copyOf(ratios);
    }
  }

  /**
   * Times both.
   *
   * @param progress gets the number of steps that are done, of {@link #steps}
   * @throws InvalidInputException if the dataset cannot be read, has no image files, or has more
   *     classes than the model
   */
  public static Result run(Settings settings, IntConsumer progress) {
    Dataset memory = open(settings, Long.MAX_VALUE);
    Dataset files = open(settings, 0);
    memory.train().load(done -> {});
    if (memory.train().slow() || !files.train().slow()) {
      throw new InvalidInputException(
          advice ->
              advice.benchmarkDataset()
                  + ": "
                  + settings.dataset
                  + " must be a dataset of image files that fit in memory");
    }
    int classes = settings.model.classes();
    if (memory.labels().size() > classes) {
      throw new InvalidInputException(
          advice ->
              String.format(
                  Locale.ROOT,
                  "model.classes: %d must be at least %d, the classes of %s (%s)",
                  classes,
                  memory.labels().size(),
                  settings.dataset,
                  advice.set("classes", memory.labels().size())));
    }
    RunSpec run =
        RunSpec.builder("bench")
            .model(settings.model)
            .data("none")
            .training(t -> t.threads(settings.threads))
            .build();
    try (TrainingGraph graph = new TrainingGraph(run)) {
      return new Timing(settings, graph, progress).run(memory, files);
    }
  }

  /** The number of steps of a run, with those that are not counted. */
  public static int steps(Settings settings) {
    return WARMUP + 2 * settings.rounds * (1 + settings.steps);
  }

  private static Dataset open(Settings settings, long memory) {
    ReadOptions options = ReadOptions.DEFAULT.memory(memory);
    return Datasets.open(settings.dataset, settings.files, options)
        .resizedTo(settings.model.image());
  }

  /** Counts the steps, and what they take. */
  private static final class Timing {
    private final Settings settings;
    private final TrainingGraph graph;
    private final IntConsumer progress;
    private int done;

    Timing(Settings settings, TrainingGraph graph, IntConsumer progress) {
      this.settings = settings;
      this.graph = graph;
      this.progress = progress;
    }

    Result run(Dataset memory, Dataset files) {
      steps(memory, 0, WARMUP);
      List<Double> allMemory = new ArrayList<>();
      List<Double> allFiles = new ArrayList<>();
      List<Double> ratios = new ArrayList<>();
      for (int round = 0; round < settings.rounds; round++) {
        // The order alternates: drift over a round, such as of the clock rate, favours neither.
        boolean memoryFirst = round % 2 == 0;
        List<Double> first = half(memoryFirst ? memory : files, round);
        List<Double> second = half(memoryFirst ? files : memory, round);
        List<Double> ofMemory = memoryFirst ? first : second;
        List<Double> ofFiles = memoryFirst ? second : first;
        allMemory.addAll(ofMemory);
        allFiles.addAll(ofFiles);
        ratios.add(median(ofFiles) / median(ofMemory));
      }
      return new Result(
          settings.model.name(),
          settings.dataset,
          memory.train().size(),
          settings.batch,
          Sessions.computing(settings.threads),
          settings.steps,
          median(allMemory),
          median(allFiles),
          median(ratios),
          ratios);
    }

    /** All steps but the first of an epoch, for which nothing can be read ahead. */
    private List<Double> half(Dataset dataset, int round) {
      return steps(dataset, round, 1 + settings.steps).subList(1, 1 + settings.steps);
    }

    /** The milliseconds of steps, the wait for their images included. */
    private List<Double> steps(Dataset dataset, int round, int count) {
      List<Double> millis = new ArrayList<>();
      ImageShape shape = dataset.shape();
      for (int epoch = 0; millis.size() < count; epoch++) {
        Batches batches = Batches.shuffled(dataset.train(), shape, settings.batch, round, epoch);
        try (BatchIterator iterator = batches.iterator()) {
          while (millis.size() < count && iterator.hasNext()) {
            long began = System.nanoTime();
            Batch batch = iterator.next();
            graph.train(TrainingGraph.Images.of(batch), done, RATE, Signals.NONE);
            millis.add((System.nanoTime() - began) / 1e6);
            progress.accept(++done);
          }
        }
      }
      return millis;
    }

    private static double median(List<Double> values) {
      return Benchmark.median(values.stream().mapToDouble(Double::doubleValue).toArray());
    }
  }
}
