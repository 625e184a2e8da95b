package dev.mlit.bench;

import com.fasterxml.jackson.annotation.JsonInclude;
import dev.mlit.cluster.Signals;
import dev.mlit.model.InferenceGraph;
import dev.mlit.spec.ModelCost;
import dev.mlit.spec.ModelSpec;
import dev.mlit.spec.OptimizerSpec;
import dev.mlit.spec.Precision;
import dev.mlit.spec.RunSpec;
import dev.mlit.spec.RunSpec.Task;
import dev.mlit.spec.TrainingSpec.Recompute;
import dev.mlit.tensorflow.Machine;
import dev.mlit.tensorflow.Sessions;
import dev.mlit.train.step.TrainingGraph;
import java.util.Arrays;
import java.util.Locale;
import java.util.Random;
import java.util.function.IntConsumer;
import org.jspecify.annotations.Nullable;
import org.tensorflow.TensorFlow;
import org.tensorflow.proto.StepStats;

/**
 * Times a model: steps of the same batch, all of the work of a real step and nothing else.
 *
 * <p>A training step is the forward and the backward pass and the update of the weights; an
 * inference step the forward pass to the logits.
 *
 * @since 0.1.0
 */
public final class Benchmark {
  /** The backward pass has two matrix products for every one of the forward pass. */
  private static final int TRAINING_COST = 3;

  private Benchmark() {}

  /** What is timed. */
  public enum Mode {
    TRAIN,
    INFER
  }

  /**
   * What to time.
   *
   * @param batch images in a step
   * @param threads of TensorFlow; 0 for one per core
   * @param warmup steps that are not counted
   * @param steps steps that are
   * @param precision of the matrix products in training; inference is float32
   * @param optimizer of training
   * @param recompute of training
   */
  public record Settings(
      ModelSpec model,
      Mode mode,
      int batch,
      int threads,
      int warmup,
      int steps,
      Precision precision,
      OptimizerSpec.Name optimizer,
      Recompute recompute) {

    /** As runs are by default. */
    public Settings(
        ModelSpec model,
        Mode mode,
        int batch,
        int threads,
        int warmup,
        int steps,
        Precision precision) {
      this(
          model,
          mode,
          batch,
          threads,
          warmup,
          steps,
          precision,
          OptimizerSpec.DEFAULT,
          Recompute.AUTO);
    }

    public Settings {
      if (mode == Mode.INFER && precision != Precision.FLOAT32) {
        throw new IllegalArgumentException("inference is float32");
      }
    }
  }

  /**
   * The result of a measurement.
   *
   * @param mode train or infer
   * @param precision float32 or bfloat16
   * @param firstStepSeconds from the model's description to the end of the first step: the graph
   *     built, made ready by TensorFlow, and run once
   * @param medianMs median of the steps' milliseconds
   * @param minMs the fastest step
   * @param maxMs the slowest step
   * @param imagesPerSecond by the median
   * @param gflopPerSecond of the model's matrix products, two operations a multiply-accumulate
   * @param machineGflopPerSecond of one large float32 matrix product on the same threads
   * @param share the former by the latter
   * @param peakRssMib most memory of the process so far; null where the system does not say
   * @param optimizer adamw or muon; null in inference
   */
  public record Result(
      String model,
      String mode,
      String precision,
      int batch,
      int threads,
      int steps,
      double firstStepSeconds,
      double medianMs,
      double minMs,
      double maxMs,
      double imagesPerSecond,
      double gflopPerSecond,
      double machineGflopPerSecond,
      double share,
      @Nullable Long peakRssMib,
      String tensorflow,
      @JsonInclude(JsonInclude.Include.NON_NULL) @Nullable String optimizer) {}

