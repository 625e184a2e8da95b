package dev.mlit;

import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAnyPackage;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideOutsideOfPackage;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;

import com.tngtech.archunit.base.DescribedPredicate;
import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.importer.ImportOption.DoNotIncludeTests;
import com.tngtech.archunit.junit.AnalyzeClasses;
import com.tngtech.archunit.junit.ArchTest;
import com.tngtech.archunit.lang.ArchCondition;
import com.tngtech.archunit.lang.ArchRule;
import com.tngtech.archunit.lang.ConditionEvents;
import com.tngtech.archunit.lang.SimpleConditionEvent;
import com.tngtech.archunit.lang.syntax.elements.ClassesShouldConjunction;
import java.awt.image.RenderedImage;
import java.io.File;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.PrintStream;
import java.io.PrintWriter;
import java.text.NumberFormat;
import java.util.Formatter;
import java.util.stream.Stream;
import javax.imageio.ImageIO;
import org.jspecify.annotations.NullMarked;
import org.tensorflow.ExecutionEnvironment;
import org.tensorflow.op.Ops;

/**
 * If this fails, a user who only describes a model, or reads images, has to load TensorFlow for it;
 * or one part can no longer be read, tested or replaced without the others.
 */
@AnalyzeClasses(packages = "dev.mlit", importOptions = DoNotIncludeTests.class)
class ArchitectureTest {
  private static final String SPEC = "dev.mlit.spec..";
  private static final String FILES = "dev.mlit.files..";
  private static final String DATA = "dev.mlit.data..";
  private static final String TENSORFLOW = "dev.mlit.tensorflow..";
  private static final String WEIGHTS = "dev.mlit.weights..";
  private static final String CLUSTER = "dev.mlit.cluster..";
  private static final String MODEL = "dev.mlit.model..";
  private static final String AUGMENT = "dev.mlit.augment..";
  private static final String STEP = "dev.mlit.train.step..";
  private static final String PROBE = "dev.mlit.train.probe..";
  private static final String TRAIN = "dev.mlit.train";
  private static final String INSIGHT = "dev.mlit.insight..";
  private static final String BENCH = "dev.mlit.bench..";
  private static final String REPORT = "dev.mlit.report..";
  private static final String SAVEDMODEL = "dev.mlit.savedmodel..";
  private static final String ONNX = "dev.mlit.onnx..";
  private static final String ZOO = "dev.mlit.zoo..";
  private static final String SERVE = "dev.mlit.serve..";
  private static final String PHOTOS = "dev.mlit.photos..";
  private static final String FACADE = "dev.mlit";
  private static final String STUDY = "dev.mlit.study..";
  private static final String CLI = "dev.mlit.cli..";

  // ---- Which room may use which ----

  @ArchTest
  static final ArchRule specUsesNoOtherRoom =
      uses(SPEC).because("a spec can be written, checked and priced on any machine, by itself");

  @ArchTest
  static final ArchRule reportUsesNoOtherRoom =
      uses(REPORT).because("a page shows numbers and texts, wherever they come from");

  @ArchTest
  static final ArchRule filesUseSpec =
      uses(FILES, SPEC).because("whatever is written is written whole, by one mechanism");

  @ArchTest
  static final ArchRule dataUsesFiles =
      uses(DATA, FILES, SPEC).because("reading images knows nothing of models and training");

  @ArchTest
  static final ArchRule zooUsesFiles =
      uses(ZOO, FILES, SPEC).because("what a name stands for is known without loading it");

  @ArchTest
  static final ArchRule imagesAreDecodedBelowDatasets =
      uses("dev.mlit.data.image..", FILES, SPEC)
          .because("an image file is read the same way, whoever asks for it");

  @ArchTest
  static final ArchRule datasetsDoNotKnowWhatIsPublished =
      noClasses()
          .that()
          .resideInAnyPackage("dev.mlit.data", "dev.mlit.data.image..")
          .should()
          .dependOnClassesThat()
          .resideInAPackage("dev.mlit.data.published..")
          .because("a dataset of the user's own has the same rights: see DatasetProvider");

  @ArchTest
  static final ArchRule tensorflowUsesFiles =
      uses(TENSORFLOW, FILES, SPEC).because("the native runtime knows nothing of models");

  @ArchTest
  static final ArchRule weightsUseTensorflow =
      uses(WEIGHTS, TENSORFLOW, DATA, FILES, SPEC)
          .because("what lies in a file of weights is known without the model that uses it");

  @ArchTest
  static final ArchRule clusterUsesTensorflow =
      uses(CLUSTER, TENSORFLOW, DATA, FILES, SPEC)
          .because("workers add up numbers, whatever these are of");

  @ArchTest
  static final ArchRule modelUsesWeights =
      uses(MODEL, WEIGHTS, CLUSTER, TENSORFLOW, FILES, SPEC)
          .because("a graph follows from its spec alone, whatever it is trained on");

  @ArchTest
  static final ArchRule augmentUsesTensorflow =
      uses(AUGMENT, TENSORFLOW, DATA, FILES, SPEC)
          .because("what changes images can be looked at without a model");

