package dev.mlit.insight;

import dev.mlit.data.Dataset;
import dev.mlit.files.NotWrittenException;
import dev.mlit.files.WholeFile;
import dev.mlit.savedmodel.Evaluation;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * What a classifier is worth, as a page: confusion matrix, scores by class, calibration, and the
 * worst mistakes as pictures. It is one HTML file that needs no network.
 *
 * <pre>{@code
 * Evaluation evaluation = classifier.evaluate(photos);
 * EvaluationReport.of("leaves", evaluation, photos).write(Path.of("evaluation.html"));
 * }</pre>
 *
 * @since 0.1.0
 */
public final class EvaluationReport {
  private final String title;
  private final Evaluation evaluation;
  private final Dataset dataset;
  private final List<String> notes = new ArrayList<>();
  private String footer = "";

  private EvaluationReport(String title, Evaluation evaluation, Dataset dataset) {
    this.title = title;
    this.evaluation = evaluation;
    this.dataset = dataset;
  }

  /**
   * A report.
   *
   * @param title of the page, such as the name of the model
   * @param dataset that was evaluated, whose test images are shown where they were mistaken
   */
  public static EvaluationReport of(String title, Evaluation evaluation, Dataset dataset) {
    return new EvaluationReport(title, evaluation, dataset);
  }

  /** Adds a line that a reader should know, such as which images were left out. */
  public EvaluationReport note(String line) {
    notes.add(line);
    return this;
  }

  /** Sets what stands below everything in small letters, such as where the model lies. */
  public EvaluationReport footer(String text) {
    footer = text;
    return this;
  }

  /**
   * Writes the page; what was in the file is replaced. Reads the images of the worst mistakes.
   *
   * @throws dev.mlit.spec.InvalidInputException if it can never be written there, or an image
   *     cannot be read
   * @throws NotWrittenException if the disk does not take it
   */
  public void write(Path file) {
    String html = new EvaluationPage(title, evaluation, dataset, notes, footer).html();
    WholeFile.writeNamed(file, html);
  }
}
