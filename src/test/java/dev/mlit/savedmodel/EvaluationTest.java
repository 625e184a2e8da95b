package dev.mlit.savedmodel;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.mlit.savedmodel.Evaluation.Bin;
import dev.mlit.savedmodel.Evaluation.ClassScores;
import dev.mlit.savedmodel.Evaluation.MacroAverages;
import dev.mlit.savedmodel.Evaluation.Mistake;
import dev.mlit.testing.FloatFiles;
import dev.mlit.testing.Python;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.stream.DoubleStream;
import java.util.stream.IntStream;
import java.util.stream.StreamSupport;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * The numbers of an evaluation, by logits. If this fails, a user believes in a model more or less
 * than it is worth, and a paper's table is wrong.
 */
class EvaluationTest {
  private static final double NEAR = 1e-9;

  @TempDir private Path temporary;

  private static List<String> names(int classes) {
    return IntStream.range(0, classes).mapToObj(i -> "class " + i).toList();
  }

  /** What is found of images with these logits and classes. */
  private static Evaluation evaluation(int classes, float[] logits, int... labels) {
    EvaluationCounts counts = new EvaluationCounts(names(classes));
    for (int i = 0; i < labels.length; i++) {
      counts.add(logits, i * classes, labels[i]);
    }
    return counts.evaluation(i -> i == 0 ? Optional.of("first.png") : Optional.empty());
  }

  /** Logits of which the first class gets this probability, of two. */
  private static float[] sure(double... probabilities) {
    float[] logits = new float[2 * probabilities.length];
    for (int i = 0; i < probabilities.length; i++) {
      logits[2 * i] = (float) Math.log(probabilities[i] / (1 - probabilities[i]));
    }
    return logits;
  }

  @Tag("slow")
  @ParameterizedTest
  @CsvSource({"2, 50, 2", "3, 500, 3", "11, 2000, 11", "10, 300, 4", "200, 1000, 120"})
  void theNumbersAreThoseOfScikitLearn(int classes, int images, int labelled) throws IOException {
    Python python = Python.with("sklearn", "numpy");
    Random random = new Random(classes);
    float[] logits = new float[images * classes];
    int[] labels = new int[images];
    float[] written = new float[images];
    for (int i = 0; i < images; i++) {
      // Of the classes from the back, so that the first ones have no images where some have none.
      labels[i] = classes - 1 - random.nextInt(labelled);
      written[i] = labels[i];
      for (int c = 0; c < classes; c++) {
        logits[i * classes + c] = (float) (4 * random.nextGaussian());
      }
      logits[i * classes + labels[i]] += (float) (5 * random.nextDouble());
    }
    Path given = temporary.resolve("logits.f32");
    Path truth = temporary.resolve("labels.f32");
    FloatFiles.write(given, logits);
    FloatFiles.write(truth, written);
    JsonNode expected =
        new ObjectMapper()
            .readTree(
                python.run(
                    Duration.ofMinutes(3),
                    Map.of(),
                    "src/test/python/score_logits.py",
                    given.toString(),
                    truth.toString(),
                    String.valueOf(classes)));

    Evaluation found = evaluation(classes, logits, labels);

    assertThat(found.examples()).isEqualTo(images);
    assertThat(found.accuracy()).isCloseTo(expected.path("accuracy").asDouble(), within(NEAR));
    assertThat(found.loss()).isCloseTo(expected.path("loss").asDouble(), within(1e-8));
    if (classes > 10) {
      assertThat(found.topFiveAccuracy())
          .isCloseTo(expected.path("top_five").asDouble(), within(NEAR));
    }
    List<ClassScores> scores = found.classes();
    assertThat(scores)
        .extracting(ClassScores::precision)
        .containsExactlyElementsOf(list(expected.path("precision")));
    assertThat(scores)
        .extracting(ClassScores::recall)
        .containsExactlyElementsOf(list(expected.path("recall")));
    for (int c = 0; c < classes; c++) {
      assertThat(scores.get(c).f1())
          .isCloseTo(expected.path("f1").path(c).asDouble(), within(NEAR));
      assertThat(scores.get(c).examples()).isEqualTo(expected.path("support").path(c).asInt());
      assertThat(found.confusion()[c]).containsExactly(ints(expected.path("confusion").path(c)));
    }
    MacroAverages macro = found.macro();
    assertThat(new double[] {macro.precision(), macro.recall(), macro.f1()})
        .containsExactly(
            list(expected.path("macro")).stream().mapToDouble(x -> x).toArray(), within(NEAR));
    assertThat(found.calibration().error())
        .isCloseTo(expected.path("calibration_error").asDouble(), within(NEAR));
    assertThat(found.calibration().bins().stream().mapToInt(Bin::examples).toArray())
        .containsExactly(ints(expected.path("bins")));
    assertThat(found.worstMistakes().stream().mapToInt(Mistake::index).toArray())
        .containsExactly(ints(expected.path("worst")));
  }

