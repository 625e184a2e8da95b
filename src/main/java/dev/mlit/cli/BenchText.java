package dev.mlit.cli;

import static java.util.stream.Collectors.joining;

import dev.mlit.bench.AllReduceBenchmark;
import dev.mlit.bench.Benchmark;
import dev.mlit.bench.Profile;
import dev.mlit.bench.ReadingBenchmark;
import java.util.List;
import java.util.Locale;

/** What {@code ./mlit bench} prints of its results. */
final class BenchText {
  private static final int PARTS_SHOWN = 20;

  private BenchText() {}

  static void print(Console console, Benchmark.Result r) {
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

  static void print(Console console, String title, List<Profile.Part> parts) {
    console.line("%n%7s %10s %6s  %s", "share", "ms", "count", title);
    parts.stream()
        .limit(PARTS_SHOWN)
        .forEach(
            p ->
                console.line(
                    "%6.1f%% %10.2f %6d  %s", 100 * p.share(), p.ms(), p.count(), p.name()));
  }

  static void print(Console console, AllReduceBenchmark.Result r) {
    console.line("%s, %d workers, %,d numbers", r.model(), r.workers(), r.numbers());
    console.line(
        "ms per sum     %10.2f  (median of %d; %.2f to %.2f)",
        r.medianMs(), r.steps(), r.minMs(), r.maxMs());
    console.line("ms per sum     %10.2f  of %d numbers", r.smallMs(), r.smallNumbers());
  }

  static void print(Console console, ReadingBenchmark.Result r, int rounds) {
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
  }
}
