package dev.mlit.train;

import dev.mlit.model.RouterLoad;
import dev.mlit.spec.RunSpec;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/**
 * Watches a run. All methods are called on the thread that trains; override what is of interest.
 * Listeners that are there already: {@link Listeners}, {@link MetricsFile}, and {@code Progress},
 * {@code TensorBoard} and {@code RunReport} of dev.mlit.insight.
 *
 * @since 0.1.0
 */
public interface TrainingListener extends AutoCloseable {

  /**
   * Images that are being read into memory.
   *
   * @param dataset the name of the dataset
   * @param part {@code train}, {@code validation} or {@code test}
   * @param done images that are there
   * @param images images of the part
   */
  record Loading(String dataset, String part, int done, int images) {}

  /**
   * What is known when training starts.
   *
   * @param run the run
   * @param directory where it is written
   * @param dataset the name of the dataset
   * @param labels the names of the classes
   * @param parameters trained numbers of the model
   * @param trainImages images to train on
   * @param testImages images to test on
   * @param stepsPerEpoch steps of an epoch
   * @param steps steps of the whole run
   * @param resumed whether another process has started the run
   * @param step steps that are done already; 0 also in a run that resumes, if it was not saved yet
   * @param history the epochs that are done already, without the one of that step
   * @param validationImages images that choices are made on; 0 if there are none
   */
  record Start(
      RunSpec run,
      Path directory,
      String dataset,
      List<String> labels,
      long parameters,
      int trainImages,
      int testImages,
      long stepsPerEpoch,
      long steps,
      boolean resumed,
      long step,
      List<Epoch> history,
      int validationImages) {
    public Start {
      labels = List.copyOf(labels);
      history = List.copyOf(history);
    }
  }

  /**
   * A step that is done.
   *
   * @param step counted from 1
   * @param epoch counted from 1
   * @param images in the step's batch
   * @param learningRate of the step; AdamW's, where some kernels are Muon's
   * @param loss cross-entropy and balance losses
   * @param balanceLoss the balance losses only
   * @param gradientNorm before clipping
   */
  record Step(
      long step,
      int epoch,
      int images,
      double learningRate,
      double loss,
      double balanceLoss,
      double gradientNorm) {}

  /**
   * An epoch that is done and measured: on the validation images, and on the test images only where
   * there are none to validate on, or where early stopping asks for them by name.
   *
   * @param epoch counted from 1
   * @param step steps so far
   * @param trainLoss mean loss of the epoch's steps, balance losses included
   * @param trainAccuracy share of the epoch's images that were classified correctly while training;
   *     NaN for an autoencoder
   * @param testLoss mean cross-entropy of the test images; of an autoencoder the mean squared error
   *     of their hidden patches; NaN if they were not read after this epoch
   * @param testAccuracy share of the test images that are classified correctly; NaN for an
   *     autoencoder, or if they were not read after this epoch
   * @param imagesPerSecond trained in this epoch, without the time of tests
   * @param seconds since the start of the run
   * @param trainRouting what the gates did in the epoch's steps, block by block
   * @param testRouting what the gates did with the test images, block by block; empty if they were
   *     not read after this epoch
   * @param validationLoss as {@code testLoss}, of the validation images; NaN if there are none
   * @param validationAccuracy as {@code testAccuracy}, of the validation images; NaN if there are
   *     none
   * @param validationRouting as {@code testRouting}, of the validation images; empty if there are
   *     none
   * @param neighboursAccuracy share of images that their nearest neighbours classify correctly, by
   *     the features; NaN if it was not measured. See {@link dev.mlit.spec.NeighboursSpec}
   */
  record Epoch(
      int epoch,
      long step,
      double trainLoss,
      double trainAccuracy,
      double testLoss,
      double testAccuracy,
      double imagesPerSecond,
      double seconds,
      List<RouterLoad> trainRouting,
      List<RouterLoad> testRouting,
      double validationLoss,
      double validationAccuracy,
      List<RouterLoad> validationRouting,
      double neighboursAccuracy) {
    public Epoch {
      trainRouting = List.copyOf(trainRouting);
      testRouting = List.copyOf(testRouting);
      validationRouting = List.copyOf(validationRouting);
    }

    /** Without validation images and a measure of nearest neighbours. */
    public Epoch(
        int epoch,
        long step,
        double trainLoss,
        double trainAccuracy,
        double testLoss,
        double testAccuracy,
        double imagesPerSecond,
        double seconds,
        List<RouterLoad> trainRouting,
        List<RouterLoad> testRouting) {
      this(
          epoch,
          step,
          trainLoss,
          trainAccuracy,
          testLoss,
          testAccuracy,
          imagesPerSecond,
          seconds,
          trainRouting,
          testRouting,
          Double.NaN,
          Double.NaN,
          List.of(),
          Double.NaN);
    }

    /** What the gates did with images that were not trained on, block by block. */
    public List<RouterLoad> measuredRouting() {
      return validationRouting.isEmpty() ? testRouting : validationRouting;
    }

    /** With what the test of a run has found after its last epoch. */
    public Epoch with(FinalTest test) {
      return new Epoch(
          epoch,
          step,
          trainLoss,
          trainAccuracy,
          test.testLoss(),
          test.testAccuracy(),
          imagesPerSecond,
          test.seconds(),
          trainRouting,
          test.testRouting(),
          validationLoss,
          validationAccuracy,
          validationRouting,
          neighboursAccuracy);
    }
  }

