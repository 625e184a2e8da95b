package dev.mlit.spec.advice;

import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/** Advice as calls of the library, which can be copied into a program. */
final class LibraryAdvice implements Advice {
  @Override
  public String resume(Object run) {
    return "Mlit.resume(" + path(run) + ")";
  }

  @Override
  public String resumeWith(Path run, String field, String value) {
    return "Trainer.of(RunDirectory.open("
        + path(run)
        + ").run(List.of("
        + text(field + "=" + value)
        + "))).directory("
        + path(run)
        + ").resume(true)";
  }

  @Override
  public String resuming() {
    return "Trainer.resume(true)";
  }

  @Override
  public String directory(Class<?> writer) {
    return writer.getSimpleName() + ".directory";
  }

  @Override
  public String export(Object run, Object target) {
    return "Mlit.export(" + path(run) + ", " + path(target) + ")";
  }

  @Override
  public String epochChoice(Enum<?> choice) {
    return choice.getDeclaringClass().getSimpleName() + "." + choice.name();
  }

  @Override
  public String set(String field, Object value) {
    return "set " + field + " to " + value;
  }

  @Override
  public String setting(String setting) {
    return "setting " + setting;
  }

  @Override
  public String importer() {
    return "ModelImport";
  }

  @Override
  public String importedModel() {
    return "ModelImport.model";
  }

  @Override
  public String importedLabels() {
    return "ModelImport.labels";
  }

  @Override
  public String rename(String from, String variable) {
    return "ModelImport.rename(" + text(from) + ", " + text(variable) + ")";
  }

  @Override
  public String compare() {
    return "ModelImport.compare(true)";
  }

  @Override
  public String fetch(String dataset, @Nullable Path directory) {
    return "DatasetFetch.of("
        + text(dataset)
        + ")"
        + (directory == null ? "" : ".to(" + path(directory) + ")")
        + ".run()";
  }

  @Override
  public String fetchDirectory() {
    return "DatasetFetch.to";
  }

  @Override
  public String mirror() {
    return "DatasetFetch.from";
  }

  @Override
  public String benchmarkDataset() {
    return "dataset";
  }

  @Override
  public String call() {
    return "call";
  }

  @Override
  public String javaOption(String option) {
    return option;
  }

  private static String path(Object path) {
    return "Path.of(" + text(path) + ")";
  }

  /** A literal of Java. */
  private static String text(Object value) {
    return '"' + value.toString().replace("\\", "\\\\").replace("\"", "\\\"") + '"';
  }
}
