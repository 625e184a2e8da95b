package dev.mlit;

import dev.mlit.files.Disk;
import dev.mlit.files.ModelLayout;
import dev.mlit.files.Uninterrupted;
import dev.mlit.insight.RunRecord;
import dev.mlit.savedmodel.ModelCard;
import dev.mlit.savedmodel.SavedModelWriter;
import dev.mlit.savedmodel.StoredModel;
import dev.mlit.spec.EarlyStopping;
import dev.mlit.spec.InvalidInputException;
import dev.mlit.spec.RunSpec;
import dev.mlit.train.EpochChoice;
import dev.mlit.train.RunDirectory;
import dev.mlit.train.TrainingResult;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;

/** Exports what came out of a run, or what a SavedModel holds. */
final class ModelExport {
  private ModelExport() {}

  /**
   * True if a path is that of a SavedModel, false if of a run.
   *
   * @throws InvalidInputException if it is neither, or the choice is one among the epochs of a run
   *     and it is no run
   */
  static boolean isSavedModel(Path model, EpochChoice choice) {
    Disk.requireOwnFiles(model);
    boolean saved = Files.isRegularFile(model.resolve(ModelLayout.GRAPH));
    if (!saved && !Files.isRegularFile(model.resolve("run.yaml"))) {
      throw new InvalidInputException(
          model
              + ": must be the directory of a run (it has no run.yaml) or a SavedModel (it has no "
              + ModelLayout.GRAPH
              + ")");
    }
    if (saved && choice != EpochChoice.LAST) {
      throw new InvalidInputException(
          advice ->
              model + ": a SavedModel has no epochs to choose from: " + advice.epochChoice(choice));
    }
    return saved;
  }

  /**
   * Reads the model of a run after an epoch, or of a SavedModel.
   *
   * @param model the directory of either
   * @throws InvalidInputException if it is neither, cannot be exported, or is damaged
   */
  static StoredModel read(Path model, EpochChoice choice) {
    if (isSavedModel(model, choice)) {
      return StoredModel.of(model);
    }
    TrainingResult result = RunDirectory.open(model).result(choice);
    requireExportable(result);
    return new StoredModel(result.run().model(), labels(result), result.weights());
  }

  private static List<String> labels(TrainingResult result) {
    return result.run().model().isAutoencoder() ? List.of() : result.labels();
  }

  private static void requireExportable(TrainingResult result) {
    if (!result.run().isExportable()) {
      throw new InvalidInputException(
          result.directory()
              + ": has no head to export, as probe.kind is nearest-neighbours; logistic-regression"
              + " makes one");
    }
  }

  /**
   * Writes the SavedModel of what a run was after an epoch, with its card, to its end: the thread
   * of a run that was asked to stop in its last moment is interrupted already.
   */
  static void write(TrainingResult result, EpochChoice choice, Path target) {
    requireExportable(result);
    Uninterrupted.apart(() -> writeWhole(result, choice, target));
  }

  private static void writeWhole(TrainingResult result, EpochChoice choice, Path target) {
    RunRecord record = RunRecord.of(result);
    ModelCard card =
        ModelCard.trained(
            result.run(),
            new ModelCard.Measured(
                result.dataset(),
                record.trainImages(),
                result.validationImages(),
                result.testImages(),
                result.validationAccuracy(),
                result.validationLoss(),
                result.testAccuracy(),
                result.testLoss(),
                chosenOnTest(result.run(), choice)),
            result.steps(),
            chosen(result.run(), choice),
            record.routing(),
            record.neighboursAccuracy());
    SavedModelWriter.write(result.run().model(), result.weights(), result.labels(), card, target);
  }

  private static boolean chosenOnTest(RunSpec run, EpochChoice choice) {
    EarlyStopping early = run.earlyStopping();
    EarlyStopping.Metric metric = early == null ? null : early.metric();
    return choice == EpochChoice.BEST_ON_TEST || (metric != null && metric.isOfTest());
  }

  private static String chosen(RunSpec run, EpochChoice choice) {
    String measure = run.model().isAutoencoder() ? "lowest %s loss" : "highest %s accuracy";
    return switch (choice) {
      case LAST -> "";
      case BEST -> "the epoch with the " + String.format(Locale.ROOT, measure, "validation");
      case BEST_ON_TEST ->
          "on test images, the epoch with the "
              + String.format(Locale.ROOT, measure, "test")
              + ", so that they say too much good of other images";
    };
  }
}
