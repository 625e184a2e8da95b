package dev.mlit.insight;

import dev.mlit.augment.AugmentedImages;
import dev.mlit.data.BatchIterator;
import dev.mlit.data.Batches;
import dev.mlit.data.Dataset;
import dev.mlit.model.RouterLoad;
import dev.mlit.train.MetricsFile;
import dev.mlit.train.Predictions;
import dev.mlit.train.TrainingListener;
import dev.mlit.train.TrainingResult;
import dev.mlit.train.WriteFailedException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Writes what TensorBoard shows: {@code tensorboard --logdir runs}.
 *
 * <p>Scalars: {@code loss/step}, {@code balance_loss}, {@code learning_rate} and {@code
 * gradient_norm} of every tenth step; {@code loss/train}, {@code loss/validation}, {@code
 * loss/test}, {@code accuracy/train}, {@code accuracy/validation}, {@code accuracy/test}, {@code
 * accuracy/neighbours}, {@code images_per_second} and, for every block, {@code
 * gate_entropy/block_N} of every epoch. Histograms: {@code experts/block_N}, which expert the
 * tokens of the validation images use. Images, after every epoch: {@code augmented/image}, training
 * images as the model sees them, and {@code mistakes/image}, the worst of the validation images; of
 * an autoencoder {@code reconstructions/image}, what {@link Reconstructions} shows of some of them.
 *
 * <p>A run without validation images shows its test images in their place, and has no validation
 * scalars. One with such images has its test scalars once, at its end, and {@code
 * test_mistakes/image} with them.
 *
 * @since 0.1.0
 */
public final class TensorBoard implements TrainingListener {
  private static final int GRID = 6;

  /** What a histogram counts in place of the tokens, whose number it does not know. */
  private static final int TOKENS_COUNTED = 1000;

  private final @Nullable Path directory;
  private @Nullable SummaryFile file;
  private @Nullable Path run;
  private @Nullable AugmentedImages augmentation;
  private boolean validates;
  private boolean ended;
  private final SideProduct product = new SideProduct("the event file for TensorBoard");

  private TensorBoard(@Nullable Path directory) {
    this.directory = directory;
  }

  /** Event files in the run directory; every run has them already. */
  public static TensorBoard events() {
    return new TensorBoard(null);
  }

  /** Event files in a directory of your own; it is made if there is none. */
  public static TensorBoard events(Path directory) {
    return new TensorBoard(directory);
  }

  @Override
  public void started(Start start) {
    product.attempt(() -> open(start));
  }

  private void open(Start start) {
    SummaryFile opened = new SummaryFile(directory == null ? start.directory() : directory);
    file = opened;
    run = start.directory();
    if (start.resumed()) {
      // A run that stopped at the end of an epoch calls its listeners for it once more.
      boolean repeated = start.step() > 0 && start.step() % start.stepsPerEpoch() == 0;
      opened.restart(repeated ? start.step() : start.step() + 1);
    }
    augmentation = new AugmentedImages(start.run());
    validates = start.validationImages() > 0;
  }

  @Override
  public void step(Step step) {
    product.attempt(() -> writeStep(step));
  }

  private void writeStep(Step step) {
    if (file == null || !MetricsFile.isKept(step)) {
      return;
    }
    file.scalar("loss/step", step.step(), step.loss());
    file.scalar("balance_loss", step.step(), step.balanceLoss());
    file.scalar("learning_rate", step.step(), step.learningRate());
    file.scalar("gradient_norm", step.step(), step.gradientNorm());
  }

  @Override
  public void tested(Predictions predictions) {
    product.attempt(() -> writePictures(predictions));
  }

  private void writePictures(Predictions predictions) {
    if (file == null || augmentation == null) {
      return;
    }
    long step = predictions.step();
    boolean looked = predictions.part() == Predictions.Part.VALIDATION || !validates;
    if (looked) {
      file.picture("augmented", step, augmented(predictions, augmentation));
    }
    List<Integer> mistakes = predictions.worstMistakes(GRID * GRID);
    if (!mistakes.isEmpty()) {
      file.picture(looked ? "mistakes" : "test_mistakes", step, mistakes(predictions, mistakes));
    }
  }

