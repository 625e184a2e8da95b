package dev.mlit.train;

import static java.util.stream.Collectors.joining;

import dev.mlit.spec.InvalidInputException;
import dev.mlit.spec.RunSpec;
import dev.mlit.spec.SpecChange;
import dev.mlit.spec.advice.Message;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.regex.Pattern;

/**
 * What may be changed when a run is resumed: how long it trains, on how many threads, how long its
 * workers wait for each other, when it is saved and its features are measured, where things lie.
 * All else decides what the weights become.
 */
final class ResumeRules {
  private static final Pattern MAY_CHANGE =
      Pattern.compile(
          "training\\.(epochs|steps|threads|worker-timeout)|checkpoints\\..*|early-stopping\\..*"
              + "|data\\.(datasets\\[\\d+]\\.)?directory|neighbours\\..*|export");

  private static final Pattern IMAGES =
      Pattern.compile("(data\\.(datasets\\[\\d+]\\.)?|neighbours\\.)directory");

  private ResumeRules() {}

  /**
   * Checks that a run is the one that was started.
   *
   * @return what has changed, and may
   * @throws InvalidInputException with every field that has changed and must not
   */
  static List<SpecChange> check(Path directory, RunSpec started, RunSpec now) {
    List<SpecChange> changes = SpecChange.between(started, now);
    List<SpecChange> wrong = changes.stream().filter(change -> !mayChange(change)).toList();
    if (!wrong.isEmpty()) {
      throw new InvalidInputException(
          advice ->
              directory
                  + ": this run was started with other settings and cannot be resumed with these:\n"
                  + wrong.stream().map(change -> "  " + change).collect(joining("\n"))
                  + "\nresume it as it was ("
                  + advice.resume(directory)
                  + "), or start another run in a new directory, from its weights if you like ("
                  + advice.set("initialize.from", directory)
                  + ")");
    }
    return changes;
  }

  /**
   * Checks that the images of a run are where it looks for them: relative paths of a run that was
   * started in another directory lead elsewhere.
   *
   * @throws InvalidInputException with every such path that leads to nothing
   */
  static void requireImages(Path directory, RunSpec run) {
    List<Message> problems =
        SpecChange.fields(run).entrySet().stream()
            .filter(field -> IMAGES.matcher(field.getKey()).matches())
            .filter(field -> isMissing(Path.of(field.getValue())))
            .map(field -> elsewhere(directory, field.getKey(), field.getValue()))
            .toList();
    if (!problems.isEmpty()) {
      throw InvalidInputException.advised(directory, problems);
    }
  }

  private static Message elsewhere(Path directory, String field, String images) {
    // Of a list, single fields cannot be set.
    int list = field.indexOf('[');
    return advice ->
        String.format(
            Locale.ROOT,
            "%s: %s is not there, seen from %s; go on where the run was started, or say where it"
                + " is: %s",
            field,
            images,
            Path.of("").toAbsolutePath(),
            list < 0
                ? advice.resumeWith(directory, field, "DIR")
                : advice.resumeWith(directory, field.substring(0, list), "LIST"));
  }

  private static boolean isMissing(Path images) {
    return !images.isAbsolute() && !Files.exists(images);
  }

  private static boolean mayChange(SpecChange change) {
    return MAY_CHANGE.matcher(change.field()).matches();
  }

  /**
   * Checks that a run is not shorter than what it has trained.
   *
   * @throws InvalidInputException if it is
   */
  static void requireLongEnough(Path directory, long done, long steps) {
    if (done > steps) {
      throw new InvalidInputException(
          String.format(
              Locale.ROOT,
              "%s: has trained %,d steps, more than the %,d of training.epochs and training.steps"
                  + " now; a run cannot become shorter than it is",
              directory,
              done,
              steps));
    }
  }
}
