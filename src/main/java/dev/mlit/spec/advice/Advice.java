package dev.mlit.spec.advice;

import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/**
 * The words for what can be done about a problem. Each method returns a phrase that is a part of a
 * message, such as {@code Mlit.resume(Path.of("runs/a"))} for a caller of the library and {@code
 * ./mlit train --resume runs/a} on the command line.
 *
 * <p>Where a path is an {@code Object}, it may be a word that stands for one, such as {@code DIR}.
 *
 * @since 0.1.0
 */
public interface Advice {
  /** Calls of the library. */
  Advice LIBRARY = new LibraryAdvice();

  // ---- Runs ----

  /** To go on with a run. */
  String resume(Object run);

  /**
   * To go on with a run with another value of a field.
   *
   * @param value a word that stands for the value, such as {@code DIR}
   */
  String resumeWith(Path run, String field, String value);

  /** What makes a trainer go on with a run that was started. */
  String resuming();

  /**
   * What names the directory to write to.
   *
   * @param writer the class that writes there, such as a trainer or a study
   */
  String directory(Class<?> writer);

  /** To write the model of a run as a SavedModel. */
  String export(Object run, Object target);

  /** To export the epoch of this choice. */
  String epochChoice(Enum<?> choice);

  // ---- Fields of a spec ----

  /** To give a field of a spec another value. */
  String set(String field, Object value);

  /**
   * The place of a field that was changed after the spec was read.
   *
   * @param setting the field, or {@code field=value}
   */
  String setting(String setting);

  // ---- Weights of other programs ----

  /** What makes a SavedModel of weights that another program wrote. */
  String importer();

  /** What tells an import the model. */
  String importedModel();

  /** What tells an import the names of the classes. */
  String importedLabels();

  /** What tells an import which variable another name is. */
  String rename(String from, String variable);

  /** What makes an import run a foreign graph, to compare its logits. */
  String compare();

  // ---- Datasets ----

  /**
   * To download a dataset.
   *
   * @param directory of its files; null for the usual one
   */
  String fetch(String dataset, @Nullable Path directory);

  /** What names the directory to download to. */
  String fetchDirectory();

  /** What names another address to download from. */
  String mirror();

  /** What names the dataset that a benchmark reads. */
  String benchmarkDataset();

  // ---- The process ----

  /** What was called, such as a command; to be called again. */
  String call();

  /** To start the process with an option of the JVM. */
  String javaOption(String option);
}
