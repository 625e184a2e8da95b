package dev.mlit.photos;

import dev.mlit.data.Batches;
import dev.mlit.data.Dataset;
import dev.mlit.data.Datasets;
import dev.mlit.data.RunData;
import dev.mlit.data.Split;
import dev.mlit.photos.Encoders.Encoder;
import dev.mlit.spec.InvalidInputException;
import dev.mlit.spec.RunSpec;
import dev.mlit.spec.Specs;
import dev.mlit.train.PretrainedWeights;
import dev.mlit.train.TrainingListener;
import dev.mlit.zoo.Zoo;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/**
 * From images to a run: looks at them, decides, measures how fast the first steps are, and plans as
 * many as there is time for.
 *
 * @since 0.1.0
 */
public final class Planner {
  /** Of the time, what looking at the images may take, and what the first steps may. */
  private static final double LOOKING = 0.15;

  private static final double PROBING = 0.03;

  /** When so much of the time is gone, no other size of images is tried. */
  private static final double MEASURING = 0.2;

  /** With fewer epochs, smaller images are tried. */
  private static final int FEWEST_EPOCHS = 8;

  /** Seconds that a run may last longer than it shall. */
  private static final double GRACE = 40;

  private final DataSource source;
  private final PhotoOptions options;
  private final long start = System.nanoTime();

  private Planner(DataSource source, PhotoOptions options) {
    this.source = source;
    this.options = options;
  }

  /**
   * Plans a run.
   *
   * @throws InvalidInputException if there is nothing that could be learned from the images, or a
   *     setting does not fit
   */
  public static PhotoPlan plan(DataSource source, PhotoOptions options) {
    return new Planner(source, options).plan();
  }

  private PhotoPlan plan() {
    Survey survey = Surveyor.look(source, LOOKING * options.minutes() * 60, options.lines());
    say("images", survey.text());
    Optional<Encoder> encoder = Encoders.find(options.encoders(), Zoo::find, survey.dataset());
    int side = Integer.MAX_VALUE;
    while (true) {
      Decisions decisions = Decisions.of(survey, encoder, options.minutes(), side);
      RunSpec run = set(decisions.run());
      String misfit = options.sets("initialize") ? "" : misfit(encoder, run);
      if (!misfit.isEmpty()) {
        run = Specs.with(run, List.of("initialize="));
      }
      Measured measured = measure(run, decisions);
      int below = Decisions.below(decisions.side());
      boolean tooSlow = measured.length.epochs() < FEWEST_EPOCHS && below > 0;
      if (tooSlow && isFree() && elapsed() < MEASURING * options.minutes() * 60) {
        side = below;
        continue;
      }
      say("model", decisions.model());
      say("start", misfit.isEmpty() ? decisions.start() : "from scratch, as " + misfit);
      say("parts", decisions.parts());
      say("recipe", decisions.recipe());
      say(
          "time",
          measured.length.text(measured.work, measured.speed, options.minutes(), isPlanned()));
      RunSpec planned = set(measured.length.of(run));
      Decisions.changed(decisions.run(), run).ifPresent(changes -> say("set", changes));
      return new PhotoPlan(planned, measured.data, deadline(measured));
    }
  }

  /** With what the user has set; another model is one for the same classes. */
  private RunSpec set(RunSpec run) {
    List<String> settings = new ArrayList<>();
    for (String setting : options.settings()) {
      settings.add(setting);
      if (setting.startsWith("model=")) {
        settings.add("model.classes=" + run.model().classes());
      }
    }
    return Specs.with(run, settings);
  }

  /** Why the model that the user has set cannot start from the encoder; empty if it can. */
  private static String misfit(Optional<Encoder> encoder, RunSpec run) {
    if (encoder.isEmpty() || run.initialize() == null) {
      return "";
    }
    try {
      PretrainedWeights.requireFits(encoder.get().place(), encoder.get().model(), run.model());
      return "";
    } catch (InvalidInputException e) {
      return "the model that was set is another than that of " + encoder.get().name();
    }
  }

  /** Whether the size of images is open. */
  private boolean isFree() {
    return isPlanned() && !options.sets("model");
  }

  /** Whether the length of the run is open. */
  private boolean isPlanned() {
    return !options.sets("training.epochs") && !options.sets("training.steps");
  }

  private record Measured(Dataset data, Length.Work work, Speed speed, Length length) {}

  private Measured measure(RunSpec run, Decisions decisions) {
    Dataset whole = Datasets.open(run.data()).resizedTo(run.model().image());
    Dataset data = RunData.fitted(run, whole);
    load(data.train());
    data.validation().ifPresent(this::load);
    Speed speed = SpeedProbe.measure(run, data, PROBING * options.minutes() * 60);
    Length.Work work =
        new Length.Work(
            Batches.ofEpoch(run.training(), data.train(), data.shape(), 1).count(),
            data.validation().map(Split::size).orElse(0),
            data.test().size(),
            decisions.mostEpochs());
    double left = options.minutes() * 60 - elapsed();
    Length length = isPlanned() ? Length.of(work, speed, left) : Length.set(run, work, speed);
    return new Measured(DecodedImages.of(run, whole, data), work, speed, length);
  }

  private void load(Split part) {
    part.load(new Counted(options.lines(), "reading", part.size()));
  }

  /** Seconds since the start. */
  private double elapsed() {
    return (System.nanoTime() - start) / 1e9;
  }

  private TrainingListener deadline(Measured measured) {
    if (!isPlanned()) {
      return new TrainingListener() {};
    }
    double ending =
        measured.speed.compile() + 2 * measured.data.test().size() * measured.speed.image();
    double seconds = options.minutes() * 60 + GRACE - ending;
    return new Deadline(options.minutes(), start + (long) (seconds * 1e9), System::nanoTime);
  }

  private void say(String topic, String text) {
    options.lines().accept(String.format(Locale.ROOT, "%-11s %s", topic, text));
  }
}
