package dev.mlit.cli;

import com.fasterxml.jackson.annotation.JsonInclude;
import dev.mlit.savedmodel.Evaluation;
import java.nio.file.Path;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What {@code ./mlit evaluate --json} prints of a classifier: all of its {@link Evaluation}.
 *
 * @param topFiveAccuracy left out where the model has ten classes or fewer
 * @param leftOut paths of image files that cannot be read
 * @param report the page; left out where none was asked for
 */
record EvaluationJson(
    double accuracy,
    int examples,
    double loss,
    @JsonInclude(JsonInclude.Include.NON_NULL) @Nullable Double topFiveAccuracy,
    Evaluation.MacroAverages macro,
    Evaluation.Calibration calibration,
    List<Evaluation.ClassScores> classes,
    int[][] confusion,
    List<Mistake> worstMistakes,
    List<String> leftOut,
    @JsonInclude(JsonInclude.Include.NON_NULL) @Nullable String report) {

  /**
   * As {@link Evaluation.Mistake}.
   *
   * @param file left out where the image has none of its own
   */
  record Mistake(
      int index,
      @JsonInclude(JsonInclude.Include.NON_NULL) @Nullable String file,
      String label,
      String predicted,
      double probability) {
    private static Mistake of(Evaluation.Mistake mistake) {
      return new Mistake(
          mistake.index(),
          mistake.file().orElse(null),
          mistake.label(),
          mistake.predicted(),
          mistake.probability());
    }
  }

  static EvaluationJson of(Evaluation evaluation, List<String> leftOut, @Nullable Path report) {
    double topFive = evaluation.topFiveAccuracy();
    return new EvaluationJson(
        evaluation.accuracy(),
        evaluation.examples(),
        evaluation.loss(),
        Double.isNaN(topFive) ? null : topFive,
        evaluation.macro(),
        evaluation.calibration(),
        evaluation.classes(),
        evaluation.confusion(),
        evaluation.worstMistakes().stream().map(Mistake::of).toList(),
        leftOut,
        report == null ? null : report.toString());
  }
}
