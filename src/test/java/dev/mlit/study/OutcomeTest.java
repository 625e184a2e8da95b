package dev.mlit.study;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import dev.mlit.spec.InvalidInputException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** If this fails, a study that was begun earlier does its work again, or reads what is not done. */
class OutcomeTest {
  @TempDir private Path run;

  /** As versions before validation images wrote it. */
  @Test
  void readsWhatAnEarlierVersionWrote() throws IOException {
    Files.writeString(
        run.resolve("result.json"),
        "{\"test_accuracy\":0.75,\"test_loss\":0.5,\"train_images\":48,\"test_images\":24,"
            + "\"steps\":6,\"seconds\":1.5}\n");
    assertThat(Outcome.tested(run)).isEqualTo(new Outcome(0.75, 0.5, 48, 24, 6, 1.5, null, 0));
    assertThat(Outcome.validated(run)).isNull();
  }

  @Test
  void readsWhatAnEarlierVersionWroteOfAnAutoencoder() throws IOException {
    Files.writeString(
        run.resolve("result.json"),
        "{\"test_accuracy\":null,\"test_loss\":0.5,\"train_images\":48,\"test_images\":24,"
            + "\"steps\":6,\"seconds\":1.5}\n");
    assertThat(Outcome.tested(run)).isEqualTo(new Outcome(null, 0.5, 48, 24, 6, 1.5, null, 0));
  }

  @Test
  void aSettingThatWasTriedIsNotTested() {
    Outcome tried = new Outcome(null, Double.NaN, 48, 0, 6, 1.5, 0.7, 12);
    tried.write(run);
    assertThat(tried.isTested()).isFalse();
    assertThat(Outcome.validated(run)).isEqualTo(tried);
    assertThat(Outcome.tested(run)).isNull();

    Outcome tested = new Outcome(0.6, 0.5, 48, 24, 6, 2, 0.7, 12);
    tested.write(run);
    assertThat(Outcome.validated(run)).isEqualTo(tried);
    assertThat(Outcome.tested(run)).isEqualTo(tested);
  }

  @Test
  void aDamagedFileSaysWhatToDo() throws IOException {
    Files.writeString(run.resolve("result.json"), "{");
    assertThatExceptionOfType(InvalidInputException.class)
        .isThrownBy(() -> Outcome.tested(run))
        .withMessage(
            run.resolve("result.json")
                + ": cannot be read; delete it, and the run is tested again");
  }
}
