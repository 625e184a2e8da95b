package dev.mlit.train;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.mlit.Mlit;
import dev.mlit.testing.TinyData;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.bytedeco.javacpp.Pointer;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * The memory of a process that trains. If it fails, a long run, or a service that trains now and
 * then, grows until the system ends it.
 *
 * <p>The run has 2,500 steps in 25 epochs, each with a test and a checkpoint, in a process of its
 * own: what other tests leave would disturb the numbers. Its Java heap is of a fixed size and
 * touched from the start, so that the resident memory changes with native memory alone; glibc has
 * one arena, otherwise each thread that ever writes a checkpoint keeps a buffer of 8 MiB.
 */
@Tag("slow")
class MemoryTest {
  private static final Path STATUS = Path.of("/proc/self/status");
  private static final int EVERY = 50;
  private static final int WARM = 500;
  private static final int EPOCHS = 25;
  private static final int STEPS_PER_EPOCH = 100;
  private static final int BATCH = 64;
  private static final long KIB_PER_MIB = 1024;

  private static List<Sample> samples;

  /**
   * What a process says of itself.
   *
   * @param step the step that is done
   * @param residentKib resident memory; 0 where there is no /proc
   * @param pointers native objects that nobody has freed and that Java's garbage collector would
   */
  private record Sample(int step, long residentKib, long pointers) {

    static Sample now(long step) {
      return new Sample((int) step, Files.exists(STATUS) ? resident() : 0, Pointer.totalCount());
    }

    static Sample parse(String line) {
      List<Long> numbers = Arrays.stream(line.split(" ", -1)).map(Long::valueOf).toList();
      return new Sample(numbers.get(0).intValue(), numbers.get(1), numbers.get(2));
    }

    private static long resident() {
      try {
        return Files.readAllLines(STATUS).stream()
            .filter(line -> line.startsWith("VmRSS:"))
            .mapToLong(line -> Long.parseLong(line.replaceAll("\\D", "")))
            .sum();
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }

    @Override
    public String toString() {
      return step + " " + residentKib + " " + pointers;
    }
  }

  /** The process that is measured; it writes a line for every sample. */
  static final class Run {
    private Run() {}

    public static void main(String[] args) throws IOException {
      Mlit.tuneProcess();
      List<Sample> taken = new ArrayList<>();
      Trainer.of(TinyData.run().training(t -> t.epochs(EPOCHS).batch(BATCH)).build())
          .data(TinyData.dataset(STEPS_PER_EPOCH * BATCH, BATCH))
          .directory(Path.of(args[0], "run"))
          .listener(
              new TrainingListener() {
                @Override
                public void step(Step step) {
                  if (step.step() % EVERY == 0) {
                    taken.add(Sample.now(step.step()));
                  }
                }
              })
          .train();
      Files.write(Path.of(args[0], "samples"), taken.stream().map(Sample::toString).toList());
    }
  }

  @BeforeAll
  static void train(@TempDir Path directory) throws IOException, InterruptedException {
    Path errors = directory.resolve("errors");
    ProcessBuilder builder =
        new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-Xms64m",
                "-Xmx64m",
                "-XX:+AlwaysPreTouch",
                "-XX:+UseSerialGC",
                "-XX:TieredStopAtLevel=1",
                "-cp",
                System.getProperty("java.class.path"),
                Run.class.getName(),
                directory.toString())
            .redirectErrorStream(true)
            .redirectOutput(errors.toFile());
    builder.environment().put("MALLOC_ARENA_MAX", "1");
    Process process = builder.start();
    try {
      assertThat(process.waitFor(3, TimeUnit.MINUTES)).as("ends in time").isTrue();
    } finally {
      process.destroyForcibly();
    }
    assertThat(process.exitValue()).as(Files.readString(errors)).isZero();
    samples =
        Files.readAllLines(directory.resolve("samples")).stream()
            .map(Sample::parse)
            .filter(sample -> sample.step >= WARM)
            .toList();
    assertThat(samples).hasSize((EPOCHS * STEPS_PER_EPOCH - WARM) / EVERY + 1);
  }

  /**
   * Measured: 0.4 to 0.9 MiB, most of it Java's own. The bound is 4 MiB: 2 KiB a step. A batch of
   * this run has 64 * 8 * 8 bytes, 4 KiB, so that a copy of it kept in every step, 8 MiB in all,
   * would break it.
   */
  @Test
  void residentMemoryDoesNotGrowOverTwoThousandSteps() {
    assumeTrue(Files.exists(STATUS), "no /proc on this system: resident memory is not measured");

    long first = samples.get(0).residentKib();
    long last = samples.get(samples.size() - 1).residentKib();

    assertThat(first).isPositive();
    assertThat(last - first).as("KiB, samples %s", samples).isLessThan(4 * KIB_PER_MIB);
  }

  /**
   * Tensors that nobody closes are freed some day by Java's garbage collector, which sees a few
   * bytes where there are megabytes; resident memory shows them only when it is too late. But they
   * are counted: a Result that is not closed leaves its five tensors, 250 between two samples, a
   * fed tensor that is not closed leaves 50. After a step there must be not one more than before.
   */
  @Test
  void everyTensorIsClosedInTheStepThatMadeIt() {
    assertThat(samples)
        .extracting(Sample::pointers)
        .as("samples %s", samples)
        .containsOnly(samples.get(0).pointers());
  }
}