  private static List<Double> list(JsonNode numbers) {
    return StreamSupport.stream(numbers.spliterator(), false).map(JsonNode::asDouble).toList();
  }

  private static int[] ints(JsonNode numbers) {
    return StreamSupport.stream(numbers.spliterator(), false).mapToInt(JsonNode::asInt).toArray();
  }

  /** By hand: of 4 images of class 0, three are right; the other was taken for class 1. */
  @Test
  void scoresOfAClassAreThoseOfTheDefinition() {
    float[] logits = {1, 0, 0, /**/ 1, 0, 0, /**/ 1, 0, 0, /**/ 0, 1, 0, /**/ 1, 0, 0};
    Evaluation found = evaluation(3, logits, 0, 0, 0, 0, 1);

    assertThat(found.classes())
        .containsExactly(
            new ClassScores(0, "class 0", 4, 4, 0.75, 0.75, 0.75),
            new ClassScores(1, "class 1", 1, 1, 0, 0, 0),
            new ClassScores(2, "class 2", 0, 0, 0, 0, 0));
    assertThat(found.macro()).isEqualTo(new MacroAverages(0.375, 0.375, 0.375));
    assertThat(found.confusion()).isDeepEqualTo(new int[][] {{3, 1, 0}, {1, 0, 0}, {0, 0, 0}});
    assertThat(found).hasToString("accuracy 0.6000 on 5 images");
  }

  @Test
  void theMatrixIsTheCallersOwn() {
    Evaluation found = evaluation(2, new float[] {1, 0}, 0);
    found.confusion()[0][0] = 7;
    assertThat(found.accuracy()).isEqualTo(1);
    assertThat(found.confusion()[0][0]).isEqualTo(1);
  }

  /** As of a classifier's answers, of which the first is the lowest class. */
  @Test
  void equalLogitsAreTheFirstClass() {
    Evaluation found = evaluation(3, new float[] {2, 2, 1}, 1);
    assertThat(found.worstMistakes())
        .singleElement()
        .extracting(Mistake::predicted)
        .isEqualTo("class 0");
  }

  /** The probability is 0 in float32, and the logarithm of that is not finite. */
  @Test
  void theLossIsFiniteWhereTheModelIsVerySureAndWrong() {
    Evaluation found = evaluation(2, new float[] {500, -500}, 1);
    assertThat(found.loss()).isEqualTo(1000);
    assertThat(found.calibration().error()).isEqualTo(1);
    assertThat(found.worstMistakes().get(0).probability()).isEqualTo(1);
  }

