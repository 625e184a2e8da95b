package dev.mlit.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.mlit.data.Datasets;
import dev.mlit.spec.InvalidInputException;
import dev.mlit.spec.Specs;
import dev.mlit.study.Study;
import dev.mlit.train.EpochChoice;
import dev.mlit.train.RunStoppedException;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Advice as commands. If it fails, what an error tells a user to type is refused by a shell. */
class CommandAdviceTest {
  private static final Path RUN = Path.of("my runs/a");

  @TempDir private Path temporary;

  private static void assertAdvised(InvalidInputException problem, String message) {
    assertThat(CommandAdvice.message(problem)).isEqualTo(message);
  }

  @Test
  void namesCommandsThatAShellTakes() {
    assertAdvised(
        new InvalidInputException(advice -> advice.resume(RUN)),
        "./mlit train --resume 'my runs/a'");
    assertAdvised(
        new InvalidInputException(advice -> advice.resumeWith(RUN, "data.directory", "DIR")),
        "./mlit train --resume 'my runs/a' --set data.directory=DIR");
    assertAdvised(
        new InvalidInputException(advice -> advice.export(RUN, "DIR")),
        "./mlit export 'my runs/a' --to DIR");
    assertAdvised(
        new InvalidInputException(advice -> advice.set("initialize.from", RUN)),
        "--set 'initialize.from=my runs/a'");
    assertAdvised(new InvalidInputException(advice -> advice.directory(Study.class)), "--out DIR");
    assertAdvised(
        new InvalidInputException(advice -> advice.epochChoice(EpochChoice.BEST_ON_TEST)),
        "./mlit export --best-on-test, EpochChoice.BEST_ON_TEST");
  }

  @Test
  void namesOptionsOfImport() {
    assertAdvised(
        new InvalidInputException(advice -> advice.importer() + " " + advice.compare()),
        "./mlit import --compare");
    assertAdvised(
        new InvalidInputException(advice -> advice.importedModel() + " " + advice.importedLabels()),
        "--model --labels FILE");
    assertAdvised(
        new InvalidInputException(advice -> advice.rename("student.", "")), "--rename student.=");
  }

  @Test
  void namesOptionsOfAFetch() {
    assertAdvised(
        new InvalidInputException(
            advice -> advice.mirror() + " " + advice.fetchDirectory() + ", the " + advice.call()),
        "--from --to, the command");
    assertAdvised(
        catchThrowableOfType(
            InvalidInputException.class,
            () -> Datasets.open("cifar10", temporary.resolve("absent"))),
        String.format(
            "data.directory: %1$s is not there; it must have the files of cifar10;"
                + " \"./mlit data fetch cifar10 --to %1$s\" downloads it",
            temporary.resolve("absent")));
  }

  @Test
  void aSettingIsAnOption() {
    assertAdvised(
        catchThrowableOfType(
            InvalidInputException.class, () -> Specs.model("mlit-xxs", List.of("classes=x"))),
        "--set classes: classes: \"x\" must be a whole number");
  }

  @Test
  void whatAdvisesNothingIsItsMessage() {
    assertThat(CommandAdvice.message(RunStoppedException.whileWaiting("the other workers")))
        .isEqualTo("stopped while it waited for the other workers");
    assertThat(CommandAdvice.message(new IllegalStateException("so"))).isEqualTo("so");
  }
}
