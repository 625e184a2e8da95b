package dev.mlit.train;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import dev.mlit.Mlit;
import dev.mlit.cluster.Attendance;
import dev.mlit.cluster.InterruptedWaitException;
import dev.mlit.data.Dataset;
import dev.mlit.data.ImageFolder;
import dev.mlit.savedmodel.Classifier;
import dev.mlit.spec.ClusterSpec;
import dev.mlit.spec.RunSpec;
import dev.mlit.testing.TinyData;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * A thread that is interrupted while it trains. If it fails, a service that ends its threads is
 * told of a full disk, or of checkpoints that are damaged, and the work since the last one is lost.
 */
class InterruptedRunTest {
  private static final Dataset IMAGES = TinyData.dataset(50, 30);
  private static final RunSpec RUN = TinyData.run().training(t -> t.epochs(3)).build();

  @TempDir private Path temporary;

  /** Interrupts the thread at a step, an epoch (counted as steps after 100), or the end. */
  private record Interrupter(long at) implements TrainingListener {
    @Override
    public void step(Step step) {
      interruptAt(step.step());
    }

    @Override
    public void epoch(Epoch epoch) {
      interruptAt(100 + epoch.epoch());
    }

    private void interruptAt(long now) {
      if (now == at) {
        Thread.currentThread().interrupt();
      }
    }
  }

  /** In the midst of an epoch, at its last step, and when it has been measured. */
  @ParameterizedTest
  @ValueSource(longs = {2, 4, 101})
  void itIsSavedAndGoesOnWhereItWas(long at) {
    Path run = temporary.resolve("run");
    Trainer trainer = Trainer.of(RUN).data(IMAGES).directory(run).listener(new Interrupter(at));

    assertThatExceptionOfType(RunStoppedException.class)
        .isThrownBy(trainer::train)
        .withMessageStartingWith(
            "stopped after step " + (at == 101 ? 4 : at) + " of 12; all of it is saved");
    assertThat(Thread.interrupted()).as("stays interrupted").isTrue();

    TrainingResult result = Mlit.resume(run, going -> going.data(IMAGES)).training();
    assertThat(result.steps()).isEqualTo(12);
  }

  /** Nothing is left to stop. */
  @Test
  void afterTheLastEpochTheResultIsThere() {
    Trainer trainer =
        Trainer.of(RUN)
            .data(IMAGES)
            .directory(temporary.resolve("run"))
            .listener(new Interrupter(103));

    TrainingResult result = trainer.train();

    assertThat(Thread.interrupted()).as("stays interrupted").isTrue();
    assertThat(result.steps()).isEqualTo(12);
  }

  /** It is as it would be undisturbed, and read from a checkpoint by channels. */
  @Test
  void afterTheLastEpochTheModelIsExported() {
    Path run = temporary.resolve("run");

    Path model =
        Mlit.train(RUN, t -> t.data(IMAGES).directory(run).listener(new Interrupter(103)))
            .savedModel();

    assertThat(Thread.interrupted()).as("stays interrupted").isTrue();
    try (Classifier classifier = Mlit.load(model)) {
      assertThat(classifier.labels()).isEqualTo(IMAGES.labels());
    }
  }

  /** Each epoch's model is exported on the thread that trains. */
  @Test
  void theBestModelIsExportedWhenItsEpochIsTheLastOne() {
    Path best = temporary.resolve("best");
    Trainer trainer =
        Trainer.of(RUN)
            .data(TinyData.validated(50, 20, 30))
            .directory(temporary.resolve("run"))
            .listener(new Interrupter(101))
            .listener(Mlit.bestModel(best));

    assertThatExceptionOfType(RunStoppedException.class).isThrownBy(trainer::train);

    assertThat(Thread.interrupted()).as("stays interrupted").isTrue();
    Mlit.load(best).close();
  }

  @Test
  void whileItsImagesAreReadNothingIsWritten() throws IOException {
    Path run = temporary.resolve("run");
    for (String label : List.of("a", "b", "c")) {
      Path folder = Files.createDirectories(temporary.resolve("images").resolve(label));
      Files.copy(Path.of("examples/images/bag.png"), folder.resolve("1.png"));
      Files.copy(Path.of("examples/images/coat.png"), folder.resolve("2.png"));
    }
    Dataset images = ImageFolder.read("files", temporary.resolve("images"));
    TrainingListener interrupter =
        new TrainingListener() {
          @Override
          public void loading(Loading loading) {
            Thread.currentThread().interrupt();
          }
        };

    assertThatExceptionOfType(RunStoppedException.class)
        .isThrownBy(() -> Trainer.of(RUN).data(images).directory(run).listener(interrupter).train())
        .withMessage("stopped while the images were read; nothing was written");

    assertThat(Thread.interrupted()).as("stays interrupted").isTrue();
    assertThat(run).doesNotExist();
  }

  /** Else it would wait for as long as training.worker-timeout says. */
  @Test
  void whileItWaitsForOtherWorkersItEnds() throws IOException {
    int[] ports = new int[2];
    for (int i = 0; i < ports.length; i++) {
      try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
        ports[i] = socket.getLocalPort();
      }
    }
    ClusterSpec cluster = ClusterSpec.local(ports).get(0);
    List<String> missing = new ArrayList<>();

    assertThatExceptionOfType(InterruptedWaitException.class)
        .isThrownBy(
            () ->
                Attendance.call(
                    cluster,
                    600,
                    workers -> {
                      missing.addAll(workers);
                      Thread.currentThread().interrupt();
                    }));

    assertThat(Thread.interrupted()).as("stays interrupted").isTrue();
    assertThat(missing).containsExactly(cluster.name(1));
  }

  @Test
  void beforeItBeginsNothingIsWritten() {
    Path run = temporary.resolve("run");
    Thread.currentThread().interrupt();

    assertThatExceptionOfType(RunStoppedException.class)
        .isThrownBy(() -> Trainer.of(RUN).data(IMAGES).directory(run).train());

    assertThat(Thread.interrupted()).as("stays interrupted").isTrue();
  }
}
