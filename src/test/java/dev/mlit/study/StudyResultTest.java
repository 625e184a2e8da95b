package dev.mlit.study;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.mlit.study.StudyResult.Candidate;
import dev.mlit.study.StudyResult.Choice;
import dev.mlit.study.StudyResult.Gain;
import dev.mlit.study.StudyResult.Row;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** If this fails, a study's gains are between other runs than it says, or miss their interval. */
class StudyResultTest {
  private static final double NEAR = 1e-12;

  private static Row row(String target, String arm, List<Integer> seeds, Double... accuracies) {
    return row(target, arm, null, seeds, accuracies);
  }

  private static Row row(
      String target,
      String arm,
      @Nullable String setting,
      List<Integer> seeds,
      Double... accuracies) {
    List<Double> all = List.of(accuracies);
    double mean = all.stream().mapToDouble(a -> a).average().orElseThrow();
    return new Row(
        target, 0.5, 1500, 24, arm, seeds, all, mean, all.size() == 1 ? null : 0.01, 7, setting);
  }

  private static final StudyResult RESULT =
      new StudyResult(
          "birds",
          "runs/birds",
          List.of(
              row("birds", "scratch", List.of(1, 2, 3), 0.5, 0.6, 0.7),
              row("birds", "fine-tune", "a=1, b=2", List.of(1, 2, 3), 0.6, 0.8, 0.7),
              row("birds", "probe_2", List.of(3), 0.4),
              row("fish", "scratch", List.of(1, 2), 0.2, 0.3),
              row("fish", "fine-tune", List.of(3), 0.9)),
          List.of(
              new Choice(
                  "birds",
                  0.5,
                  "fine-tune",
                  30,
                  "a=1, b=2",
                  List.of(
                      new Candidate("a=1, b=2", List.of(1), List.of(0.8), 0.8, false, 5),
                      new Candidate("a=9, b=2", List.of(1), List.of(), null, true, 5)))));

  @Test
  void gainsAreOfEveryArmAgainstThoseBeforeIt() {
    assertThat(RESULT.gains())
        .extracting(g -> g.target() + ": " + g.arm() + " against " + g.against() + g.seeds())
        .containsExactly(
            "birds: fine-tune against scratch[1, 2, 3]",
            "birds: probe_2 against scratch[3]",
            "birds: probe_2 against fine-tune[3]");
  }

  /** 0.1, 0.2 and 0: their mean, and 4.3027 of their standard errors around it. */
  @Test
  void aGainIsTheMeanOverThePairsWithItsInterval() {
    Gain gain = RESULT.gain("birds", 0.5, "fine-tune", "scratch").orElseThrow();
    assertThat(gain.mean()).isCloseTo(0.1, within(NEAR));
    assertThat(gain.low()).isCloseTo(0.1 - 4.30265 * 0.1 / Math.sqrt(3), within(1e-6));
    assertThat(gain.high()).isCloseTo(0.1 + 4.30265 * 0.1 / Math.sqrt(3), within(1e-6));
  }

  /** The mean of all is 0.1 lower for scratch, but the seed that both have is 0.3 higher. */
  @Test
  void seedsThatAreThroughInOneArmOnlyAreNotCompared() {
    Gain gain = RESULT.gain("birds", 0.5, "probe_2", "scratch").orElseThrow();
    assertThat(gain.mean()).isCloseTo(0.4 - 0.7, within(NEAR));
    assertThat(gain.low()).isNull();
    assertThat(gain.high()).isNull();
    assertThat(RESULT.gain("fish", 0.5, "fine-tune", "scratch")).isEmpty();
  }

  @Test
  void aGainTheOtherWayRoundIsItsOpposite() {
    Gain gain = RESULT.gain("birds", 0.5, "scratch", "fine-tune").orElseThrow();
    assertThat(gain.mean()).isCloseTo(-0.1, within(NEAR));
    assertThat(gain.high()).isCloseTo(-0.1 + 4.30265 * 0.1 / Math.sqrt(3), within(1e-6));
  }

  @Test
  void textHasAllThreeTables() {
    assertThat(RESULT.text())
        .isEqualTo(
            """
            target  labels  images       scratch     fine-tune  probe_2
            birds     50 %   1,500  60.00 ± 1.00  70.00 ± 1.00    40.00
            fish      50 %   1,500  25.00 ± 1.00         90.00        -

            target  labels  arm        against  gain in points     95 % interval  seeds
            birds   50 %    fine-tune  scratch          +10.00  -14.84 to +34.84      3
            birds   50 %    probe_2    scratch          -30.00              none      1

            target  labels  arm        setting   chosen  validation accuracy  seeds
            birds   50 %    fine-tune  a=1, b=2  chosen                80.00      1
            birds   50 %    fine-tune  a=9, b=2                     diverged      1
            """);
  }

  @Test
  void csvHasTheExactNumbers() {
    assertThat(RESULT.csv().lines())
        .startsWith(
            "target,labels,train_images,test_images,arm,setting,seeds,test_accuracies,mean,"
                + "standard_deviation,seconds",
            "birds,0.5,1500,24,scratch,,1 2 3,0.5 0.6 0.7,0.6,0.01,7.0")
        .contains("birds,0.5,1500,24,probe_2,,3,0.4,0.4,,7.0")
        .anyMatch(line -> line.startsWith("birds,0.5,1500,24,fine-tune,\"a=1, b=2\",1 2 3,"));
    assertThat(RESULT.gainsCsv().lines())
        .startsWith("target,labels,arm,against,seeds,gain,low,high")
        .anyMatch(
            line -> line.startsWith("birds,0.5,probe_2,scratch,3,-0.29") && line.endsWith(",,"));
  }

  @Test
  void latexIsTheTableOfTheText() {
    assertThat(RESULT.latex())
        .contains(
            "\\begin{tabular}{lrrrrr}",
            "target & labels & images & scratch & fine-tune & probe\\_2 \\\\",
            "birds & 50 \\% & 1,500 & 60.00 $\\pm$ 1.00 & 70.00 $\\pm$ 1.00 & 40.00 \\\\");
    assertThat(RESULT.gainsLatex())
        .contains(
            "birds & 50 \\% & fine-tune & scratch & $+10.00$ & $-14.84$ to $+34.84$ & 3 \\\\",
            "birds & 50 \\% & probe\\_2 & scratch & $-30.00$ & none & 1 \\\\",
            "birds & 50 \\% & probe\\_2 & fine-tune & $-30.00$ & none & 1 \\\\");
  }

  @Test
  void jsonHasGainsAndChoices() {
    assertThat(RESULT.json())
        .contains("\"gains\"", "\"against\" : \"scratch\"", "\"low\" : -0.14")
        .contains("\"choices\"", "\"chosen\" : \"a=1, b=2\"", "\"diverged\" : true")
        .contains("\"setting\" : \"a=1, b=2\"")
        .doesNotContain("null");
  }
}
