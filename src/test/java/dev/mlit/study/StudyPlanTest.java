package dev.mlit.study;

import static org.assertj.core.api.Assertions.assertThat;

import dev.mlit.spec.SpecFiles;
import dev.mlit.spec.Specs;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class StudyPlanTest {
  static Stream<Path> files() throws IOException {
    return SpecFiles.in("studies");
  }

  /** Else a user who starts one as its first line says is told that a file is not there. */
  @ParameterizedTest
  @MethodSource("files")
  void everyStudyOfTheRepositoryFindsItsRunsAndWhatTheyStartFrom(Path file, @TempDir Path out) {
    StudyPlan plan = new StudyPlan(Specs.study(file, List.of()), file.resolveSibling(""), out);
    assertThat(plan.cells()).isNotEmpty();
  }
}
