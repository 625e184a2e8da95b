package dev.mlit;

import dev.mlit.files.NotWrittenException;
import dev.mlit.onnx.OnnxFile;
import dev.mlit.onnx.OnnxOutput;
import dev.mlit.photos.DataSource;
import dev.mlit.photos.PhotoOptions;
import dev.mlit.photos.PhotoPlan;
import dev.mlit.photos.Planner;
import dev.mlit.savedmodel.Classifier;
import dev.mlit.savedmodel.ClassifierOptions;
import dev.mlit.savedmodel.ModelImport;
import dev.mlit.savedmodel.Reconstructor;
import dev.mlit.savedmodel.SavedModelWriter;
import dev.mlit.savedmodel.StoredModel;
import dev.mlit.spec.InvalidInputException;
import dev.mlit.spec.ModelSpec;
import dev.mlit.spec.RunSpec;
import dev.mlit.tensorflow.NativeRuntime;
import dev.mlit.train.EpochChoice;
import dev.mlit.train.Listeners;
import dev.mlit.train.RunDirectory;
import dev.mlit.train.Trainer;
import dev.mlit.train.TrainingListener;
import dev.mlit.train.TrainingResult;
import dev.mlit.weights.WeightFiles;
import dev.mlit.zoo.Zoo;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.function.Consumer;

/**
 * Entry point of the library: trains a run, exports its model, and loads it.
 *
 * <pre>{@code
 * TrainedModel trained = Mlit.train(run);
 * try (Classifier classifier = Mlit.load(trained.savedModel())) {
 *   System.out.println(classifier.classify(Path.of("shoe.png")).get(0));
 * }
 * }</pre>
 *
 * @since 0.1.0
 */
public final class Mlit {
  private Mlit() {}

  /**
   * A trained model and where it lies.
   *
   * @param training what came out of the run
   * @param savedModel the directory of the SavedModel; after a probe by nearest neighbours, which
   *     has no head to export, nothing was written there
   */
  public record TrainedModel(TrainingResult training, Path savedModel) {}

  /**
   * Trains a run and exports its model.
   *
   * @param listeners watch the run
   * @throws InvalidInputException if the data is missing or damaged or does not fit, or a directory
   *     is in use; nothing has been written then
   */
  public static TrainedModel train(RunSpec run, TrainingListener... listeners) {
    return train(run, watchedBy(listeners));
  }

  private static Consumer<Trainer> watchedBy(TrainingListener... listeners) {
    return trainer -> List.of(listeners).forEach(trainer::listener);
  }

  /**
   * Trains a run and exports its model. Where several workers train it ({@link Trainer#cluster}),
   * the first one exports it.
   *
   * @param settings of the trainer: data of your own, the run directory, listeners
   * @throws InvalidInputException if the data is missing or damaged or does not fit, or a directory
   *     is in use; nothing has been written then
   */
  public static TrainedModel train(RunSpec run, Consumer<Trainer> settings) {
    Trainer trainer = Trainer.of(run);
    settings.accept(trainer);
    String export = run.export();
    Path directory = trainer.directory();
    Path target = export == null ? directory.resolve("savedmodel") : Path.of(export);
    if (directory.toAbsolutePath().normalize().startsWith(target.toAbsolutePath().normalize())) {
      throw new InvalidInputException(
          "export: " + target + " must not be or hold the run directory " + directory);
    }
    boolean writes = trainer.writesRun() && run.isExportable();
    if (writes) {
      SavedModelWriter.requireReplaceable(target);
    }
    TrainingResult result = trainer.train();
    if (writes) {
      try {
        ModelExport.write(result, EpochChoice.LAST, target);
      } catch (NotWrittenException e) {
        throw e.with(
            advice -> "the run is saved; make room, then: " + advice.export(directory, target));
      } catch (InvalidInputException e) {
        throw new InvalidInputException(
            advice ->
                e.message(advice)
                    + "; the run is saved, export it with: "
                    + advice.export(directory, target),
            e);
      }
    }
    return new TrainedModel(result, target);
  }

  /**
   * Trains a model on a folder of pictures, with one folder for every class, and exports it; see
   * {@link #train(Path, Consumer)}.
   *
   * @param photos a folder, a .zip or a .tar.gz
   * @throws InvalidInputException as {@link #train(Path, Consumer)} does
   */
  public static TrainedModel train(Path photos) {
    return train(photos, (PhotoOptions options) -> {});
  }

