package dev.mlit.study;

import static org.assertj.core.api.Assertions.assertThat;

import dev.mlit.spec.StudySpec.Arm;
import dev.mlit.spec.StudySpec.ArmKind;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** If this fails, a sweep leaves a combination out, or two of them write into one directory. */
class SettingTest {
  private static Arm arm(Map<String, List<String>> sweep) {
    return new Arm(ArmKind.SCRATCH, null, List.of(), sweep);
  }

  @Test
  void aSweepIsTheGridOfItsValuesTheLastFieldChangingFirst() {
    Map<String, List<String>> sweep = new LinkedHashMap<>();
    sweep.put("optimizer.learning-rate", List.of("1.0e-3", "4.0e-3"));
    sweep.put("optimizer.layer-decay", List.of("0.65", "0.75", "1"));
    assertThat(Setting.of(arm(sweep)))
        .extracting(Setting::text)
        .containsExactly(
            "optimizer.learning-rate=1.0e-3, optimizer.layer-decay=0.65",
            "optimizer.learning-rate=1.0e-3, optimizer.layer-decay=0.75",
            "optimizer.learning-rate=1.0e-3, optimizer.layer-decay=1",
            "optimizer.learning-rate=4.0e-3, optimizer.layer-decay=0.65",
            "optimizer.learning-rate=4.0e-3, optimizer.layer-decay=0.75",
            "optimizer.learning-rate=4.0e-3, optimizer.layer-decay=1");
  }

  @Test
  void anArmWithoutASweepHasOneSettingThatChangesNothing() {
    assertThat(Setting.of(arm(Map.of()))).containsExactly(Setting.NONE);
  }

  @Test
  void aDirectoryIsNamedAsItsSettingWhereThatIsTheNameOfAFile() {
    assertThat(new Setting(List.of("a.b=1.0e-3", "c=true")).directory())
        .isEqualTo("a.b=1.0e-3,c=true");
  }

  @Test
  void settingsThatCannotNameAFileHaveDirectoriesOfTheirOwn() {
    String one = new Setting(List.of("freeze=[a/b]")).directory();
    String other = new Setting(List.of("freeze=[a:b]")).directory();
    assertThat(one).matches("freeze=_a_b_-[0-9a-f]{8}").isNotEqualTo(other);
    String end = "x".repeat(300);
    assertThat(new Setting(List.of("a=" + end)).directory())
        .hasSize(120 + 1 + 8)
        .isNotEqualTo(new Setting(List.of("a=" + end + "x")).directory());
  }
}