  /** The first images of the epoch. */
  private static ImageGrid augmented(Predictions predictions, AugmentedImages augmentation) {
    Dataset data = predictions.data();
    Batches epoch =
        Batches.shuffled(
            data.train(),
            data.shape(),
            GRID * GRID,
            augmentation.run().training().seed(),
            predictions.epoch());
    try (BatchIterator batches = epoch.iterator()) {
      AugmentedImages.Variant variant = augmentation.of(batches.next(), predictions.step());
      return ImageGrid.of(data.shape(), variant.pixels(), GRID);
    }
  }

  private static ImageGrid mistakes(Predictions predictions, List<Integer> images) {
    Dataset data = predictions.data();
    int each = data.shape().values();
    byte[] pixels = new byte[images.size() * each];
    for (int i = 0; i < images.size(); i++) {
      predictions.images().pixels(images.get(i), pixels, i * each);
    }
    return ImageGrid.of(data.shape(), pixels, GRID);
  }

  @Override
  public void epoch(Epoch epoch) {
    product.attempt(() -> writeEpoch(epoch));
  }

  private void writeEpoch(Epoch epoch) {
    if (file == null || run == null) {
      return;
    }
    long step = epoch.step();
    SummaryFile open = file;
    Reconstructions.picture(run, epoch.epoch())
        .ifPresent(picture -> open.picture("reconstructions", step, picture));
    file.scalar("loss/train", step, epoch.trainLoss());
    scalar("accuracy/train", step, epoch.trainAccuracy());
    scalar("loss/validation", step, epoch.validationLoss());
    scalar("accuracy/validation", step, epoch.validationAccuracy());
    scalar("loss/test", step, epoch.testLoss());
    scalar("accuracy/test", step, epoch.testAccuracy());
    scalar("accuracy/neighbours", step, epoch.neighboursAccuracy());
    file.scalar("images_per_second", step, epoch.imagesPerSecond());
    for (RouterLoad block : epoch.measuredRouting()) {
      file.scalar("gate_entropy/block_" + block.block(), step, block.entropy());
      file.histogram("experts/block_" + block.block(), step, experts(block));
    }
    file.flush();
  }

  @Override
  public void finalTest(FinalTest test) {
    product.attempt(() -> writeTest(test));
  }

  private void writeTest(FinalTest test) {
    scalar("loss/test", test.step(), test.testLoss());
    scalar("accuracy/test", test.step(), test.testAccuracy());
    if (file != null) {
      file.flush();
    }
  }

  /** Nothing if it was not measured. */
  private void scalar(String tag, long step, double value) {
    if (file != null && !Double.isNaN(value)) {
      file.scalar(tag, step, value);
    }
  }

  /** The number of every expert, as often as tokens use it. */
  private static float[] experts(RouterLoad block) {
    int[] counts =
        block.tokens().stream()
            .mapToInt(share -> (int) Math.round(share * TOKENS_COUNTED))
            .toArray();
    float[] experts = new float[Arrays.stream(counts).sum()];
    int at = 0;
    for (int expert = 0; expert < counts.length; expert++) {
      Arrays.fill(experts, at, at + counts[expert], expert);
      at += counts[expert];
    }
    return experts;
  }

  @Override
  public void ended(TrainingResult result, Optional<String> reason) {
    ended = true;
    SummaryFile open = file;
    if (open != null) {
      product.attempt(open::flush);
    }
  }

  @Override
  public void close() {
    if (augmentation != null) {
      augmentation.close();
      augmentation = null;
    }
    SummaryFile open = file;
    file = null;
    if (open == null) {
      return;
    }
    if (ended) {
      product.attempt(open::close);
      return;
    }
    try {
      open.close();
    } catch (WriteFailedException e) {
      // The run has not come to its end, and says why; most often it is the same full disk.
      return;
    }
  }
}
