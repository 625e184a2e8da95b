package dev.mlit.spec;

import dev.mlit.spec.StudySpec.ArmKind;
import dev.mlit.spec.StudySpec.Pretraining;
import dev.mlit.spec.StudySpec.Target;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;

/** The rules between the fields of a study. */
final class StudyRules {
  /** A study decides these itself, or they are the images that settings are compared on. */
  private static final Pattern NOT_SWEPT =
      Pattern.compile(
          "(name|task|export|data|initialize|training\\.seed|training\\.test-every)(\\..*)?");

  private static final int MOST_SETTINGS = 1000;

  private StudyRules() {}

  static void check(StudySpec study) {
    Rules rules = Rules.of(study);
    some(rules, "targets", study.targets());
    some(rules, "arms", study.arms());
    some(rules, "seeds", study.seeds());
    different(
        rules,
        "pretraining",
        "names",
        study.pretraining().stream().map(Pretraining::name).toList());
    different(rules, "targets", "names", study.targets().stream().map(Target::name).toList());
    different(rules, "arms", "names", study.arms().stream().map(StudySpec.Arm::name).toList());
    different(rules, "seeds", "seeds", study.seeds());
    for (int i = 0; i < study.pretraining().size(); i++) {
      Pretraining each = study.pretraining().get(i);
      rules.require(
          () -> each.run() != null || each.from() != null,
          "pretraining[" + i + "]",
          "must have run, from, or both");
      rules.require(
          () -> each.run() != null || each.set().isEmpty(),
          "pretraining[" + i + "].set",
          "must be left out where there is no run: it is trained already");
    }
    for (int i = 0; i < study.targets().size(); i++) {
      List<Double> labels =
          study.targets().get(i).fractions().stream().map(StudySpec.Fraction::labels).toList();
      some(rules, "targets[" + i + "].fractions", labels);
      different(rules, "targets[" + i + "].fractions", "labels", labels);
    }
    for (int i = 0; i < study.arms().size(); i++) {
      sweep(rules, "arms[" + i + "].sweep", study.arms().get(i).sweep());
    }
    rules.require(
        () -> study.sweepSeeds() <= study.seeds().size(),
        "sweep-seeds",
        study.sweepSeeds() + " must be at most the number of seeds, " + study.seeds().size(),
        "seeds");
    boolean transfers = study.arms().stream().anyMatch(arm -> arm.arm() != ArmKind.SCRATCH);
    rules.require(
        () -> !transfers || !study.pretraining().isEmpty(),
        "pretraining",
        "at least one is required, as there are other arms than scratch",
        "arms");
    rules.verify();
  }

  private static void sweep(Rules rules, String field, Map<String, List<String>> sweep) {
    long settings = 1;
    for (Map.Entry<String, List<String>> each : sweep.entrySet()) {
      String place = field + "." + each.getKey();
      rules.require(
          () -> !NOT_SWEPT.matcher(each.getKey()).matches(),
          place,
          "must not be swept: settings are compared on the same images, from the same start, by the"
              + " study's seeds");
      some(rules, place, each.getValue());
      different(rules, place, "values", each.getValue());
      settings = Math.min(MOST_SETTINGS + 1L, settings * each.getValue().size());
    }
    boolean few = settings <= MOST_SETTINGS;
    rules.require(
        () -> few, field, "must have at most " + MOST_SETTINGS + " combinations of values");
  }

  private static void some(Rules rules, String field, List<?> list) {
    rules.require(() -> !list.isEmpty(), field, "at least one is required");
  }

  private static void different(Rules rules, String field, String what, List<?> list) {
    rules.require(
        () -> new HashSet<>(list).size() == list.size(),
        field,
        "the " + what + " " + list + " must differ from each other");
  }
}