  @ArchTest
  static final ArchRule stepUsesModelAndAugment =
      uses(STEP, MODEL, AUGMENT, WEIGHTS, CLUSTER, TENSORFLOW, DATA, FILES, SPEC)
          .because("a step computes and changes variables; it knows no run and no files");

  @ArchTest
  static final ArchRule probeUsesStep =
      uses(PROBE, STEP, WEIGHTS, CLUSTER, DATA, SPEC)
          .because("what features are worth does not depend on how they were trained");

  @ArchTest
  static final ArchRule trainUsesStepAndProbe =
      uses(TRAIN, PROBE, STEP, MODEL, AUGMENT, WEIGHTS, CLUSTER, TENSORFLOW, DATA, ZOO, FILES, SPEC)
          .because("a run is the same whoever watches it, and whatever is exported from it");

  @ArchTest
  static final ArchRule insightUsesTrain =
      uses(
              INSIGHT,
              REPORT,
              TRAIN,
              STEP,
              SAVEDMODEL,
              MODEL,
              AUGMENT,
              WEIGHTS,
              CLUSTER,
              TENSORFLOW,
              DATA,
              FILES,
              SPEC)
          .because(
              "what is shown of a run is what its listeners are told, and of a model what it answers");

  @ArchTest
  static final ArchRule benchUsesTrain =
      uses(
              BENCH,
              TRAIN,
              STEP,
              SAVEDMODEL,
              MODEL,
              AUGMENT,
              WEIGHTS,
              CLUSTER,
              TENSORFLOW,
              DATA,
              FILES,
              SPEC)
          .because("what is timed is what trains, and what serves");

  @ArchTest
  static final ArchRule savedModelUsesModel =
      uses(SAVEDMODEL, MODEL, WEIGHTS, CLUSTER, TENSORFLOW, DATA, FILES, SPEC)
          .because("a service that only predicts carries no training");

  @ArchTest
  static final ArchRule onnxUsesWeights =
      uses(ONNX, WEIGHTS, TENSORFLOW, FILES, SPEC)
          .because("a file of another format follows from a spec and its weights");

  @ArchTest
  static final ArchRule onlyOnnxNeedsItsFormat =
      noClasses()
          .that()
          .resideOutsideOfPackage(ONNX)
          .should()
          .dependOnClassesThat()
          .resideInAnyPackage("ai.onnx..", "org.tribuo..")
          .because("Tribuo is optional, and whoever writes no ONNX file has none");

  @ArchTest
  static final ArchRule serveUsesSavedModel =
      uses(SERVE, SAVEDMODEL, MODEL, WEIGHTS, TENSORFLOW, DATA, FILES, SPEC)
          .because("a service carries no training");

  @ArchTest
  static final ArchRule onlyServeNeedsTheHttpServer =
      noClasses()
          .that()
          .resideOutsideOfPackage(SERVE)
          .should()
          .dependOnClassesThat()
          .resideInAPackage("org.eclipse.jetty..")
          .because("Jetty is optional, and whoever only calls a Classifier has none");

  @ArchTest
  static final ArchRule onlyTheCommandLineNeedsPicocli =
      noClasses()
          .that()
          .resideOutsideOfPackage(CLI)
          .should()
          .dependOnClassesThat()
          .resideInAPackage("picocli..")
          .because("picocli is optional, and a program with mlit as a library has none");

  @ArchTest
  static final ArchRule photosUseTrain =
      uses(PHOTOS, TRAIN, STEP, CLUSTER, DATA, ZOO, FILES, SPEC)
          .because("what is decided about pictures is a run like any other");

  @ArchTest
  static final ArchRule facadeUsesAllButStudiesAndCommands =
      uses(
              FACADE,
              PHOTOS,
              INSIGHT,
              TRAIN,
              SAVEDMODEL,
              ONNX,
              MODEL,
              WEIGHTS,
              TENSORFLOW,
              DATA,
              ZOO,
              FILES,
              SPEC)
          .because("Mlit is the way in and shows no TensorFlow graph");

  @ArchTest
  static final ArchRule studyUsesTraining =
      uses(
              STUDY,
              FACADE,
              INSIGHT,
              TRAIN,
              STEP,
              REPORT,
              SAVEDMODEL,
              MODEL,
              WEIGHTS,
              TENSORFLOW,
              DATA,
              ZOO,
              FILES,
              SPEC)
          .because("a study is made of runs, and no command line is needed for it");

  @ArchTest
  static final ArchRule nothingUsesTheCommandLine =
      noClasses()
          .that()
          .resideOutsideOfPackage(CLI)
          .should()
          .dependOnClassesThat()
          .resideInAPackage(CLI)
          .because("whatever a command does can be done from Java");

  @ArchTest
  static final ArchRule onlyCommandLineAndStudiesUseTheFacade =
      noClasses()
          .that()
          .resideOutsideOfPackages(FACADE, STUDY, CLI)
          .should()
          .dependOnClassesThat()
          .resideInAPackage(FACADE)
          .because("the facade is made of the packages below it");