  /**
   * Times a model.
   *
   * @param progress gets the number of steps that are done, warm-up included
   */
  public static Result run(Settings settings, IntConsumer progress) {
    double[] millis = new double[settings.steps];
    long start = System.nanoTime();
    long firstStep = 0;
    try (Steps steps = Steps.of(settings)) {
      for (int i = 0; i < settings.warmup + settings.steps; i++) {
        long began = System.nanoTime();
        steps.run(i);
        if (i == 0) {
          firstStep = System.nanoTime() - start;
        }
        if (i >= settings.warmup) {
          millis[i - settings.warmup] = (System.nanoTime() - began) / 1e6;
        }
        progress.accept(i + 1);
      }
    }
    // Before the large product, which needs memory too.
    Long peak = Machine.peakRssMib();
    Arrays.sort(millis);
    double median = median(millis);
    double macs = (double) ModelCost.of(settings.model).macs() * settings.batch;
    double flop = 2 * macs * (settings.mode == Mode.TRAIN ? TRAINING_COST : 1);
    double rate = flop / median / 1e6;
    double machine = Machine.gflopPerSecond(settings.threads);
    return new Result(
        settings.model.name(),
        settings.mode.name().toLowerCase(Locale.ROOT),
        settings.precision.name().toLowerCase(Locale.ROOT),
        settings.batch,
        Sessions.computing(settings.threads),
        settings.steps,
        firstStep / 1e9,
        median,
        millis[0],
        millis[millis.length - 1],
        settings.batch / median * 1e3,
        rate,
        machine,
        rate / machine,
        peak,
        TensorFlow.version(),
        settings.mode == Mode.TRAIN ? settings.optimizer.name().toLowerCase(Locale.ROOT) : null);
  }

  /** The value in the middle, or the mean of the two in the middle. */
  public static double median(double... values) {
    double[] sorted = values.clone();
    Arrays.sort(sorted);
    return (sorted[(sorted.length - 1) / 2] + sorted[sorted.length / 2]) / 2;
  }

  /** Runs the warm-up and then one step, all with TensorFlow's step statistics. */
  public static Profile profile(Settings settings) {
    try (Steps steps = Steps.of(settings)) {
      // The first traced steps compile the graph again and prepare its matrix products.
      for (int i = 0; i < settings.warmup; i++) {
        steps.trace(i);
      }
      return Profile.of(steps.trace(settings.warmup));
    }
  }

  /** Steps of one kind on one batch. */
  private interface Steps extends AutoCloseable {
    void run(int step);

    StepStats trace(int step);

    @Override
    void close();

    static Steps of(Settings settings) {
      return settings.mode == Mode.TRAIN ? new Training(settings) : new Inference(settings);
    }
  }

  private static final class Training implements Steps {
    private static final double RATE = 1e-4;

    private final TrainingGraph graph;
    private final TrainingGraph.Images images;

    Training(Settings settings) {
      ModelSpec model = settings.model;
      RunSpec run =
          RunSpec.builder("bench")
              .model(model)
              .task(model.isAutoencoder() ? Task.RECONSTRUCT : Task.CLASSIFY)
              .data("none")
              .training(
                  t ->
                      t.threads(settings.threads)
                          .precision(settings.precision)
                          .recompute(settings.recompute))
              .optimizer(o -> o.name(settings.optimizer))
              .build();
      this.graph = new TrainingGraph(run);
      byte[] pixels = new byte[settings.batch * model.image().values()];
      int[] labels = new int[settings.batch];
      Random random = new Random(1);
      random.nextBytes(pixels);
      Arrays.setAll(labels, i -> random.nextInt(Math.max(1, model.classes())));
      this.images = new TrainingGraph.Images(pixels, labels, settings.batch);
    }

    @Override
    public void run(int step) {
      graph.train(images, step, RATE, Signals.NONE);
    }

    @Override
    public StepStats trace(int step) {
      return graph.trace(images, step, RATE);
    }

    @Override
    public void close() {
      graph.close();
    }
  }

  private static final class Inference implements Steps {
    private final InferenceGraph graph;
    private final float[] pixels;
    private final int batch;

    Inference(Settings settings) {
      this.graph = InferenceGraph.random(settings.model, settings.threads);
      this.pixels = new float[settings.batch * settings.model.image().values()];
      this.batch = settings.batch;
      Random random = new Random(1);
      for (int i = 0; i < pixels.length; i++) {
        pixels[i] = random.nextFloat();
      }
    }

    @Override
    public void run(int step) {
      graph.run(InferenceGraph.Value.LOGITS, pixels, batch);
    }

    @Override
    public StepStats trace(int step) {
      return graph.trace(InferenceGraph.Value.LOGITS, pixels, batch);
    }

    @Override
    public void close() {
      graph.close();
    }
  }
}
