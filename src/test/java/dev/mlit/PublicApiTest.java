package dev.mlit;

import static com.tngtech.archunit.base.DescribedPredicate.describe;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static org.assertj.core.api.Assertions.assertThat;

import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.domain.JavaCodeUnit;
import com.tngtech.archunit.core.domain.JavaMember;
import com.tngtech.archunit.core.domain.JavaModifier;
import com.tngtech.archunit.core.importer.ImportOption.DoNotIncludeTests;
import com.tngtech.archunit.junit.AnalyzeClasses;
import com.tngtech.archunit.junit.ArchTest;
import com.tngtech.archunit.lang.ArchCondition;
import com.tngtech.archunit.lang.ArchRule;
import com.tngtech.archunit.lang.ConditionEvents;
import com.tngtech.archunit.lang.SimpleConditionEvent;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.apiguardian.api.API;
import org.apiguardian.api.API.Status;

/**
 * What users may rely on. If this fails, a type became part of the API, or left it, without anybody
 * having decided so; or a user cannot write down the type of what a method gives.
 */
@AnalyzeClasses(packages = "dev.mlit", importOptions = DoNotIncludeTests.class)
class PublicApiTest {
  /**
   * All of the API, with the types that are nested in them; docs/releasing.md says what it means.
   */
  private static final Set<String> LISTED =
      Set.of(
          "Mlit",
          "cluster.InterruptedWaitException",
          "cluster.WorkerLostException",
          "data.Batch",
          "data.Dataset",
          "data.DatasetProvider",
          "data.Datasets",
          "data.ImageFolder",
          "data.MemorySplit",
          "data.ReadOptions",
          "data.Split",
          "data.image.InterruptedReadException",
          "data.published.DatasetCheck",
          "data.published.DatasetFetch",
          "data.published.FetchException",
          "data.published.FetchListener",
          "data.published.FileCheck",
          "data.published.PublishedFile",
          "files.NotWrittenException",
          "insight.EvaluationReport",
          "insight.Progress",
          "insight.RunReport",
          "insight.TensorBoard",
          "model.RouterLoad",
          "onnx.OnnxOutput",
          "photos.PhotoOptions",
          "savedmodel.Classifier",
          "savedmodel.ClassifierOptions",
          "savedmodel.Evaluation",
          "savedmodel.ImageResult",
          "savedmodel.ImageSource",
          "savedmodel.ModelImport",
          "savedmodel.ModelOutputs",
          "savedmodel.OtherClassesException",
          "savedmodel.Prediction",
          "savedmodel.Reconstructor",
          "serve.ModelServer",
          "serve.ServerOptions",
          "spec.AugmentationSpec",
          "spec.AugmentationSpecBuilder",
          "spec.CheckpointsSpec",
          "spec.ClusterSpec",
          "spec.EarlyStopping",
          "spec.ImageShape",
          "spec.InvalidInputException",
          "spec.InvalidSpecException",
          "spec.ModelCost",
          "spec.ModelSpec",
          "spec.ModelSpecBuilder",
          "spec.NeighboursSpec",
          "spec.OptimizerSpec",
          "spec.Precision",
          "spec.Presets",
          "spec.ProbeSpec",
          "spec.Problem",
          "spec.RunSpec",
          "spec.RunSpecBuilder",
          "spec.ScheduleSpec",
          "spec.Specs",
          "spec.StudySpec",
          "spec.StudySpecBuilder",
          "spec.TrainingSpec",
          "spec.advice.Advice",
          "spec.advice.Advised",
          "spec.advice.AdvisedException",
          "spec.advice.Message",
          "study.Cell",
          "study.Outcome",
          "study.Study",
          "study.StudyListener",
          "study.StudyResult",
          "train.EpochChoice",
          "train.ListenerProvider",
          "train.Predictions",
          "train.RunDirectory",
          "train.RunStoppedException",
          "train.Trainer",
          "train.TrainingListener",
          "train.TrainingResult",
          "train.WriteFailedException",
          "train.step.DivergedException",
          "zoo.Zoo",
          "zoo.ZooModel");

  @ArchTest
  static void apiIsWhatIsListed(JavaClasses all) {
    Set<String> found =
        all.stream()
            .filter(PublicApiTest::isApi)
            .filter(type -> type.getEnclosingClass().isEmpty())
            .map(PublicApiTest::name)
            .collect(Collectors.toCollection(TreeSet::new));
    assertThat(found)
        .as("public types without @API(status = INTERNAL) on them or on their package")
        .containsExactlyInAnyOrderElementsOf(LISTED);
  }

  @ArchTest
  static final ArchRule apiCanBeUsedWithoutInternalTypes =
      classes()
          .that(describe("are of the API", PublicApiTest::isApi))
          .should(mentionOnlyApi())
          .because("a user would have to name it, and it may change without notice");

  private static ArchCondition<JavaClass> mentionOnlyApi() {
    return new ArchCondition<>("mention only the API in public members") {
      @Override
      public void check(JavaClass type, ConditionEvents events) {
        Stream<JavaClass> parents =
            Stream.concat(type.getRawSuperclass().stream(), type.getRawInterfaces().stream());
        parents.forEach(parent -> report(type, type.getName(), parent, events));
        for (JavaMember member : type.getMembers()) {
          if (member.getModifiers().contains(JavaModifier.PUBLIC)
              && !member.getModifiers().contains(JavaModifier.SYNTHETIC)
              && !isInternal(member.tryGetAnnotationOfType(API.class))) {
            mentioned(member).forEach(t -> report(type, member.getFullName(), t, events));
          }
        }
      }
    };
  }

  private static void report(
      JavaClass type, String place, JavaClass mentioned, ConditionEvents events) {
    String room = mentioned.getPackageName();
    boolean fine =
        room.startsWith("dev.mlit")
            ? isApi(mentioned)
            : !room.startsWith("org.tensorflow") || room.equals("org.tensorflow.types");
    String message = place + " mentions " + mentioned.getName() + ", which is not of the API";
    events.add(new SimpleConditionEvent(type, fine, message));
  }

  private static Stream<JavaClass> mentioned(JavaMember member) {
    if (member instanceof JavaCodeUnit code) {
      return Stream.concat(
          code.getReturnType().getAllInvolvedRawTypes().stream(),
          code.getParameterTypes().stream().flatMap(t -> t.getAllInvolvedRawTypes().stream()));
    }
    return member.getAllInvolvedRawTypes().stream();
  }

  /** Whether a user may name it: it and all around it are public, and marked as no one's else. */
  private static boolean isApi(JavaClass type) {
    if (!type.getModifiers().contains(JavaModifier.PUBLIC)) {
      return false;
    }
    if (type.getEnclosingClass().isPresent()) {
      return isApi(type.getEnclosingClass().get())
          && !isInternal(type.tryGetAnnotationOfType(API.class));
    }
    // What a type says of itself wins over what its package says.
    return !isInternal(
        type.tryGetAnnotationOfType(API.class)
            .or(() -> type.getPackage().tryGetAnnotationOfType(API.class)));
  }

  private static boolean isInternal(Optional<API> mark) {
    return mark.map(API::status).filter(Status.INTERNAL::equals).isPresent();
  }

  private static String name(JavaClass type) {
    return type.getName().substring("dev.mlit.".length());
  }
}