  /**
   * The test of a run that has validation images: the one time that its test images are read, when
   * training is done.
   *
   * @param epoch the last one, counted from 1
   * @param step steps of the run
   * @param testLoss mean cross-entropy of the test images; of an autoencoder the mean squared error
   *     of their hidden patches
   * @param testAccuracy share of the test images that are classified correctly; NaN for an
   *     autoencoder
   * @param seconds since the start of the run
   * @param testRouting what the gates did with the test images, block by block
   */
  record FinalTest(
      int epoch,
      long step,
      double testLoss,
      double testAccuracy,
      double seconds,
      List<RouterLoad> testRouting) {
    public FinalTest {
      testRouting = List.copyOf(testRouting);
    }
  }

  /**
   * What an autoencoder makes of some validation or, without any, test images.
   *
   * @param epoch counted from 1
   * @param images the originals, unsigned bytes [images, height, width, channels]
   * @param patches normalised pixels of every patch, [images, patches, values]
   * @param mask 1 for patches that were hidden from it, else 0: [images, patches]
   */
  record Painted(int epoch, byte[] images, float[] patches, float[] mask) {}

  /**
   * Some more images are in memory; only called for datasets of image files that fit there. Before
   * training starts, but for test images that are read when it is done.
   */
  default void loading(Loading loading) {}

  /**
   * The others of a cluster are waited for, before training starts; called again when they are
   * fewer.
   *
   * @param workers those that are not there yet, such as {@code worker 1 (10.0.0.2:2222)}
   */
  default void waiting(List<String> workers) {}

  /**
   * Training is about to start, or to go on where an earlier process has stopped. A run that had
   * just ended an epoch then measures it again and calls {@link #tested} and {@link #epoch} first,
   * as the listeners may not have been called for it.
   */
  default void started(Start start) {}

  /** A step is done. */
  default void step(Step step) {}

  /**
   * The validation images were classified, or without any the test images, after an epoch and
   * before {@link #epoch}; or the test images at the end of a run, before {@link #finalTest}.
   */
  default void tested(Predictions predictions) {}

  /** An autoencoder has painted some images, after an epoch and before {@link #epoch}. */
  default void painted(Painted painted) {}

  /** An epoch is done and measured, and its checkpoint is written. */
  default void epoch(Epoch epoch) {}

  /**
   * The test images were read, once, after the last {@link #epoch}. Only called for runs with
   * validation images, unless early stopping looks at the test images: the others are tested after
   * every epoch.
   */
  default void finalTest(FinalTest test) {}

  /**
   * A reason to end the run early, such as that it no longer gets better; empty to go on. Asked
   * after every step and every epoch. The run is tested and saved, and ends well.
   */
  default Optional<String> reasonToEnd() {
    return Optional.empty();
  }

  /**
   * The run is through.
   *
   * @param result what came out of it
   * @param reason why it ended early, if it did
   */
  default void ended(TrainingResult result, Optional<String> reason) {}

  /** The run has ended, well or not. */
  @Override
  default void close() {}
}