  /** Bin m has what is above (m - 1) / 15 and at most m / 15. */
  @Test
  void binsOfTheCalibrationAreOpenBelowAndClosedAbove() {
    // A third, which is 5 / 15 exactly as three equal logits give it, and just above.
    float[] logits = {0, 0, 0, /**/ 1e-3f, 0, 0, /**/ 100, 0, 0};
    List<Bin> bins = evaluation(3, logits, 0, 0, 0).calibration().bins();

    assertThat(bins).hasSize(15);
    assertThat(IntStream.range(0, 15).filter(i -> bins.get(i).examples() > 0).toArray())
        .containsExactly(4, 5, 14);
    assertThat(bins.get(4).upper()).isCloseTo(1 / 3.0, within(NEAR));
    assertThat(bins.get(0)).isEqualTo(new Bin(0, 1 / 15.0, 0, 0, 0));
  }

  @Test
  void aModelThatIsRightAsOftenAsItIsSureHasNoCalibrationError() {
    // Four images at 0.75, of which three are right.
    Evaluation right = evaluation(2, sure(0.75, 0.75, 0.75, 0.75), 0, 0, 0, 1);
    assertThat(right.calibration().error()).isCloseTo(0, within(1e-7));
    Evaluation tooSure = evaluation(2, sure(0.75, 0.75), 1, 1);
    assertThat(tooSure.calibration().error()).isCloseTo(0.75, within(1e-7));
    assertThat(tooSure.calibration().confidence()).isCloseTo(0.75, within(1e-7));
  }

  @Test
  void topFiveIsMeasuredWithMoreThanTenClassesOnly() {
    float[] ten = new float[10];
    assertThat(evaluation(10, ten, 9).topFiveAccuracy()).isNaN();
    float[] eleven = new float[22];
    for (int i = 0; i < eleven.length; i++) {
      eleven[i] = -(i % 11);
    }
    assertThat(evaluation(11, eleven, 4, 5).topFiveAccuracy()).isEqualTo(0.5);
  }

  @Test
  void ofEqualClassesTheFirstAreAmongTheTopFive() {
    assertThat(evaluation(11, new float[22], 4, 5).topFiveAccuracy()).isEqualTo(0.5);
  }

  @Test
  void worstMistakesAreTheSurestOnesAndAtMostAHundred() {
    int images = 300;
    double[] probabilities =
        DoubleStream.iterate(0, i -> i + 1)
            .limit(images)
            .map(i -> 0.5 + (i * 7 % images + 1) / 700)
            .toArray();
    int[] labels = new int[images];
    Arrays.fill(labels, 1);
    labels[42] = 0;
    List<Mistake> worst = evaluation(2, sure(probabilities), labels).worstMistakes();

    assertThat(worst).hasSize(100);
    assertThat(worst)
        .extracting(Mistake::probability)
        .isSortedAccordingTo((a, b) -> Double.compare(b, a));
    int[] expected =
        IntStream.range(0, images)
            .filter(i -> i != 42)
            .boxed()
            .sorted((a, b) -> Double.compare(probabilities[b], probabilities[a]))
            .limit(100)
            .mapToInt(i -> i)
            .toArray();
    assertThat(worst.stream().mapToInt(Mistake::index).toArray()).containsExactly(expected);
  }

  @Test
  void mistakesHaveTheFilesThatTheirImagesHave() {
    Evaluation found = evaluation(2, sure(0.9, 0.8), 1, 1);
    assertThat(found.worstMistakes())
        .extracting(Mistake::file)
        .containsExactly(Optional.of("first.png"), Optional.empty());
  }

  /** Nothing of what is kept is by image, but for the worst mistakes. */
  @Test
  void memoryDoesNotGrowWithTheImages() {
    EvaluationCounts counts = new EvaluationCounts(names(2));
    float[] logits = sure(0.9);
    for (int i = 0; i < 3_000_000; i++) {
      counts.add(logits, 0, i % 2);
    }
    Evaluation found = counts.evaluation(i -> Optional.empty());
    assertThat(found.accuracy()).isEqualTo(0.5);
    assertThat(found.worstMistakes()).hasSize(100).first().extracting("index").isEqualTo(1);
  }
}
