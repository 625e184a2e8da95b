package dev.mlit;

import dev.mlit.savedmodel.Classifier;
import dev.mlit.savedmodel.ModelCard;
import dev.mlit.savedmodel.SavedModelWriter;
import dev.mlit.spec.RunSpec;
import dev.mlit.train.Trainer;
import dev.mlit.train.TrainingListener;
import dev.mlit.train.TrainingResult;
import java.nio.file.Path;
import java.util.function.Consumer;

/**
 * The way in: train a run, load what came out of it.
 *
 * <pre>{@code
 * TrainedModel trained = Mlit.train(run);
 * try (Classifier classifier = Mlit.load(trained.savedModel())) {
 *   System.out.println(classifier.classify(Path.of("shoe.png")).get(0));
 * }
 * }</pre>
 */
public final class Mlit {
  private Mlit() {}

  /**
   * A trained model and where it lies.
   *
   * @param training what came out of the run
   * @param savedModel the directory of the SavedModel
   */
  public record TrainedModel(TrainingResult training, Path savedModel) {}

  /**
   * Trains a run and exports its model.
   *
   * @param listeners watch the run
   * @throws dev.mlit.spec.InvalidInputException if the data is missing or damaged or does not fit,
   *     or a directory is in use; nothing has been written then
   */
  public static TrainedModel train(RunSpec run, TrainingListener... listeners) {
    return train(
        run,
        trainer -> {
          for (TrainingListener listener : listeners) {
            trainer.listener(listener);
          }
        });
  }

  /**
   * Trains a run and exports its model.
   *
   * @param settings of the trainer: data of your own, the run directory, listeners
   * @throws dev.mlit.spec.InvalidInputException if the data is missing or damaged or does not fit,
   *     or a directory is in use; nothing has been written then
   */
  public static TrainedModel train(RunSpec run, Consumer<Trainer> settings) {
    String export = run.export();
    if (export != null) {
      SavedModelWriter.requireReplaceable(Path.of(export));
    }
    Trainer trainer = Trainer.of(run);
    settings.accept(trainer);
    TrainingResult result = trainer.train();
    Path target = export == null ? result.directory().resolve("savedmodel") : Path.of(export);
    ModelCard card =
        new ModelCard(
            run, result.dataset(), result.testAccuracy(), result.testImages(), result.steps());
    SavedModelWriter.write(run.model(), result.checkpoint(), result.labels(), card, target);
    return new TrainedModel(result, target);
  }

  /**
   * Loads a SavedModel to classify with; close it when done.
   *
   * @throws dev.mlit.spec.InvalidInputException if the directory is no SavedModel of mlit
   */
  public static Classifier load(Path savedModel) {
    return Classifier.load(savedModel);
  }
}
