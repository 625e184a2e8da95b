package dev.mlit.photos;

import dev.mlit.photos.Encoders.Encoder;
import dev.mlit.spec.ModelSpec;
import dev.mlit.spec.ModelSpec.Pooling;
import dev.mlit.spec.OptimizerSpec;
import dev.mlit.spec.Presets;
import dev.mlit.spec.RunSpec;
import dev.mlit.spec.RunSpecBuilder;
import dev.mlit.spec.SpecChange;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/**
 * What is decided about a run before it is known how fast steps are, and why. It follows from the
 * survey, the encoder and the time only.
 *
 * @param run all of it but its length
 * @param side height and width of the model's images
 * @param mostEpochs after which nothing more is learned
 * @param model says which model, image size and patch
 * @param start says what it starts from
 * @param parts says what is trained, validated and tested on
 * @param recipe says how it is trained
 */
record Decisions(
    RunSpec run,
    int side,
    int mostEpochs,
    String model,
    String start,
    String parts,
    String recipe) {
  /** The sides of images that are used, and images a second that two cores train on, about. */
  private static final List<Size> SIZES =
      List.of(new Size(64, 80), new Size(48, 150), new Size(32, 330));

  /** The passes over the images in which a recipe learns most of what it can. */
  private static final int EPOCHS = 20;

  /** Minutes that are gone before the first step. */
  private static final double START = 0.5;

  private static final int PATCH = 4;

  private record Size(int side, double imagesPerSecond) {}

  /**
   * Decides.
   *
   * @param encoder to start from; empty to start from scratch
   * @param minutes that it may take
   * @param mostSide the largest side of the model's images that is considered
   */
  static Decisions of(Survey survey, Optional<Encoder> encoder, double minutes, int mostSide) {
    Shares shares = Shares.of(survey, minutes);
    int patch = encoder.map(from -> from.model().patch()).orElse(PATCH);
    int open = side(survey.typical(), shares.train(), minutes, mostSide);
    int side = open - open % patch;
    Recipe recipe = Recipe.of(shares.train());
    ModelSpec model = model(survey, encoder, side);
    RunSpecBuilder run =
        RunSpec.builder(survey.title()).model(model).optimizer(o -> o.name(OptimizerSpec.DEFAULT));
    String directory = survey.directory();
    if (directory == null) {
      run.data(survey.dataset());
    } else if (Double.isNaN(shares.test())) {
      run.data(survey.dataset(), directory);
    } else {
      run.data(survey.dataset(), directory, shares.test());
    }
    run.validationFraction(shares.validation())
        .labelFraction(shares.labels())
        .exclude(survey.unreadable());
    recipe.describe(run, side, survey);
    encoder.ifPresent(from -> run.initialize(from.place(), false));
    return new Decisions(
        run.build(),
        side,
        recipe.mostEpochs(),
        modelText(survey, model),
        encoder
            .map(from -> "encoder " + from.name() + ", which " + from.learned())
            .orElse("from scratch, as no encoder is installed"),
        shares.text(),
        recipe.text(shares.train(), side, survey));
  }

  /** The next smaller side of images; 0 if there is none. */
  static int below(int side) {
    return SIZES.stream().mapToInt(Size::side).filter(s -> s < side).findFirst().orElse(0);
  }

  /** The largest that the images have and that leaves time for enough epochs. */
  private static int side(int typical, int images, double minutes, int most) {
    return SIZES.stream()
        .filter(size -> size.side <= most)
        .filter(size -> size.side <= typical + PATCH)
        .filter(size -> size.imagesPerSecond * 60 * (minutes - START) / images >= EPOCHS)
        .mapToInt(Size::side)
        .findFirst()
        .orElse(SIZES.get(SIZES.size() - 1).side);
  }

  /** The encoder is of colour images; gray ones are shown to it in three equal channels. */
  private static ModelSpec model(Survey survey, Optional<Encoder> encoder, int side) {
    int channels = survey.gray() && encoder.isEmpty() ? 1 : 3;
    ModelSpec like = encoder.map(Encoder::model).orElseGet(Presets::mlitXxs);
    return ModelSpec.builder(survey.title())
        .image(side, side, encoder.isEmpty() ? channels : like.image().channels())
        .patch(encoder.isEmpty() ? PATCH : like.patch())
        .embedding(like.embedding())
        .attention(like.attention().heads(), like.attention().groups())
        .stages(like.stages())
        .hidden(like.hidden().first(), like.hidden().last())
        .normalization(like.normalization().mean(), like.normalization().std())
        .pooling(Pooling.MEAN)
        .classes(survey.labels().size())
        .build();
  }

  private static String modelText(Survey survey, ModelSpec model) {
    return String.format(
        Locale.ROOT,
        "mlit-xxs, images %s in patches of %d, as most are about %d pixels and there is time for so"
            + " many",
        model.image(),
        model.patch(),
        survey.typical());
  }

  /** A line about what the user has set otherwise; empty if nothing. */
  static Optional<String> changed(RunSpec decided, RunSpec run) {
    List<SpecChange> changes = SpecChange.between(decided, run);
    return changes.isEmpty()
        ? Optional.empty()
        : Optional.of(
            String.join(
                ", ",
                changes.stream()
                    .map(change -> change.field() + ": " + SpecChange.text(change.after()))
                    .toList()));
  }
}
