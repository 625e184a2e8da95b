package dev.mlit.insight;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;

import dev.mlit.spec.RunSpec;
import dev.mlit.testing.TinyData;
import dev.mlit.train.TrainingListener;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

/**
 * What a person sees of a run. If it fails, a log fills with the remains of a progress bar, or a
 * long run seems to hang.
 */
class ProgressTest {
  private static final RunSpec RUN = TinyData.run().training(t -> t.epochs(2)).build();

  private final ByteArrayOutputStream bytes = new ByteArrayOutputStream();

  @Test
  void fileGetsALineForTheStartAndOneForEveryEpoch() throws InterruptedException {
    run(false);

    assertThat(bytes.toString(StandardCharsets.UTF_8))
        .isEqualToNormalizingNewlines(
            """
            runs/tiny: tiny, 2,317 parameters; 5,000 images to train on, 30 to test on; 4 steps
            epoch 1/2  loss 1.2500  train accuracy 0.5000  test accuracy 0.7500  250 images/s  3 s
            """);
  }

  @Test
  void terminalGetsABarThatIsGoneWhenTheEpochIsDone() throws InterruptedException {
    run(true);

    String written = bytes.toString(StandardCharsets.UTF_8);
    assertThat(written).contains("epoch 1/2", "\r").containsPattern("\\d+ images/s");
    String left = written.substring(written.lastIndexOf('\r') + 1);
    assertThat(left.strip())
        .isEqualTo(
            "epoch 1/2  loss 1.2500  train accuracy 0.5000  test accuracy 0.7500  250 images/s"
                + "  3 s");
  }

  @Test
  void longEpochGetsALineEveryTenSecondsWithRateAndTimeLeft() {
    PrintStream out = new PrintStream(bytes, true, StandardCharsets.UTF_8);
    AtomicLong clock = new AtomicLong();
    try (TrainingListener progress = Progress.plain(out, clock::get)) {
      progress.started(start(1000, 0));
      for (int step = 1; step <= 45; step++) {
        clock.addAndGet(500_000_000);
        progress.step(new TrainingListener.Step(step, 1, 16, 0.1, 1.5, 0.1, 2));
      }
    }

    assertThat(bytes.toString(StandardCharsets.UTF_8))
        .isEqualToNormalizingNewlines(
            """
            runs/tiny: tiny, 2,317 parameters; 5,000 images to train on, 30 to test on; 1,000 steps
            epoch 1/2, step 21 of 1,000  loss 1.5000  32 images/s  8 min 10 s left
            epoch 1/2, step 42 of 1,000  loss 1.5000  32 images/s  7 min 59 s left
            """);
  }

  @Test
  void runThatGoesOnSaysHowMuchIsDoneAndCountsItsOwnTime() {
    PrintStream out = new PrintStream(bytes, true, StandardCharsets.UTF_8);
    AtomicLong clock = new AtomicLong();
    try (TrainingListener progress = Progress.plain(out, clock::get)) {
      progress.started(start(1000, 900));
      clock.addAndGet(11_000_000_000L);
      progress.step(new TrainingListener.Step(910, 2, 16, 0.1, 1.5, 0.1, 2));
    }

    assertThat(bytes.toString(StandardCharsets.UTF_8))
        .isEqualToNormalizingNewlines(
            """
            runs/tiny: tiny, 2,317 parameters; 5,000 images to train on, 30 to test on; 1,000 steps, \
            900 of them done
            epoch 2/2, step 910 of 1,000  loss 1.5000  15 images/s  1 min 39 s left
            """);
  }

  @Test
  void runWithValidationImagesShowsTheseAndItsTestWhenItIsDone() {
    PrintStream out = new PrintStream(bytes, true, StandardCharsets.UTF_8);
    AtomicLong clock = new AtomicLong();
    try (TrainingListener progress = Progress.plain(out, clock::get)) {
      progress.started(start(4, 0, 500));
      progress.epoch(epoch(0.5, Double.NaN, Double.NaN, 1.2, 0.625));
      progress.epoch(epoch(0.5, 1.1, 0.75, 1.2, 0.625));
      progress.epoch(epoch(Double.NaN, Double.NaN, Double.NaN, 1.2, Double.NaN));
      clock.addAndGet(60_000_000_000L);
      progress.loading(new TrainingListener.Loading("tiny", "test", 10, 30));
      clock.addAndGet(3_000_000_000L);
      progress.loading(new TrainingListener.Loading("tiny", "test", 20, 30));
      progress.finalTest(new TrainingListener.FinalTest(2, 4, 1.1, 0.75, 9, List.of()));
      progress.finalTest(new TrainingListener.FinalTest(2, 4, 1.1, Double.NaN, 9, List.of()));
    }

    assertThat(bytes.toString(StandardCharsets.UTF_8))
        .isEqualToNormalizingNewlines(
            """
            runs/tiny: tiny, 2,317 parameters; 5,000 images to train on, 500 to validate on, 30 to \
            test on; 4 steps
            epoch 1/2  loss 1.2500  train accuracy 0.5000  validation accuracy 0.6250  250 images/s  3 s
            epoch 1/2  loss 1.2500  train accuracy 0.5000  validation accuracy 0.6250  test accuracy \
            0.7500  250 images/s  3 s
            epoch 1/2  loss 1.2500  validation error 1.2000  250 images/s  3 s
            reading tiny, test: 20 of 30 images
            tested after epoch 2  test accuracy 0.7500  9 s
            tested after epoch 2  test error 1.1000  9 s
            """);
  }

