package dev.mlit.photos;

import static org.assertj.core.api.Assertions.assertThat;

import dev.mlit.photos.Encoders.Encoder;
import dev.mlit.spec.ImageShape;
import dev.mlit.spec.Presets;
import dev.mlit.spec.RunSpec;
import dev.mlit.spec.TrainingSpec.Sampling;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/**
 * What is decided about images, at the edges. If this fails, a user's first model is of the wrong
 * size, has no images to be tested on, or never sees a class.
 */
class DecisionsTest {
  private static final Optional<Encoder> ENCODER =
      Optional.of(
          new Encoder(
              "other",
              "savedmodels/other",
              Presets.mmlitXxs().toBuilder().image(32, 32, 3).patch(4).build()));

  /** So many classes of so many images, of one size. */
  private static Survey survey(int classes, int each, int side, boolean gray) {
    return survey(Collections.nCopies(classes, each), List.of(), List.of(), side, gray);
  }

  private static Survey survey(
      List<Integer> train, List<Integer> validation, List<Integer> test, int side, boolean gray) {
    return survey(train, validation, test, side, gray, 0.001);
  }

  private static Survey survey(
      List<Integer> train,
      List<Integer> validation,
      List<Integer> test,
      int side,
      boolean gray,
      double reading) {
    List<String> labels = IntStream.range(0, train.size()).mapToObj(i -> "class" + i).toList();
    return survey(labels, train, validation, test, side, gray, reading);
  }

  private static Survey survey(
      List<String> labels,
      List<Integer> train,
      List<Integer> validation,
      List<Integer> test,
      int side,
      boolean gray,
      double reading) {
    return new Survey(
        "pictures",
        "image-folder",
        "pictures",
        labels,
        train,
        validation,
        test,
        side,
        side,
        side,
        gray,
        List.of(),
        1,
        reading);
  }

  private static Decisions decide(Survey survey) {
    return Decisions.of(survey, ENCODER, 10, Integer.MAX_VALUE);
  }

  @Test
  void twentyPicturesOfTwoClassesAreTrainedValidatedAndTestedOn() {
    RunSpec run = decide(survey(2, 10, 200, false)).run();
    assertThat(run.data().testFraction()).isEqualTo(0.2);
    assertThat(run.data().validationFraction()).isEqualTo(0.1);
    assertThat(run.training().batch()).isEqualTo(8);
    assertThat(run.model().classes()).isEqualTo(2);
    assertThat(run.model().image()).isEqualTo(new ImageShape(64, 64, 3));
  }

  @Test
  void classesOfTwoKeepOneToTestOnAndNoneToValidateOn() {
    Decisions decisions = decide(survey(3, 2, 64, false));
    assertThat(decisions.run().data().validationFraction()).isZero();
    assertThat(decisions.parts()).contains("none to watch, as classes are small");
  }

  @Test
  void ofManyImagesNoMoreAreTestedThanThereIsTimeFor() {
    RunSpec run = decide(survey(10, 20_000, 64, false)).run();
    assertThat(run.data().testFraction()).isEqualTo(0.025);
    assertThat(run.data().validationFraction()).isEqualTo(0.01);
    assertThat(run.training().batch()).isEqualTo(64);
    assertThat(run.model().image().height()).isEqualTo(32);
  }

  @Test
  void ofLargePhotosNoMoreAreUsedThanCanBeReadInTime() {
    List<Integer> classes = Collections.nCopies(10, 20_000);
    Decisions slow = decide(survey(classes, List.of(), List.of(), 3000, false, 0.1));
    assertThat(slow.run().data().testFraction()).isEqualTo(0.003);
    assertThat(slow.run().data().labelFraction()).isEqualTo(0.0076);
    assertThat(slow.parts()).contains("as more cannot be read in time");
    assertThat(decide(survey(10, 500, 64, false)).run().data().labelFraction()).isEqualTo(1);
  }

