package dev.mlit.spec;

import dev.mlit.spec.StudySpec.ArmKind;
import dev.mlit.spec.StudySpec.Pretraining;
import dev.mlit.spec.StudySpec.Target;
import java.util.HashSet;
import java.util.List;

/** The rules between the fields of a study. */
final class StudyRules {
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
    different(rules, "arms", "arms", study.arms().stream().map(StudySpec.Arm::arm).toList());
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
    boolean transfers = study.arms().stream().anyMatch(arm -> arm.arm() != ArmKind.SCRATCH);
    rules.require(
        () -> !transfers || !study.pretraining().isEmpty(),
        "pretraining",
        "at least one is required, as there are other arms than scratch",
        "arms");
    rules.verify();
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
