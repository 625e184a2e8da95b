package dev.mlit.train;

import dev.mlit.Mlit;
import dev.mlit.spec.ClusterSpec;
import dev.mlit.spec.OptimizerSpec;
import dev.mlit.spec.RunSpec;
import dev.mlit.testing.TinyData;
import java.nio.file.Path;
import java.util.Optional;

/**
 * A worker that trains the tiny model without gate noise: what one worker finds, several find too.
 * Arguments: the run directory, images in a batch, images of a part of it or 0, training images,
 * the optimizer.
 */
final class TinyWorker {
  private TinyWorker() {}

  static RunSpec run(int batch, int microBatch, OptimizerSpec.Name optimizer) {
    return TinyData.run()
        .training(
            t -> {
              t.epochs(2).batch(batch).seed(1).threads(1);
              if (microBatch > 0) {
                t.microBatch(microBatch);
              }
            })
        // Slow enough for rounding to stay rounding: at 1e-3 one worker's weights differ by 0.01
        // between one thread and two.
        .optimizer(o -> o.name(optimizer).learningRate(1e-4))
        .ema(0.9)
        .build();
  }

  static TrainingResult train(
      Path directory,
      int batch,
      int microBatch,
      int images,
      OptimizerSpec.Name optimizer,
      Optional<ClusterSpec> cluster) {
    return Trainer.of(run(batch, microBatch, optimizer))
        .data(TinyData.dataset(images, 600))
        .directory(directory)
        .cluster(cluster.orElse(null))
        .withoutGateNoise()
        .train();
  }

  public static void main(String[] args) {
    Mlit.tuneProcess();
    TrainingResult result =
        train(
            Path.of(args[0]),
            Integer.parseInt(args[1]),
            Integer.parseInt(args[2]),
            Integer.parseInt(args[3]),
            OptimizerSpec.Name.valueOf(args[4]),
            ClusterSpec.of(System.getenv()));
    System.out.println("accuracy " + result.testAccuracy() + ", loss " + result.testLoss());
    System.exit(0);
  }
}