  /**
   * Trains a model on a folder of pictures, with one folder for every class, and exports it. The
   * pictures decide the model, the recipe and the parts to train, validate and test on; the time
   * decides how long it is trained, by how fast its first steps are. The run that was decided is
   * {@code run.yaml} in its directory.
   *
   * @param photos a folder, a .zip or a .tar.gz; a published dataset is known by its files
   * @param options such as the time, ten minutes unless set
   * @throws InvalidInputException if the pictures are too few or not there, or a setting or a
   *     directory does not fit; nothing has been written then
   */
  public static TrainedModel train(Path photos, Consumer<PhotoOptions> options) {
    PhotoOptions chosen = new PhotoOptions();
    options.accept(chosen);
    PhotoPlan plan = Planner.plan(DataSource.of(photos), chosen);
    return train(
        plan.run(),
        trainer -> {
          trainer.data(plan.data()).listener(plan.deadline());
          chosen.listeners().forEach(trainer::listener);
          Path directory = chosen.directory();
          if (directory != null) {
            trainer.directory(directory);
          }
        });
  }

  /**
   * The run that {@link #train(Path, Consumer)} would train, its length included; nothing is
   * written.
   *
   * @throws InvalidInputException as that does
   */
  public static RunSpec plan(Path photos, Consumer<PhotoOptions> options) {
    PhotoOptions chosen = new PhotoOptions();
    options.accept(chosen);
    return Planner.plan(DataSource.of(photos), chosen).run();
  }

  /**
   * Goes on with a run that was stopped, killed or cut off, from its last checkpoint, and exports
   * its model; see {@link Trainer#resume}.
   *
   * @param run the run directory
   * @param listeners watch the run
   * @throws InvalidInputException if it is no run directory, or another process trains there
   */
  public static TrainedModel resume(Path run, TrainingListener... listeners) {
    return resume(run, watchedBy(listeners));
  }

  /**
   * Goes on with a run, as above, such as one on images of your own: {@code trainer ->
   * trainer.data(images)}. They must be the same images as before.
   *
   * @param run the run directory
   * @param settings of the trainer: data of your own, listeners
   * @throws InvalidInputException if it is no run directory, another process trains there, or the
   *     images are others
   */
  public static TrainedModel resume(Path run, Consumer<Trainer> settings) {
    return train(
        RunDirectory.open(run).run(),
        trainer -> {
          trainer.directory(run).resume(true);
          settings.accept(trainer);
        });
  }

  /**
   * Exports what a run was after its last epoch.
   *
   * @param model the directory of the run; or of a SavedModel, which is written again, as {@link
   *     ModelImport} does
   * @param target the directory of the SavedModel
   * @throws InvalidInputException if no epoch is done yet, or the target holds something that mlit
   *     did not write
   */
  public static void export(Path model, Path target) {
    export(model, EpochChoice.LAST, target);
  }

  /**
   * Exports what a run was after its last or its best epoch.
   *
   * @param model the directory of the run; as {@link #export(Path, Path)}
   * @param target the directory of the SavedModel
   * @throws InvalidInputException if no epoch is done yet, the run has not looked after every epoch
   *     at the images to choose the best one on, or the target holds something that mlit did not
   *     write
   */
  public static void export(Path model, EpochChoice choice, Path target) {
    if (ModelExport.isSavedModel(model, choice)) {
      ModelImport.of(model).to(target);
    } else {
      ModelExport.write(RunDirectory.open(model).result(choice), choice, target);
    }
  }

  /**
   * A listener that exports the model of every epoch that is the best so far on the validation
   * images: during the run and after it, the target holds the best model. A run without validation
   * images is refused.
   *
   * @param target the directory of the SavedModel
   * @throws InvalidInputException if the target holds something that mlit did not write
   */
  public static TrainingListener bestModel(Path target) {
    return bestModel(EpochChoice.BEST, target);
  }

  /**
   * As {@link #bestModel(Path)}, on the validation images or, asked for by name, on the test
   * images: those of a run without validation images, which are tested after every epoch.
   *
   * @param target the directory of the SavedModel
   * @throws IllegalArgumentException if the choice is {@link EpochChoice#LAST}
   * @throws InvalidInputException if the target holds something that mlit did not write
   */
  public static TrainingListener bestModel(EpochChoice choice, Path target) {
    SavedModelWriter.requireReplaceable(target);
    return Listeners.bestEpochs(
        choice, run -> ModelExport.write(run.result(choice), choice, target));
  }

  /** As {@link #exportWeights(Path, EpochChoice, Path)}, after the last epoch. */
  public static void exportWeights(Path model, Path target) {
    exportWeights(model, EpochChoice.LAST, target);
  }

  /**
   * Writes the weights that a run had after its last or its best epoch as {@code
   * model.safetensors}, with {@code spec.yaml} and {@code labels.txt} beside it.
   *
   * @param model the directory of the run, or of a SavedModel
   * @param target the directory of the files
   * @throws InvalidInputException as {@link #export(Path, EpochChoice, Path)} does
   */
  public static void exportWeights(Path model, EpochChoice choice, Path target) {
    StoredModel read = ModelExport.read(model, choice);
    WeightFiles.write(read.spec(), read.weights(), read.labels(), target);
  }

