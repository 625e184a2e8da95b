package dev.mlit.cli;

import static dev.mlit.cli.CommandText.word;

import dev.mlit.spec.advice.Advice;
import dev.mlit.spec.advice.Advised;
import dev.mlit.spec.text.KebabCase;
import dev.mlit.spec.text.Printable;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/** Advice as commands and options, which can be copied into a shell. */
final class CommandAdvice implements Advice {
  private static final Advice COMMANDS = new CommandAdvice();

  private CommandAdvice() {}

  /** What the command line says of a problem. */
  static String message(Exception problem) {
    return Printable.lines(
        problem instanceof Advised advised
            ? advised.message(COMMANDS)
            : String.valueOf(problem.getMessage()));
  }

  @Override
  public String resume(Object run) {
    return "./mlit train --resume " + word(run);
  }

  @Override
  public String resumeWith(Path run, String field, String value) {
    return resume(run) + " " + set(field, value);
  }

  @Override
  public String resuming() {
    return "--resume";
  }

  @Override
  public String directory(Class<?> writer) {
    return "--out DIR";
  }

  @Override
  public String export(Object run, Object target) {
    return "./mlit export " + word(run) + " --to " + word(target);
  }

  @Override
  public String epochChoice(Enum<?> choice) {
    return "./mlit export --" + KebabCase.of(choice) + ", " + LIBRARY.epochChoice(choice);
  }

  @Override
  public String set(String field, Object value) {
    return "--set " + word(field + "=" + value);
  }

  @Override
  public String setting(String setting) {
    return "--set " + setting;
  }

  @Override
  public String importer() {
    return "./mlit import";
  }

  @Override
  public String importedModel() {
    return "--model";
  }

  @Override
  public String importedLabels() {
    return "--labels FILE";
  }

  @Override
  public String rename(String from, String variable) {
    return "--rename " + word(from + "=" + variable);
  }

  @Override
  public String compare() {
    return "--compare";
  }

  @Override
  public String fetch(String dataset, @Nullable Path directory) {
    String target = directory == null ? "" : " --to " + word(directory);
    return "\"./mlit data fetch " + dataset + target + "\"";
  }

  @Override
  public String fetchDirectory() {
    return "--to";
  }

  @Override
  public String mirror() {
    return "--from";
  }

  @Override
  public String benchmarkDataset() {
    return "--data";
  }

  @Override
  public String call() {
    return "command";
  }

  @Override
  public String javaOption(String option) {
    return option + " (MLIT_JAVA_OPTS for ./mlit)";
  }
}