  /** Names that a program gives, whose data they come from somewhere else. */
  @Test
  void whatNamesDoToATerminalIsNotShown() {
    // Without a locale, Java knows no file of such a name.
    assumeThat(System.getProperty("sun.jnu.encoding")).isEqualTo("UTF-8");
    String clear = "\u001b[2J\u009b31m\n";
    PrintStream out = new PrintStream(bytes, true, StandardCharsets.UTF_8);
    AtomicLong clock = new AtomicLong();
    try (TrainingListener progress = Progress.plain(out, clock::get)) {
      progress.loading(new TrainingListener.Loading("tiny" + clear, "train", 10, 30));
      clock.addAndGet(3_000_000_000L);
      progress.loading(new TrainingListener.Loading("tiny" + clear, "train", 20, 30));
      progress.waiting(List.of("worker" + clear));
      progress.started(start(Path.of("runs/tiny" + clear), 4, 0, 0));
    }

    assertThat(bytes.toString(StandardCharsets.UTF_8))
        .isEqualToNormalizingNewlines(
            """
            reading tiny?[2J?31m?, train: 20 of 30 images
            waiting for worker?[2J?31m?
            runs/tiny?[2J?31m?: tiny, 2,317 parameters; 5,000 images to train on, 30 to test on; 4 steps
            """);
  }

  @Test
  void norIsItInABar() throws InterruptedException {
    PrintStream out = new PrintStream(bytes, true, StandardCharsets.UTF_8);
    try (TrainingListener progress = Progress.on(out, true)) {
      progress.loading(new TrainingListener.Loading("tiny\u001b[2J", "train", 10, 30));
      Thread.sleep(2_100);
      progress.loading(new TrainingListener.Loading("tiny\u001b[2J", "train", 20, 30));
      awaitBar();
    }

    assertThat(bytes.toString(StandardCharsets.UTF_8))
        .contains("reading tiny?[2J, train")
        .doesNotContain("tiny\u001b");
  }

  private static TrainingListener.Epoch epoch(
      double trainAccuracy,
      double testLoss,
      double testAccuracy,
      double validationLoss,
      double validationAccuracy) {
    return new TrainingListener.Epoch(
        1,
        2,
        1.25,
        trainAccuracy,
        testLoss,
        testAccuracy,
        250,
        3,
        List.of(),
        List.of(),
        validationLoss,
        validationAccuracy,
        List.of(),
        Double.NaN);
  }

  private static TrainingListener.Start start(long steps, long done) {
    return start(steps, done, 0);
  }

  private static TrainingListener.Start start(long steps, long done, int validationImages) {
    return start(Path.of("runs/tiny"), steps, done, validationImages);
  }

  private static TrainingListener.Start start(
      Path directory, long steps, long done, int validationImages) {
    return new TrainingListener.Start(
        RUN,
        directory,
        "tiny",
        List.of("up", "down", "dark"),
        2317,
        5000,
        30,
        steps / 2,
        steps,
        done > 0,
        done,
        List.of(),
        validationImages);
  }

  private void run(boolean terminal) throws InterruptedException {
    PrintStream out = new PrintStream(bytes, true, StandardCharsets.UTF_8);
    try (TrainingListener progress = Progress.on(out, terminal)) {
      progress.started(start(4, 0));
      progress.step(new TrainingListener.Step(1, 1, 16, 0.1, 1.5, 0.1, 2));
      progress.step(new TrainingListener.Step(2, 1, 16, 0.1, 1.0, 0.1, 2));
      if (terminal) {
        awaitBar();
      }
      progress.epoch(
          new TrainingListener.Epoch(1, 2, 1.25, 0.5, 1.1, 0.75, 250, 3, List.of(), List.of()));
    }
  }

  /** A thread of its own draws the bar, in a real run long before the epoch is done. */
  private void awaitBar() throws InterruptedException {
    for (int i = 0; i < 1000 && !bytes.toString(StandardCharsets.UTF_8).contains("\r"); i++) {
      Thread.sleep(10);
    }
  }
}
