package dev.mlit.bench;

import dev.mlit.savedmodel.Classifier;
import dev.mlit.spec.InvalidInputException;
import dev.mlit.tensorflow.Machine;
import java.nio.FloatBuffer;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.jspecify.annotations.Nullable;
import org.tensorflow.TensorFlow;

/**
 * Times a SavedModel as a service uses it: some threads, the clients, call one {@link Classifier},
 * each of them again as soon as it has its answer.
 *
 * @since 0.1.0
 */
public final class ServingBenchmark {
  private static final double SLOWEST_BUT_ONE_PERCENT = 0.99;

  private ServingBenchmark() {}

  /**
   * What to time.
   *
   * @param savedModel the directory of the model
   * @param clients threads that call
   * @param batch images in a call
   * @param maxBatch the most images of several clients that go through the model together; 1 for
   *     each call by itself
   * @param warmup calls of every client that are not counted
   * @param duration for which clients begin calls that are
   */
  public record Settings(
      Path savedModel, int clients, int batch, int maxBatch, int warmup, Duration duration) {}

  /**
   * The result of a measurement.
   *
   * @param mode serve
   * @param calls of all clients
   * @param seconds from the first call to the end of the last one
   * @param imagesPerSecond of all clients: each one's images by its own time, added up
   * @param medianMs median of the calls' milliseconds
   * @param p99Ms their 99th percentile: 99 of 100 calls take as long or less
   * @param maxMs the slowest call
   * @param peakRssMib most memory of the process so far; null where the system does not say
   */
  public record Result(
      String model,
      String mode,
      int clients,
      int batch,
      int maxBatch,
      int calls,
      double seconds,
      double imagesPerSecond,
      double medianMs,
      double p99Ms,
      double maxMs,
      @Nullable Long peakRssMib,
      String tensorflow) {}

  /**
   * The result of a measurement, and what was computed.
   *
   * @param logits [clients, batch, classes]: of the images of every client, which are the same in
   *     all its calls
   */
  public record Served(Result result, float[] logits) {}

  /**
   * Times a model.
   *
   * @throws InvalidInputException if there is no SavedModel of mlit
   */
  public static Served run(Settings settings) {
    try (Classifier classifier =
        Classifier.load(settings.savedModel, options -> options.batch(settings.maxBatch))) {
      List<Client> clients = clients(classifier, settings);
      ExecutorService threads = Executors.newFixedThreadPool(settings.clients);
      try {
        List<float[]> logits = all(threads, clients, Client::warmUp);
        long began = System.nanoTime();
        List<Timing> timings = all(threads, clients, Client::call);
        double seconds = (System.nanoTime() - began) / 1e9;
        return new Served(result(settings, classifier, timings, seconds), joined(logits));
      } finally {
        threads.shutdownNow();
      }
    }
  }

  private static Result result(
      Settings settings, Classifier classifier, List<Timing> timings, double seconds) {
    double[] millis =
        timings.stream().flatMap(t -> t.millis.stream()).mapToDouble(x -> x).sorted().toArray();
    return new Result(
        classifier.spec().name(),
        "serve",
        settings.clients,
        settings.batch,
        settings.maxBatch,
        millis.length,
        seconds,
        timings.stream().mapToDouble(t -> settings.batch * t.millis.size() / t.seconds).sum(),
        Benchmark.median(millis),
        percentile(millis, SLOWEST_BUT_ONE_PERCENT),
        millis[millis.length - 1],
        Machine.peakRssMib(),
        TensorFlow.version());
  }

  /**
   * The smallest value that at least a share of all values does not exceed.
   *
   * @param sorted in ascending order
   */
  static double percentile(double[] sorted, double share) {
    return sorted[Math.max(0, (int) Math.ceil(share * sorted.length) - 1)];
  }

  /** Images from one stream of random numbers, so that another program can draw the same. */
  private static List<Client> clients(Classifier classifier, Settings settings) {
    Random random = new Random(1);
    List<Client> clients = new ArrayList<>();
    for (int i = 0; i < settings.clients; i++) {
      float[] images = new float[settings.batch * classifier.spec().image().values()];
      for (int k = 0; k < images.length; k++) {
        images[k] = random.nextFloat();
      }
      clients.add(new Client(classifier, settings, images));
    }
    return clients;
  }

  /** What a client's calls took. */
  private record Timing(List<Double> millis, double seconds) {}

  /** One thread's calls. */
  private record Client(Classifier classifier, Settings settings, float[] images) {
    float[] warmUp() {
      float[] logits = new float[0];
      for (int i = 0; i < settings.warmup; i++) {
        logits = classifier.logits(images, settings.batch);
      }
      return logits;
    }

    Timing call() {
      List<Double> millis = new ArrayList<>();
      long start = System.nanoTime();
      long ended = start;
      while (ended - start < settings.duration.toNanos() || millis.isEmpty()) {
        long began = ended;
        classifier.logits(images, settings.batch);
        ended = System.nanoTime();
        millis.add((ended - began) / 1e6);
      }
      return new Timing(millis, (ended - start) / 1e9);
    }
  }

  /** What all clients do at the same time. */
  @FunctionalInterface
  private interface Work<T> {
    T of(Client client);
  }

  private static <T> List<T> all(ExecutorService threads, List<Client> clients, Work<T> work) {
    List<Callable<T>> calls = new ArrayList<>();
    clients.forEach(client -> calls.add(() -> work.of(client)));
    try {
      List<T> results = new ArrayList<>();
      for (Future<T> result : threads.invokeAll(calls)) {
        results.add(result.get());
      }
      return results;
    } catch (ExecutionException e) {
      throw new IllegalStateException("a client's call failed", e.getCause());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException("interrupted while clients call", e);
    }
  }

  private static float[] joined(List<float[]> parts) {
    FloatBuffer all = FloatBuffer.allocate(parts.stream().mapToInt(part -> part.length).sum());
    parts.forEach(all::put);
    return all.array();
  }
}