  @ArchTest
  static final ArchRule roomsHaveNoCircles =
      slices()
          .matching("dev.mlit.(**)")
          .should()
          .beFreeOfCycles()
          .because("a room is understood after those that it uses");

  // ---- Where TensorFlow may be ----

  @ArchTest
  static final ArchRule specsNeedNoTensorFlow =
      withoutTensorFlow(SPEC)
          .because(
              "a spec can be checked where there is no native library, in an editor or a form");

  @ArchTest
  static final ArchRule dataNeedsNoTensorFlow =
      withoutTensorFlow(DATA)
          .because("a dataset can be fetched and checked where there is no native library");

  @ArchTest
  static final ArchRule onnxNeedsNoGraphOfTensorFlow =
      withoutTensorFlow(ONNX)
          .because("an ONNX file can be written where there is no native library");

  @ArchTest
  static final ArchRule reportsNeedNoTensorFlow =
      withoutTensorFlow(REPORT).because("a page is text");

  @ArchTest
  static final ArchRule onlyOneRoomUsesTheInternalsOfTensorFlow =
      noClasses()
          .that()
          .resideOutsideOfPackage(TENSORFLOW)
          .should()
          .dependOnClassesThat()
          .resideInAPackage("org.tensorflow.internal..")
          .because("what TensorFlow Java may change without notice is used in one place");

  @ArchTest
  static final ArchRule filesNeedNoTensorFlow =
      withoutTensorFlow(FILES).because("a file is a file");

  // ---- What the environment must not change ----

  @ArchTest
  static final ArchRule noTextDependsOnTheLocale =
      noClasses()
          .should()
          .callMethod(String.class, "format", String.class, Object[].class)
          .orShould()
          .callMethod(String.class, "formatted", Object[].class)
          .orShould()
          .callMethod(String.class, "toLowerCase")
          .orShould()
          .callMethod(String.class, "toUpperCase")
          .orShould()
          .callMethod(PrintStream.class, "printf", String.class, Object[].class)
          .orShould()
          .callMethod(PrintStream.class, "format", String.class, Object[].class)
          .orShould()
          .callMethod(PrintWriter.class, "printf", String.class, Object[].class)
          .orShould()
          .callMethod(PrintWriter.class, "format", String.class, Object[].class)
          .orShould()
          .callConstructor(Formatter.class)
          .orShould()
          .callMethod(NumberFormat.class, "getInstance")
          .because("in an Arabic locale the digits are others, in a Turkish one the letters");

  @ArchTest
  static final ArchRule operationsHaveTheSameNamesInEveryLocale =
      noClasses()
          .that()
          .doNotHaveFullyQualifiedName("dev.mlit.tensorflow.Operations")
          .should()
          .callMethod(Ops.class, "create", ExecutionEnvironment.class)
          .because("TensorFlow Java numbers names in the digits of the locale");

  @ArchTest
  static final ArchRule picturesNeedNoTemporaryFile =
      noClasses()
          .should()
          .callMethod(ImageIO.class, "write", RenderedImage.class, String.class, File.class)
          .orShould()
          .callMethod(ImageIO.class, "write", RenderedImage.class, String.class, OutputStream.class)
          .orShould()
          .callMethod(ImageIO.class, "read", File.class)
          .orShould()
          .callMethod(ImageIO.class, "read", InputStream.class)
          .orShould()
          .callMethod(ImageIO.class, "createImageInputStream", Object.class)
          .orShould()
          .callMethod(ImageIO.class, "createImageOutputStream", Object.class)
          .because("ImageIO makes one, and a full temporary directory would end a training");

  // ---- Null ----

  @ArchTest
  static final ArchRule noNullCrossesThePublicApi =
      classes()
          .should(
              new ArchCondition<JavaClass>("reside in a package that is @NullMarked") {
                @Override
                public void check(JavaClass type, ConditionEvents events) {
                  boolean marked = type.getPackage().isAnnotatedWith(NullMarked.class);
                  String message = type.getName() + " is in a package without @NullMarked";
                  events.add(new SimpleConditionEvent(type, marked, message));
                }
              })
          .because("a caller in Kotlin, or with NullAway, relies on what is declared");

  /** The classes of a package of mlit, and the other packages of mlit that they may use. */
  private static ClassesShouldConjunction uses(String name, String... others) {
    String[] packages = Stream.concat(Stream.of(name), Stream.of(others)).toArray(String[]::new);
    DescribedPredicate<JavaClass> allowed =
        resideOutsideOfPackage("dev.mlit..").or(resideInAnyPackage(packages));
    return classes()
        .that()
        .resideInAPackage(name)
        .should()
        .onlyDependOnClassesThat(
            allowed.as("are in %s or not of mlit", String.join(", ", packages)));
  }

  private static ArchRule withoutTensorFlow(String name) {
    return noClasses()
        .that()
        .resideInAPackage(name)
        .should()
        .dependOnClassesThat()
        .resideInAPackage("org.tensorflow..");
  }
}
