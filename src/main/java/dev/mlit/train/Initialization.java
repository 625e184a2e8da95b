package dev.mlit.train;

import dev.mlit.graph.Saver;
import dev.mlit.graph.Variable;
import dev.mlit.graph.Weights;
import dev.mlit.spec.InvalidInputException;
import dev.mlit.spec.ModelSpec;
import dev.mlit.spec.RunSpec;
import dev.mlit.spec.Specs;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.tensorflow.exceptions.TFInvalidArgumentException;
import org.tensorflow.exceptions.TensorFlowException;

/** Transfer learning: gives a run the weights of a model that was trained before. */
final class Initialization {
  private static final Logger LOG = LoggerFactory.getLogger(Initialization.class);
  private static final int MISFITS_NAMED = 3;

  private Initialization() {}

  /**
   * Takes over every weight that the run's model has too; a head with another number of classes
   * keeps its first values.
   *
   * @throws InvalidInputException if there is no model there, or one that does not fit
   */
  static void apply(RunSpec run, TrainingGraph graph) {
    RunSpec.Initialize initialize = run.initialize();
    if (initialize == null) {
      return;
    }
    Source source = Source.find(Path.of(initialize.from()));
    Map<String, List<Long>> available = Weights.shapesOf(source.model);
    List<Variable> taken = new ArrayList<>();
    List<String> fresh = new ArrayList<>();
    List<String> misfits = new ArrayList<>();
    for (Variable variable : graph.weights()) {
      List<Long> other = available.get(variable.name());
      if (variable.sizes().equals(other)) {
        taken.add(variable);
      } else if (variable.name().startsWith("head/")) {
        fresh.add(variable.name());
      } else {
        misfits.add(variable + (other == null ? " is not there" : " is " + other + " there"));
      }
    }
    if (!misfits.isEmpty()) {
      throw new InvalidInputException(
          "initialize.from: "
              + initialize.from()
              + " does not fit the model: "
              + String.join("; ", misfits.subList(0, Math.min(MISFITS_NAMED, misfits.size())))
              + (misfits.size() > MISFITS_NAMED
                  ? "; and " + (misfits.size() - MISFITS_NAMED) + " more"
                  : ""));
    }
    try {
      new Saver(graph.graph(), "initialize", taken, name -> source.scope + name)
          .restore(graph.session(), source.prefix);
    } catch (TensorFlowException | TFInvalidArgumentException e) {
      throw new InvalidInputException(
          "initialize.from: "
              + initialize.from()
              + ": its weights cannot be read: "
              + String.valueOf(e.getMessage()).lines().findFirst().orElse("?"),
          e);
    }
    LOG.info(
        "{} variables taken over from {}{}",
        taken.size(),
        initialize.from(),
        fresh.isEmpty() ? "" : "; new: " + String.join(", ", fresh));
  }

  /**
   * A model's description and where its weights are.
   *
   * @param prefix of their files
   * @param scope in front of their names
   */
  private record Source(ModelSpec model, Path prefix, String scope) {

    /** Looks for a SavedModel, then for a run. */
    static Source find(Path directory) {
      Path spec = directory.resolve("spec.yaml");
      if (Files.isRegularFile(spec)) {
        return new Source(
            Specs.model(spec.toString()), directory.resolve("variables/variables"), "");
      }
      if (!Files.isRegularFile(directory.resolve("run.yaml"))) {
        throw new InvalidInputException(
            "initialize.from: "
                + directory
                + " must be a SavedModel of mlit (spec.yaml) or a run directory (run.yaml)");
      }
      RunDirectory run = RunDirectory.open(directory);
      Path checkpoint = run.lastCheckpoint();
      if (checkpoint == null) {
        throw new InvalidInputException("initialize.from: " + directory + " has no checkpoint yet");
      }
      return new Source(run.run().model(), checkpoint, WeightAverage.scope(run.run()));
    }
  }
}
