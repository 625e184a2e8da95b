package dev.mlit.insight;

import dev.mlit.model.RouterLoad;
import dev.mlit.train.MetricsFile;
import dev.mlit.train.RunDirectory;
import dev.mlit.train.TrainingListener;
import dev.mlit.train.TrainingResult;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.apiguardian.api.API;
import org.apiguardian.api.API.Status;

/**
 * What the metrics of a run say beside its accuracy.
 *
 * @param trainImages images that were trained on
 * @param routing what the gates did with the test images, or the validation images where those were
 *     not read, block by block; empty if it is not known
 * @param neighboursAccuracy see {@link TrainingListener.Epoch#neighboursAccuracy}; NaN if it is not
 *     known
 * @since 0.1.0
 */
@API(status = Status.INTERNAL)
public record RunRecord(int trainImages, List<RouterLoad> routing, double neighboursAccuracy) {
  public RunRecord {
    routing = List.copyOf(routing);
  }

  /** What the metrics say of the epoch that a result is of. */
  public static RunRecord of(TrainingResult result) {
    Path metrics = RunDirectory.open(result.directory()).metrics();
    Optional<TrainingListener.Epoch> epoch =
        MetricsFile.epochs(metrics).stream().filter(e -> e.step() == result.steps()).findFirst();
    return new RunRecord(
        MetricsFile.lines(metrics, kind -> kind.equals("start")).stream()
            .mapToInt(start -> start.path("train_images").asInt())
            .findFirst()
            .orElse(0),
        epoch
            .map(e -> e.testRouting().isEmpty() ? e.measuredRouting() : e.testRouting())
            .orElse(List.of()),
        epoch.map(TrainingListener.Epoch::neighboursAccuracy).orElse(Double.NaN));
  }
}
