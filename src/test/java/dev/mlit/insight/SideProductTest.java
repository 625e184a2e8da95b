package dev.mlit.insight;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import dev.mlit.data.Dataset;
import dev.mlit.spec.RunSpec;
import dev.mlit.testing.TinyData;
import dev.mlit.train.Trainer;
import dev.mlit.train.TrainingListener;
import dev.mlit.train.TrainingResult;
import dev.mlit.train.WriteFailedException;
import java.awt.image.BufferedImage;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * What a run writes beside its results, and a run directory that is gone. If it fails, a training
 * of days ends because a picture of its report cannot be written, or goes on into half of a run.
 */
class SideProductTest {
  private static final Dataset IMAGES = TinyData.dataset(170, 30);
  private static final RunSpec RUN = TinyData.run().training(t -> t.epochs(2)).build();

  @TempDir private Path temporary;

  private Trainer trainer() {
    return Trainer.of(RUN).data(IMAGES).directory(temporary.resolve("run"));
  }

  @Test
  void aReportAndEventsThatCannotBeWrittenEndNoRun() throws IOException {
    Path inTheWay = Files.writeString(temporary.resolve("file"), "mine");

    TrainingResult result =
        trainer()
            .listener(RunReport.html(inTheWay.resolve("report.html")))
            .listener(TensorBoard.events(inTheWay))
            .train();

    assertThat(result.steps()).isEqualTo(22);
    assertThat(inTheWay).hasContent("mine");
    assertThat(result.directory().resolve("report.html")).isRegularFile();
  }

  @Test
  void aFaultIsSaidOnceAndTheRunGoesOn() {
    SideProduct product = new SideProduct("a picture");
    int[] attempts = new int[1];
    for (int i = 0; i < 3; i++) {
      product.attempt(
          () -> {
            attempts[0]++;
            throw new InternalError("no fonts");
          });
    }
    assertThat(attempts[0]).isEqualTo(3);
  }

  /** For TensorBoard; nothing else would say that it is left out. */
  @Test
  void aPictureOfAnEpochIsRead() throws IOException {
    Path folder = Files.createDirectory(temporary.resolve("reconstructions"));
    BufferedImage picture = new BufferedImage(3, 2, BufferedImage.TYPE_INT_RGB);
    picture.setRGB(2, 1, 0x010203);
    ImageIO.write(picture, "png", folder.resolve("epoch-0007.png").toFile());

    ImageGrid read = Reconstructions.picture(temporary, 7).orElseThrow();

    assertThat(List.of(read.height(), read.width(), read.channels())).containsExactly(2, 3, 3);
    assertThat(read.pixels()).endsWith(1, 2, 3);
  }

  /** At step 5; step 10 is the next that is written. */
  @Test
  void aRunWhoseDirectoryIsMovedEndsAtTheNextWriteAndGoesOnThere() {
    Path run = temporary.resolve("run");
    Path moved = temporary.resolve("moved");
    TrainingListener mover =
        new TrainingListener() {
          @Override
          public void step(Step step) {
            if (step.step() == 5) {
              try {
                Files.move(run, moved);
              } catch (IOException e) {
                throw new IllegalStateException(e);
              }
            }
          }
        };

    assertThatExceptionOfType(WriteFailedException.class)
        .isThrownBy(() -> trainer().listener(mover).train())
        .withMessage(
            run
                + ": has been moved or deleted while the run was trained, which ends here; go on"
                + " where the directory is now with: Mlit.resume(Path.of(\"DIR\"))");

    assertThat(run).doesNotExist();
    TrainingResult result = Trainer.of(RUN).data(IMAGES).directory(moved).resume(true).train();
    assertThat(result.steps()).isEqualTo(22);
  }
}
