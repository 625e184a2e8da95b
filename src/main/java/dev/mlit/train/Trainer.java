package dev.mlit.train;

import dev.mlit.data.Batch;
import dev.mlit.data.BatchIterator;
import dev.mlit.data.Batches;
import dev.mlit.data.Dataset;
import dev.mlit.data.Split;
import dev.mlit.graph.RouterLoad;
import dev.mlit.graph.Saver;
import dev.mlit.spec.InvalidInputException;
import dev.mlit.spec.ModelCost;
import dev.mlit.spec.RunSpec;
import dev.mlit.spec.TrainingSpec;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Trains a run.
 *
 * <pre>{@code
 * TrainingResult result = Trainer.of(run).listener(Progress.on(System.err, true)).train();
 * }</pre>
 */
public final class Trainer {
  private static final int TEST_BATCH = 250;

  private final RunSpec run;
  private final List<TrainingListener> listeners = new ArrayList<>();
  private @Nullable Path directory;
  private @Nullable Dataset dataset;

  private Trainer(RunSpec run) {
    this.run = run;
  }

  /** A trainer for this run. */
  public static Trainer of(RunSpec run) {
    return new Trainer(run);
  }

  /**
   * The run directory, new or empty; {@code runs/NAME} unless set, with a number if that exists.
   */
  public Trainer directory(Path directory) {
    this.directory = directory;
    return this;
  }

  /** Where the run will be written. */
  public Path directory() {
    if (directory == null) {
      directory = RunDirectory.free(run);
    }
    return directory;
  }

  /** Images of your own, instead of the dataset that the run names. */
  public Trainer data(Dataset dataset) {
    this.dataset = dataset;
    return this;
  }

  /** Adds a listener; it is closed when the run ends. */
  public Trainer listener(TrainingListener listener) {
    listeners.add(listener);
    return this;
  }

  /**
   * Trains, tests after every epoch, and writes the run directory.
   *
   * @throws InvalidInputException if the data is missing or damaged or does not fit the model, or
   *     the directory is in use; nothing has been written then
   * @throws DivergedException if the loss is no longer a finite number
   */
  public TrainingResult train() {
    try (Listeners told = new Listeners(listeners)) {
      Path path = directory();
      RunDirectory.requireFree(path);
      Dataset data = dataset == null ? RunData.open(run) : RunData.fitted(run, dataset);
      load(data.name(), "train", data.train(), told);
      load(data.name(), "test", data.test(), told);
      try (TrainingGraph graph = new TrainingGraph(run)) {
        Initialization.apply(run, graph);
        RunDirectory target = RunDirectory.create(path, run, data.labels());
        told.addFirst(new MetricsFile(target.metrics()));
        return train(graph, data, target, told);
      }
    }
  }

  /** Before the run directory is made, as damage may be found. */
  private static void load(String name, String part, Split split, TrainingListener told) {
    split.load(done -> told.loading(new TrainingListener.Loading(name, part, done, split.size())));
  }

  private TrainingResult train(
      TrainingGraph graph, Dataset data, RunDirectory target, TrainingListener told) {
    TrainingSpec training = run.training();
    long stepsPerEpoch = batches(data, 1).count();
    long steps = stepsPerEpoch * training.epochs();
    if (training.steps() != null) {
      steps = Math.min(steps, training.steps());
    }
    LearningRate rates = LearningRate.of(run, stepsPerEpoch, steps);
    Saver saver = new Saver(graph.graph(), "save", graph.variables());
    TrainingListener.Start start =
        new TrainingListener.Start(
            run,
            target.path(),
            data.name(),
            ModelCost.of(run.model()).parameters(),
            data.train().size(),
            data.test().size(),
            stepsPerEpoch,
            steps);
    told.started(start);

    long began = System.nanoTime();
    long step = 0;
    for (int epoch = 1; step < steps; epoch++) {
      EpochSums sums = new EpochSums();
      try (BatchIterator batches = batches(data, epoch).iterator()) {
        while (step < steps && batches.hasNext()) {
          Batch batch = batches.next();
          double rate = rates.at(step);
          TrainingGraph.Step done = graph.train(batch.pixels(), batch.labels(), step, rate);
          step++;
          sums.add(done, batch.size());
          requireFinite(done, step, rate);
          told.step(
              new TrainingListener.Step(
                  step,
                  epoch,
                  batch.size(),
                  rate,
                  done.loss(),
                  done.balanceLoss(),
                  done.gradientNorm()));
        }
      }
      double trained = sums.seconds();
      Evaluation tested = evaluate(graph, data);
      if (!Double.isFinite(tested.loss())) {
        throw DivergedException.inTest(step, tested.loss());
      }
      target.checkpoint(epoch, prefix -> saver.save(graph.session(), prefix));
      TrainingListener.Epoch metrics =
          new TrainingListener.Epoch(
              epoch,
              step,
              sums.loss / sums.images,
              sums.hits / (double) sums.images,
              tested.loss(),
              tested.accuracy(),
              sums.images / trained,
              seconds(began),
              sums.routing.mean(),
              tested.routing());
      told.epoch(metrics);
    }
    return target.result();
  }

  private Batches batches(Dataset data, int epoch) {
    return Batches.shuffled(
        data.train(), data.shape(), run.training().batch(), run.training().seed(), epoch);
  }

  /** What an epoch has added up to, weighted by images. */
  private static final class EpochSums {
    private final long began = System.nanoTime();
    private double loss;
    private long hits;
    private long images;
    private final RouterLoad.Mean routing = new RouterLoad.Mean();

    void add(TrainingGraph.Step step, int count) {
      loss += (double) step.loss() * count;
      hits += step.hits();
      images += count;
      routing.add(step.routing(), count);
    }

    double seconds() {
      return Trainer.seconds(began);
    }
  }

  private static void requireFinite(TrainingGraph.Step done, long step, double rate) {
    if (!Float.isFinite(done.loss()) || !Float.isFinite(done.gradientNorm())) {
      throw DivergedException.inStep(step, rate, done.loss(), done.gradientNorm());
    }
  }

  private record Evaluation(double accuracy, double loss, List<RouterLoad> routing) {}

  private static Evaluation evaluate(TrainingGraph graph, Dataset data) {
    long hits = 0;
    double entropy = 0;
    RouterLoad.Mean routing = new RouterLoad.Mean();
    for (Batch batch : Batches.inOrder(data.test(), data.shape(), TEST_BATCH)) {
      for (TrainingGraph.Evaluated part : graph.evaluate(batch.pixels(), batch.labels())) {
        hits += part.hits();
        entropy += part.entropy();
        routing.add(part.routing(), part.images());
      }
    }
    double images = data.test().size();
    return new Evaluation(hits / images, entropy / images, routing.mean());
  }

  private static double seconds(long began) {
    return (System.nanoTime() - began) / 1e9;
  }
}
