package dev.mlit.photos;

import dev.mlit.spec.AugmentationSpec.Fill;
import dev.mlit.spec.RunSpecBuilder;
import dev.mlit.spec.TrainingSpec.Sampling;
import java.util.Locale;

/**
 * How a model is trained, by the number of its images. See docs/recipes.md for what was measured.
 *
 * @param name of the recipe, for people
 * @param batch images of a step
 * @param mostEpochs after which nothing more is learned
 * @param learningRate of AdamW
 * @param muonLearningRate of Muon
 * @param patchDropout share of the patches that is left out
 * @param erasing the chance that a rectangle of an image is erased
 */
record Recipe(
    String name,
    int batch,
    int mostEpochs,
    double learningRate,
    double muonLearningRate,
    double patchDropout,
    double erasing) {
  /** With so many times as many images in the largest class, classes are balanced. */
  static final double UNBALANCED = 3;

  private static final double LABEL_SMOOTHING = 0.1;

  /**
   * The recipe for so many images.
   *
   * @param images to train on
   */
  static Recipe of(int images) {
    if (images < 200) {
      return new Recipe("a few images", 8, 200, 1e-3, 2e-3, 0.25, 0.25);
    }
    if (images < 2000) {
      return new Recipe("hundreds of images", 32, 200, 2e-3, 4e-3, 0.25, 0.25);
    }
    if (images < 20_000) {
      return new Recipe("thousands of images", 32, 100, 2e-3, 4e-3, 0.25, 0);
    }
    return new Recipe("many images", 64, 60, 2e-3, 4e-3, 0.25, 0);
  }

  /**
   * Describes it in a run.
   *
   * @param side of the images in pixels
   */
  void describe(RunSpecBuilder run, int side, Survey survey) {
    run.training(
            t -> {
              t.batch(batch).labelSmoothing(LABEL_SMOOTHING).patchDropout(patchDropout).seed(1);
              if (isBalanced(survey)) {
                t.sampling(Sampling.BALANCED);
              }
            })
        .optimizer(o -> o.learningRate(learningRate).muonLearningRate(muonLearningRate))
        .augmentation(
            a -> {
              a.flip(!survey.characters()).randomCrop(padding(side)).fill(Fill.REFLECT);
              if (erasing > 0) {
                a.randomErasing(erasing);
              }
            });
  }

  private static int padding(int side) {
    return side / 16;
  }

  static boolean isBalanced(Survey survey) {
    return survey.imbalance() >= UNBALANCED;
  }

  String text(int images, int side, Survey survey) {
    return String.format(
        Locale.ROOT,
        "%s (%,d to train on): batches of %d, Muon %s, %s, crops by %d pixels,%s label smoothing"
            + " %s, a quarter of the patches left out%s",
        name,
        images,
        batch,
        muonLearningRate,
        survey.characters() ? "no flips, as classes are characters" : "flips",
        padding(side),
        erasing > 0 ? " erasing," : "",
        LABEL_SMOOTHING,
        isBalanced(survey)
            ? String.format(
                Locale.ROOT,
                "; classes balanced, as the largest has %.0f times as many as the smallest",
                survey.imbalance())
            : "");
  }
}
