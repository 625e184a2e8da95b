package dev.mlit;

import dev.mlit.insight.RunRecord;
import dev.mlit.savedmodel.ModelCard;
import dev.mlit.savedmodel.SavedModelWriter;
import dev.mlit.spec.InvalidInputException;
import dev.mlit.spec.RunSpec;
import dev.mlit.train.EpochChoice;
import dev.mlit.train.TrainingResult;
import java.nio.file.Path;
import java.util.Locale;

/** Exports what came out of a run. */
final class ModelExport {
  private ModelExport() {}

  static void requireExportable(TrainingResult result) {
    if (!result.run().isExportable()) {
      throw new InvalidInputException(
          result.directory()
              + ": has no head to export, as probe.kind is nearest-neighbours; logistic-regression"
              + " makes one");
    }
  }

  /** Writes the SavedModel of what a run was after an epoch, with its card. */
  static void write(TrainingResult result, EpochChoice choice, Path target) {
    requireExportable(result);
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
                result.testLoss()),
            result.steps(),
            chosen(result.run(), choice),
            record.routing(),
            record.neighboursAccuracy());
    SavedModelWriter.write(result.run().model(), result.weights(), result.labels(), card, target);
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
