package dev.mlit.data;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

import dev.mlit.spec.ImageShape;
import dev.mlit.spec.InvalidInputException;
import dev.mlit.spec.RunSpec;
import dev.mlit.spec.text.NumberRule;
import dev.mlit.testing.TinyData;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * If this fails, the images that choices are made on are trained on as well, or classes are missing
 * among them, and the choices of a user are worth nothing.
 */
class ValidationPartTest {
  private static final List<String> LABELS = List.of("a", "b", "c", "d");

  /** 40 images of class 0, 20 of class 1, 2 of class 2, 1 of class 3; a pixel is its number. */
  private static final Dataset DATA = data(40, 20, 2, 1);

  private static Dataset data(int... counts) {
    List<Integer> classes = new ArrayList<>();
    for (int label = 0; label < counts.length; label++) {
      for (int i = 0; i < counts[label]; i++) {
        classes.add(label);
      }
    }
    byte[] pixels = new byte[classes.size()];
    for (int i = 0; i < pixels.length; i++) {
      pixels[i] = (byte) i;
    }
    int[] labels = classes.stream().mapToInt(i -> i).toArray();
    Split test = new MemorySplit(new byte[3], new int[3], 1);
    return Dataset.of(
        "numbers", LABELS, new ImageShape(1, 1, 1), new MemorySplit(pixels, labels, 1), test);
  }

  private static List<Integer> images(Split part) {
    List<Integer> images = new ArrayList<>();
    byte[] pixel = new byte[1];
    for (int i = 0; i < part.size(); i++) {
      part.pixels(i, pixel, 0);
      images.add((int) pixel[0]);
      assertThat(part.label(i)).isEqualTo(DATA.train().label(pixel[0]));
    }
    return images;
  }

  private static List<Integer> validation(Dataset data) {
    return images(data.validation().orElseThrow());
  }

  @Test
  void everyClassGivesItsShareOrOneAndKeepsOne() {
    List<Integer> images = validation(DATA.withValidation(0.1, 1));
    assertThat(images).filteredOn(i -> i < 40).hasSize(4);
    assertThat(images).filteredOn(i -> i >= 40 && i < 60).hasSize(2);
    assertThat(images).filteredOn(i -> i == 60 || i == 61).hasSize(1);
    assertThat(images).doesNotContain(62).isSorted();
    assertThat(validation(DATA.withValidation(0.999, 1))).hasSize(39 + 19 + 1);
  }

  @Test
  void noImageIsInTwoPartsAndNoneIsLost() {
    Dataset cut = DATA.withValidation(0.3, 5);
    List<Integer> all = new ArrayList<>(images(cut.train()));
    all.addAll(validation(cut));
    assertThat(all).containsExactlyInAnyOrderElementsOf(images(DATA.train()));
    assertThat(images(cut.train())).isSorted();
    assertThat(cut.test()).isSameAs(DATA.test());
    assertThat(cut).hasToString("numbers (44 + 19 + 3 images of 1x1x1, 4 classes)");
  }

  @Test
  void theSeedDecidesAndASmallerShareIsAPartOfALargerOne() {
    List<Integer> images = validation(DATA.withValidation(0.4, 7));
    assertThat(validation(DATA.withValidation(0.4, 7))).isEqualTo(images);
    assertThat(validation(DATA.withValidation(0.4, 8))).isNotEqualTo(images);
    assertThat(images).containsAll(validation(DATA.withValidation(0.1, 7)));
  }

  @Test
  void aShareOfTheLabelsLeavesTheValidationPartAsItIs() {
    Dataset cut = DATA.withValidation(0.25, 3);
    Dataset few = cut.withLabels(0.1, 3);
    assertThat(validation(few)).isEqualTo(validation(cut));
    assertThat(images(cut.train())).containsAll(images(few.train()));
    // 30, 15, 1 and 1 are left.
    assertThat(few.train().size()).isEqualTo(3 + 2 + 1 + 1);
  }

  @Test
  void resizingAndCuttingCanBeInEitherOrder() {
    ImageShape shape = new ImageShape(2, 2, 3);
    Dataset cutFirst = DATA.withValidation(0.25, 3).withLabels(0.5, 3).resizedTo(shape);
    Dataset resizedFirst = DATA.resizedTo(shape).withValidation(0.25, 3).withLabels(0.5, 3);
    assertThat(pixels(cutFirst.train())).isEqualTo(pixels(resizedFirst.train()));
    assertThat(pixels(cutFirst.validation().orElseThrow()))
        .isEqualTo(pixels(resizedFirst.validation().orElseThrow()));
    assertThat(cutFirst.shape()).isEqualTo(shape);
    assertThat(cutFirst.validation()).map(Split::size).contains(10 + 5 + 1);
  }

  private static List<Byte> pixels(Split part) {
    List<Byte> all = new ArrayList<>();
    byte[] image = new byte[12];
    for (int i = 0; i < part.size(); i++) {
      part.pixels(i, image, 0);
      for (byte value : image) {
        all.add(value);
      }
    }
    return all;
  }

  @Test
  void aPublishedPartIsResizedWithTheOthers() {
    Dataset data =
        Dataset.of("numbers", LABELS, DATA.shape(), DATA.train(), DATA.test(), DATA.test());
    assertThat(pixels(data.resizedTo(new ImageShape(2, 2, 3)).validation().orElseThrow()))
        .hasSize(3 * 12);
  }

  @ParameterizedTest
  @ValueSource(doubles = {0, 1, Double.NaN})
  void refusesWhatIsNoShare(double fraction) {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> DATA.withValidation(fraction, 1))
        .withMessage("fraction " + NumberRule.text(fraction) + " must be above 0 and below 1");
  }

  @Test
  void refusesToCutASecondPart() {
    Dataset cut = DATA.withValidation(0.5, 1);
    assertThatIllegalStateException()
        .isThrownBy(() -> cut.withValidation(0.5, 1))
        .withMessage("numbers has a validation part already");
  }

  // ---- As a run asks for it ----

  private static RunSpec run(double validation, double labels) {
    return TinyData.run()
        .labelFraction(labels)
        .validationFraction(validation)
        .training(t -> t.seed(3))
        .build();
  }

  @Test
  void aRunCutsValidationOffFirstAndTakesItsShareOfLabelsFromTheRest() {
    Dataset parts = Datasets.parts(run(0.25, 0.1), DATA);
    Dataset byHand = DATA.withValidation(0.25, 3).withLabels(0.1, 3);
    assertThat(validation(parts)).isEqualTo(validation(byHand));
    assertThat(images(parts.train())).isEqualTo(images(byHand.train()));
    assertThat(Datasets.parts(run(0, 1), DATA)).isSameAs(DATA);
  }

  @Test
  void aRunCannotCutAPartWhereOneIsPublished() {
    Dataset published =
        Dataset.of("numbers", LABELS, DATA.shape(), DATA.train(), DATA.test(), DATA.test());
    assertThat(Datasets.parts(run(0, 1), published).validation()).contains(DATA.test());
    assertThatExceptionOfType(InvalidInputException.class)
        .isThrownBy(() -> Datasets.parts(run(0.1, 1), published))
        .withMessage(
            "data.validation-fraction: 0.1 must be left out, as dataset numbers has a validation"
                + " part of 3 images already");
  }

  @Test
  void aRunCannotCutAPartOffSingleImages() {
    assertThatExceptionOfType(InvalidInputException.class)
        .isThrownBy(() -> Datasets.parts(run(0.1, 1), data(1, 1, 1, 1)))
        .withMessage(
            "data.validation-fraction: numbers has no class of 2 or more training images, of which"
                + " one could be left out");
  }
}
