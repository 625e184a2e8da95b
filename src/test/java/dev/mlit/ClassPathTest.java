package dev.mlit;

import static org.assertj.core.api.Assertions.assertThat;

import dev.mlit.data.FileTree;
import dev.mlit.data.published.DatasetFetch;
import dev.mlit.data.published.FashionMnist;
import dev.mlit.data.published.Svhn;
import dev.mlit.insight.Progress;
import dev.mlit.onnx.OnnxFile;
import dev.mlit.savedmodel.Classifier;
import dev.mlit.serve.ModelServer;
import dev.mlit.spec.Specs;
import dev.mlit.spec.text.OptionalLibrary;
import dev.mlit.study.Study;
import dev.mlit.testing.ChildJava;
import dev.mlit.testing.TinyData;
import java.io.File;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.Callable;
import org.apache.commons.io.file.PathUtils;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * mlit with no more on the class path than its POM brings to a service, in a process of its own. If
 * it fails, whoever only classifies pictures ends in a NoClassDefFoundError, or a user who lacks
 * one library is not told which.
 */
@Tag("slow")
class ClassPathTest {
  /** What is optional in the POM, and what comes with it. */
  private static final String OPTIONAL =
      "(picocli|progressbar|jline|mfl-core|commons-(compress|codec|lang3|statistics|numbers|rng)"
          + "|jetty|tribuo|slf4j-simple)-.*";

  private static final String NATIVE = "tensorflow-core-native-.*(linux|macosx).*";

  private static final Path MODEL = Path.of("savedmodels/cifar10");

  @TempDir private static Path shared;
  private static Path mlit;

  /** As the jar has it. */
  @BeforeAll
  static void withoutTheImages() throws Exception {
    Path classes = Path.of(Mlit.class.getProtectionDomain().getCodeSource().getLocation().toURI());
    mlit = shared.resolve("classes");
    PathUtils.copyDirectory(classes, mlit);
    PathUtils.deleteDirectory(mlit.resolve("dev/mlit/data/published/fashion-small"));
  }

  private static String classPath(String leftOut) {
    List<String> all = new ArrayList<>();
    for (String entry : System.getProperty("java.class.path").split(File.pathSeparator, -1)) {
      Path path = Path.of(entry);
      boolean isMlit = Files.exists(path.resolve("dev/mlit/Mlit.class"));
      if (isMlit) {
        all.add(mlit.toString());
      } else if (!path.getFileName().toString().matches(leftOut)) {
        all.add(entry);
      }
    }
    return String.join(File.pathSeparator, all);
  }

  @Test
  void withoutWhatIsOptionalPicturesAreClassifiedAndModelsTrained() throws Exception {
    Path directory = Files.createTempDirectory(shared, "run");

    List<String> lines =
        ChildJava.runWith(
            classPath(OPTIONAL), directory, List.of(), Service.class, directory.toString());

    assertThat(lines.get(0)).matches("Prediction\\[index=\\d, label=[a-z]+, probability=0\\.\\d+]");
    assertThat(lines)
        .contains("no bar, which needs me.tongfei:progressbar:0.10.1")
        .anyMatch(line -> line.startsWith("epoch 1/1  loss"));
    assertThat(directory.resolve("model/saved_model.pb")).isRegularFile();
  }

  /** Classifies a picture, then trains, as on a terminal. */
  static final class Service {
    private Service() {}

    public static void main(String[] arguments) {
      try (Classifier classifier = Mlit.load(MODEL)) {
        System.out.println(classifier.classify(Path.of("examples/images/bag.png"), 1).get(0));
      }
      Path directory = Path.of(arguments[0]);
      Mlit.train(
          TinyData.run().export(directory.resolve("model").toString()).build(),
          trainer ->
              trainer
                  .data(TinyData.dataset(50, 30))
                  .directory(directory.resolve("run"))
                  .listener(Progress.on(System.out, true)));
    }
  }

  /** All in one process, as a library that one of them has loaded must not hide that of another. */
  @Test
  void whatNeedsALibraryThatIsNotThereNamesIt() throws Exception {
    Path directory = Files.createTempDirectory(shared, "feature");
    Files.createFile(directory.resolve("train_32x32.mat"));

    List<String> lines =
        ChildJava.runWith(
            classPath(OPTIONAL),
            directory,
            List.of(),
            Feature.class,
            directory.toString(),
            "zip",
            "tar",
            "unpack",
            "matlab",
            "study",
            "onnx",
            "serve",
            "images");

    assertThat(lines)
        .containsExactly(
            missing("to read the zip photos.zip", OptionalLibrary.ARCHIVES),
            missing("to read the archive photos.tar.gz", OptionalLibrary.ARCHIVES),
            missing("to unpack archives", OptionalLibrary.ARCHIVES),
            missing(
                "to read the MATLAB file " + directory.resolve("train_32x32.mat"),
                OptionalLibrary.MATLAB),
            missing("to compare the runs of a study", OptionalLibrary.STATISTICS),
            missing("to write ONNX files", OptionalLibrary.ONNX),
            missing("to serve a model", OptionalLibrary.HTTP),
            "InvalidInputException: fashion-small: its images are not on the class path; add"
                + " dev.mlit:mlit-datasets, of the same version as mlit");
  }

  private static String missing(String purpose, OptionalLibrary library) {
    return "IllegalStateException: %s, add %s to the class path"
        .formatted(purpose, library.coordinates());
  }

  /** Uses features, and prints what each throws. */
  static final class Feature {
    private Feature() {}

    public static void main(String[] arguments) {
      Path directory = Path.of(arguments[0]);
      Map<String, Callable<?>> features =
          Map.of(
              "zip", () -> FileTree.open(Path.of("photos.zip")),
              "tar", () -> FileTree.open(Path.of("photos.tar.gz")),
              "unpack", () -> DatasetFetch.of("cifar10").unpack(true).to(directory).run(),
              "matlab", () -> Svhn.read(directory),
              "study",
                  () ->
                      Study.of(
                              Specs.study(Path.of("specs/studies/eurosat.yaml"), List.of()),
                              Path.of("specs/studies"))
                          .directory(directory)
                          .run(),
              "onnx",
                  () -> {
                    OnnxFile.requireWritable(directory.resolve("x.onnx"));
                    return directory;
                  },
              "serve", () -> ModelServer.start(MODEL),
              "images", FashionMnist::small,
              "load", () -> Mlit.load(MODEL));
      for (String name : List.of(arguments).subList(1, arguments.length)) {
        try {
          System.out.println(Objects.requireNonNull(features.get(name)).call());
        } catch (Exception e) {
          System.out.println(e.getClass().getSimpleName() + ": " + e.getMessage());
        }
      }
    }
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "Linux|amd64|for linux-x86_64 is not on the class path; add dev.mlit:mlit-platform:",
        "Mac OS X|x86_64|TensorFlow has no native library for macosx-x86_64; it has one for linux-x86_64,",
        "Windows 11|amd64|mlit is not tested on Windows; TensorFlow has a native library for it,",
      })
  void withoutANativeLibraryTheArtifactOfThePlatformIsNamed(
      String name, String architecture, String message) throws Exception {
    Path directory = Files.createTempDirectory(shared, "native");

    List<String> lines =
        ChildJava.runWith(
            classPath(OPTIONAL + "|" + NATIVE),
            directory,
            List.of("-Dos.name=" + name, "-Dos.arch=" + architecture),
            Feature.class,
            directory.toString(),
            "load");

    assertThat(lines).hasSize(1);
    assertThat(lines.get(0)).startsWith("InvalidInputException: ").contains(message);
  }
}
