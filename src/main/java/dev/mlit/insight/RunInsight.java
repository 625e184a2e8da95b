package dev.mlit.insight;

import dev.mlit.train.ListenerProvider;
import dev.mlit.train.TrainingListener;
import java.util.List;
import java.util.Optional;
import org.apiguardian.api.API;
import org.apiguardian.api.API.Status;

/**
 * What every run shows of itself: event files for TensorBoard, pictures, and the report.
 *
 * @since 0.1.0
 */
@API(status = Status.INTERNAL)
public final class RunInsight implements ListenerProvider {
  @Override
  public List<TrainingListener> listeners(Optional<String> note) {
    return List.of(TensorBoard.events(), Reconstructions.pictures(), RunReport.html(note));
  }
}
