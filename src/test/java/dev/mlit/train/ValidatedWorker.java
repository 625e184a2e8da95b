package dev.mlit.train;

import dev.mlit.Mlit;
import dev.mlit.data.Dataset;
import dev.mlit.spec.ClusterSpec;
import dev.mlit.spec.OptimizerSpec;
import dev.mlit.testing.TinyData;
import java.nio.file.Path;
import java.util.Optional;

/**
 * A worker of a run with validation images, which says when it has read test images. Arguments: the
 * run directory.
 */
final class ValidatedWorker {
  private ValidatedWorker() {}

  static TrainingResult train(Path directory, Dataset data, Optional<ClusterSpec> cluster) {
    return Trainer.of(TinyWorker.run(16, 0, OptimizerSpec.Name.ADAMW))
        .data(data)
        .directory(directory)
        .cluster(cluster.orElse(null))
        .withoutGateNoise()
        .train();
  }

  public static void main(String[] args) {
    Mlit.tuneProcess();
    Dataset data = TinyData.validated(50, 20, 30);
    CountedSplit train = CountedSplit.of(data.train());
    CountedSplit validation = CountedSplit.of(data.validation().orElseThrow());
    CountedSplit test = CountedSplit.of(data.test());
    int[] before = new int[1];
    test.onFirstRead(() -> before[0] = train.reads() + validation.reads());
    TrainingResult result =
        train(
            Path.of(args[0]),
            Dataset.of(data.name(), data.labels(), data.shape(), train, validation, test),
            ClusterSpec.of(System.getenv()));
    System.out.println("accuracy " + result.testAccuracy());
    System.out.println("other images read before the first test image: " + before[0]);
    int after = train.reads() + validation.reads() - before[0];
    System.out.println("other images read after it: " + after);
    System.exit(0);
  }
}