  /**
   * Writes a model as an ONNX file, as {@link #exportOnnx(Path, EpochChoice, Set, Path)}: of a run
   * after its last epoch, with the outputs {@link OnnxOutput#usualOf}.
   */
  public static void exportOnnx(Path model, Path file) {
    exportOnnx(model, EpochChoice.LAST, Set.of(), file);
  }

  /**
   * Writes a model as an ONNX file, which ONNX Runtime runs in Java, Python and elsewhere. Its
   * input is {@code images}, float32 [batch, height, width, channels] in [0, 1], of any batch size;
   * its metadata have the description, the labels and how a picture becomes an input. The graph is
   * made without TensorFlow and Python; it needs {@code org.tribuo:tribuo-util-onnx} beside mlit.
   *
   * @param model the directory of a run, or of a SavedModel
   * @param outputs what the file computes; {@link OnnxOutput#usualOf} if empty
   * @param file ends with {@code .onnx}; an earlier ONNX file of mlit is replaced
   * @throws InvalidInputException as {@link #export(Path, EpochChoice, Path)} does, or if the model
   *     has one of the outputs not
   * @throws IllegalStateException if Tribuo's classes of the format are not on the class path
   */
  public static void exportOnnx(
      Path model, EpochChoice choice, Set<OnnxOutput> outputs, Path file) {
    OnnxFile.requireWritable(file);
    StoredModel read = ModelExport.read(model, choice);
    OnnxFile.write(
        read.spec(),
        read.weights(),
        read.labels(),
        outputs.isEmpty() ? OnnxOutput.usualOf(read.spec()) : outputs,
        file);
  }

  /**
   * Makes a SavedModel of weights that another program wrote: a SavedModel that Python fine-tuned
   * and saved, a TensorFlow checkpoint, or a safetensors file. See {@link ModelImport}.
   *
   * @param weights a SavedModel's directory, a checkpoint's prefix, or a safetensors file
   * @param model what the weights are for
   * @param labels the names of the classes; class_0, class_1, ... if empty
   * @throws InvalidInputException with everything that does not fit; nothing has been written then
   */
  public static void importWeights(
      Path weights, ModelSpec model, List<String> labels, Path target) {
    ModelImport.of(weights).model(model).labels(labels).to(target);
  }

  /**
   * Tunes this process for TensorFlow, in a program that has its process for itself, such as a
   * service that only predicts. Call it before anything else of mlit; without it, mlit changes no
   * setting of the process.
   *
   * <p>TensorFlow's native log is kept down to errors: {@code TF_CPP_MIN_LOG_LEVEL=2} is set in the
   * environment unless it is set, and for the moments of the first graph standard error (file
   * descriptor 2) leads to a temporary file, of which all but TensorFlow's remarks is printed
   * afterwards. On glibc, threads share two arenas of memory, and memory that is free once a model
   * is loaded goes back to the system, so that what the process takes stays flat. {@code ./mlit}
   * does this.
   */
  public static void tuneProcess() {
    NativeRuntime.tune();
  }

  /**
   * Loads a SavedModel to classify with; close it when done.
   *
   * @throws InvalidInputException if the directory is no SavedModel of mlit
   */
  public static Classifier load(Path savedModel) {
    return Classifier.load(savedModel);
  }

  /**
   * Loads a SavedModel to classify with; close it when done.
   *
   * @param settings say how calls are answered, such as {@code options ->
   *     options.batch(16).maxWait(Duration.ofMillis(2))}, which lets the calls of many threads go
   *     through the model together
   * @throws InvalidInputException if the directory is no SavedModel of mlit
   */
  public static Classifier load(Path savedModel, Consumer<ClassifierOptions> settings) {
    return Classifier.load(savedModel, settings);
  }

  /**
   * Loads a model to classify with, by its name or its path; close it when done.
   *
   * @param model a path that exists, or the name of a model that comes along, such as {@code
   *     cifar10}: see {@link Zoo}
   * @throws InvalidInputException if there is none, or it is no SavedModel of mlit
   */
  public static Classifier load(String model) {
    return load(Zoo.resolve(model));
  }

  /**
   * Loads a SavedModel of an autoencoder, to measure its reconstructions; close it when done.
   *
   * @throws InvalidInputException if the directory is no SavedModel of mlit, or one of a classifier
   */
  public static Reconstructor loadAutoencoder(Path savedModel) {
    return Reconstructor.load(savedModel);
  }
}
