package dev.mlit.savedmodel;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.mlit.Mlit;
import dev.mlit.data.Datasets;
import dev.mlit.data.Split;
import dev.mlit.testing.ChildJava;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;
import org.bytedeco.javacpp.Pointer;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * A service that answers for days: 8 threads that call one classifier. If this fails, it runs out
 * of memory some day, or one client gets an answer that depends on what the others ask.
 *
 * <p>Every build makes 8 x 500 calls to the tiny model. The full size, with a model of your own:
 *
 * <pre>{@code
 * mvn test -Dtest=ServingTest -Dmlit.serving.calls=10000 -Dmlit.serving.model=savedmodels/quickstart
 * }</pre>
 *
 * <p>With {@code -Dmlit.serving.tuned=false} in a process that is as Java leaves it.
 */
@Tag("slow")
class ServingTest {
  private static final int THREADS = 8;
  private static final int CALLS = Integer.getInteger("mlit.serving.calls", 500);
  private static final int IMAGES = 100;
  private static final int ROUNDS = 10;
  private static final long KIB_PER_MIB = 1024;
  private static final Path STATUS = Path.of("/proc/self/status");

  /** Float32 sums in another order: many threads, or a batch, share the work otherwise than one. */
  private static final float ROUNDING = 1e-4f;

  @TempDir private Path directory;

  /**
   * What a tenth of the calls left behind.
   *
   * @param wrong answers other than those of one thread
   * @param pointers native objects that nobody has freed
   */
  private record Round(int wrong, long pointers, long residentKib, double seconds) {
    static Round parse(String line) {
      String[] numbers = line.split(" ", -1);
      return new Round(
          Integer.parseInt(numbers[0]),
          Long.parseLong(numbers[1]),
          Long.parseLong(numbers[2]),
          Double.parseDouble(numbers[3]));
    }
  }

  /** The process that serves. */
  static final class Service {
    private Service() {}

    public static void main(String[] args) throws Exception {
      if (Boolean.parseBoolean(args[3])) {
        Mlit.tuneProcess();
      }
      int calls = Integer.parseInt(args[1]);
      int batch = Integer.parseInt(args[2]);
      ExecutorService threads = Executors.newFixedThreadPool(THREADS);
      try (Classifier alone = Classifier.load(Path.of(args[0]));
          Classifier served =
              Classifier.load(
                  Path.of(args[0]), o -> o.batch(batch).maxWait(Duration.ofMillis(2)))) {
        List<float[]> images = images(alone);
        List<float[]> expected = images.stream().map(image -> alone.logits(image, 1)).toList();
        for (int round = 0; round < ROUNDS; round++) {
          AtomicInteger wrong = new AtomicInteger();
          long began = System.nanoTime();
          List<Future<?>> running = new ArrayList<>();
          for (int thread = 0; thread < THREADS; thread++) {
            int first = 13 * thread + round;
            running.add(
                threads.submit(
                    () -> {
                      for (int i = first; i < first + calls / ROUNDS; i++) {
                        float[] answer = served.logits(images.get(i % IMAGES), 1);
                        if (!same(answer, expected.get(i % IMAGES))) {
                          wrong.incrementAndGet();
                        }
                      }
                    }));
          }
          for (Future<?> each : running) {
            each.get();
          }
          double seconds = (System.nanoTime() - began) / 1e9;
          System.out.println(wrong + " " + Pointer.totalCount() + " " + resident() + " " + seconds);
        }
      } finally {
        threads.shutdown();
      }
    }

    private static List<float[]> images(Classifier classifier) {
      Split test = Datasets.open("fashion-small").resizedTo(classifier.spec().image()).test();
      byte[] pixels = new byte[classifier.spec().image().values()];
      List<float[]> images = new ArrayList<>();
      for (int i = 0; i < IMAGES; i++) {
        test.pixels(i, pixels, 0);
        float[] image = new float[pixels.length];
        for (int p = 0; p < pixels.length; p++) {
          image[p] = (pixels[p] & 0xff) / 255f;
        }
        images.add(image);
      }
      return images;
    }

    private static boolean same(float[] answer, float[] expected) {
      if (answer.length != expected.length) {
        return false;
      }
      for (int i = 0; i < answer.length; i++) {
        if (!(Math.abs(answer[i] - expected[i]) <= ROUNDING)) {
          return false;
        }
      }
      return true;
    }

    private static long resident() throws IOException {
      return Files.exists(STATUS)
          ? Files.readAllLines(STATUS).stream()
              .filter(line -> line.startsWith("VmRSS:"))
              .mapToLong(line -> Long.parseLong(line.replaceAll("\\D", "")))
              .sum()
          : 0;
    }
  }

  private List<Round> serve(int batch) throws IOException, InterruptedException {
    String model = System.getProperty("mlit.serving.model", "");
    if (model.isEmpty()) {
      model = directory.resolve("model").toString();
      RandomModel.write(Path.of(model));
    }
    // A Java heap of a fixed size, touched from the start: memory changes with native memory alone.
    List<String> options =
        List.of(
            "-Xms128m",
            "-Xmx128m",
            "-XX:+AlwaysPreTouch",
            "-XX:+UseSerialGC",
            "-XX:TieredStopAtLevel=1");
    List<Round> rounds =
        ChildJava.run(
                directory,
                "",
                options,
                Duration.ofMinutes(3 + CALLS / 500),
                Service.class,
                model,
                "" + CALLS,
                "" + batch,
                System.getProperty("mlit.serving.tuned", "true"))
            .stream()
            .map(Round::parse)
            .toList();
    if (CALLS > 500) {
      rounds.forEach(round -> System.out.println("batch " + batch + " " + round));
    }
    assertThat(rounds).hasSize(ROUNDS);
    return rounds;
  }

  @Test
  void eightThreadsGetTheAnswersOfOneAndLeaveNothingBehind() throws Exception {
    assertNothingIsLeft(serve(1));
  }

  @Test
  void inBatchesEightThreadsGetTheAnswersOfOneAndLeaveNothingBehind() throws Exception {
    assertNothingIsLeft(serve(8));
  }

  /** The first rounds warm up: threads, their buffers, compiled code. */
  private static void assertNothingIsLeft(List<Round> rounds) {
    assertThat(rounds).extracting(Round::wrong).containsOnly(0);
    List<Round> warm = rounds.subList(ROUNDS / 2, ROUNDS);
    assertThat(warm).extracting(Round::pointers).containsOnly(rounds.get(0).pointers());
    assumeTrue(Files.exists(STATUS), "no /proc on this system: resident memory is not measured");
    long growth = warm.get(warm.size() - 1).residentKib() - warm.get(0).residentKib();
    assertThat(growth).as("KiB, %s", rounds).isLessThan(4 * KIB_PER_MIB);
  }
}