  @Test
  void aThousandClasses() {
    RunSpec run = decide(survey(1000, 4, 64, false)).run();
    assertThat(run.model().classes()).isEqualTo(1000);
    assertThat(run.data().validationFraction()).isZero();
  }

  @Test
  void partsThatAreThereAreUsed() {
    Survey survey = survey(List.of(50, 50), List.of(5, 5), List.of(9, 9), 64, false);
    Decisions decisions = decide(survey);
    assertThat(decisions.run().data().validationFraction()).isZero();
    assertThat(decisions.run().data().testFraction()).isEqualTo(0.2);
    assertThat(decisions.parts()).isEqualTo("its own 18 to test on, its own 10 to watch");
  }

  @Test
  void fromThreeTimesAsManyOnClassesAreBalanced() {
    Decisions unbalanced = decide(survey(List.of(30, 90), List.of(), List.of(), 64, false));
    assertThat(unbalanced.run().training().sampling()).isEqualTo(Sampling.BALANCED);
    assertThat(unbalanced.recipe()).contains("the largest has 3 times as many as the smallest");
    Decisions nearly = decide(survey(List.of(30, 89), List.of(), List.of(), 64, false));
    assertThat(nearly.run().training().sampling()).isEqualTo(Sampling.SHUFFLED);
    assertThat(nearly.recipe()).doesNotContain("balanced");
  }

  @Test
  void grayImagesHaveThreeChannelsForAnEncoderOfColours() {
    Survey gray = survey(2, 100, 28, true);
    assertThat(decide(gray).run().model().image()).isEqualTo(new ImageShape(32, 32, 3));
    Decisions scratch = Decisions.of(gray, Optional.empty(), 10, Integer.MAX_VALUE);
    assertThat(scratch.run().model().image()).isEqualTo(new ImageShape(32, 32, 1));
    assertThat(scratch.run().initialize()).isNull();
    assertThat(scratch.start()).isEqualTo("from scratch, as no encoder is installed");
  }

  @Test
  void smallerImagesWhereTheyAreSmallOrThereIsNoTime() {
    assertThat(decide(survey(2, 100, 40, false)).side()).isEqualTo(32);
    assertThat(decide(survey(2, 100, 44, false)).side()).isEqualTo(48);
    assertThat(decide(survey(10, 500, 64, false)).side()).isEqualTo(48);
    Survey flowers = survey(102, 10, 72, false);
    assertThat(decide(flowers).side()).isEqualTo(64);
    assertThat(Decisions.of(flowers, ENCODER, 1, Integer.MAX_VALUE).side()).isEqualTo(32);
    assertThat(Decisions.of(flowers, ENCODER, 10, Decisions.below(64)).side()).isEqualTo(48);
    assertThat(Decisions.below(32)).isZero();
  }

  private static Decisions decideNamed(String... labels) {
    List<Integer> images = Collections.nCopies(labels.length, 50);
    return decide(survey(List.of(labels), images, List.of(), List.of(), 28, true, 0.001));
  }

  @Test
  void digitsAndLettersAreNotMirrored() {
    Decisions digits = decideNamed("0123456789".split(""));
    assertThat(digits.run().augmentation().flip()).isFalse();
    assertThat(digits.recipe()).contains("no flips, as classes are characters");
    assertThat(decideNamed("あいうえおかきくけこ".split("")).run().augmentation().flip()).isFalse();
    // Fewer may be numbers of other things, as may be longer names.
    assertThat(decideNamed("012345678".split("")).run().augmentation().flip()).isTrue();
    assertThat(decideNamed("0 1 2 3 4 5 6 7 8 9 10".split(" ")).run().augmentation().flip())
        .isTrue();
    assertThat(decideNamed("+-*/%&=<>!".split("")).run().augmentation().flip()).isTrue();
  }

  @Test
  void theSameImagesGiveTheSameRun() {
    Survey survey = survey(List.of(30, 90), List.of(), List.of(), 64, false);
    assertThat(decide(survey)).isEqualTo(decide(survey));
  }
}
