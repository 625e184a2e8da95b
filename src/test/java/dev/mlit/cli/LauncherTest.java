package dev.mlit.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.mlit.testing.Checkout;
import dev.mlit.testing.Checkout.Result;
import java.io.File;
import java.io.IOException;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * The script {@code mlit}, as a process of its own in some other directory. If it fails, the first
 * command of the README does, or what it prints is lost in TensorFlow's log.
 *
 * <p>It runs on a copy of the script beside the classes that are tested, and what it takes for
 * Maven is a script that notes that it was called: a build that starts a build in the same
 * directory would tread on its own feet.
 */
@Tag("slow")
class LauncherTest {
  private static final Instant EARLIER = Instant.parse("2026-01-01T00:00:00Z");
  private static final Instant LATER = Instant.parse("2026-01-02T00:00:00Z");

  /** What Maven writes for the launcher before tests are compiled. */
  private static final Path CLASSPATH = Path.of("target", "classpath");

  private static final String RUN =
      """
      name: launched
      model:
        name: tiny
        image: {height: 28, width: 28, channels: 1}
        patch: 7
        embedding: 12
        attention: {heads: 2, groups: 1}
        stages: [{layers: 1, experts: 2}]
        hidden: {first: 8, last: 8}
        classes: 10
      data: {dataset: fashion-small}
      training: {epochs: 1, batch: 16, steps: 2}
      """;

  @TempDir private Path home;
  @TempDir private Path elsewhere;

  @BeforeAll
  static void needBash() throws IOException, InterruptedException {
    boolean bash;
    try {
      bash =
          new ProcessBuilder("bash", "-c", "true")
                  .redirectErrorStream(true)
                  .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                  .start()
                  .waitFor()
              == 0;
    } catch (IOException e) {
      bash = false;
    }
    assumeTrue(bash, "no bash on this system: the launcher needs it");
    assumeTrue(
        Files.exists(CLASSPATH), CLASSPATH + " is not there: the launcher is tested by mvn test");
  }

  /** A checkout that is built. */
  @BeforeEach
  void layOut() throws IOException, URISyntaxException {
    Files.copy(Path.of("mlit"), home.resolve("mlit"));
    assertThat(home.resolve("mlit").toFile().setExecutable(true)).isTrue();
    Files.createSymbolicLink(home.resolve("specs"), Path.of("specs").toAbsolutePath());
    touch(home.resolve("pom.xml"), EARLIER);
    touch(home.resolve("src/main/Some.java"), EARLIER);
    Files.setLastModifiedTime(home.resolve("src/main"), FileTime.from(EARLIER));
    Path classes = Path.of(Main.class.getProtectionDomain().getCodeSource().getLocation().toURI());
    Path target = Files.createDirectory(home.resolve("target"));
    Files.createSymbolicLink(target.resolve("classes"), classes);
    Files.copy(CLASSPATH, target.resolve("classpath-cpu"));
    touch(target.resolve("built-cpu"), LATER);
    checkout().maven("exit 99");
  }

  @AfterEach
  void removeLinks() throws IOException {
    Files.delete(home.resolve("specs"));
    Files.delete(home.resolve("target/classes"));
  }

  @Test
  void printsTheResultOnTheLastLineOfStandardOutput() throws Exception {
    Result outcome =
        mlit("summary", home.resolve("specs/models/mlit-xxs.yaml").toString(), "--json");

    assertThat(outcome.exit()).as("%s", outcome.err()).isZero();
    assertThat(outcome.err()).isEmpty();
    JsonNode json = new ObjectMapper().readTree(outcome.out().get(outcome.out().size() - 1));
    assertThat(json.path("parameters").asLong()).isEqualTo(665_282);
  }

  /** As the zip of modules/distribution has it: bin/mlit beside lib. */
  @Test
  void inADistributionItNeedsNoMaven() throws Exception {
    Path place = Files.createDirectory(elsewhere.resolve("mlit 1"));
    Path launcher = Files.createDirectory(place.resolve("bin")).resolve("mlit");
    Files.copy(Path.of("mlit"), launcher);
    assertThat(launcher.toFile().setExecutable(true)).isTrue();
    Path lib = Files.createDirectory(place.resolve("lib"));
    for (String jar : Files.readString(CLASSPATH).split(File.pathSeparator, -1)) {
      Files.createSymbolicLink(lib.resolve(Path.of(jar).getFileName()), Path.of(jar));
    }
    Map<String, String> classes =
        Map.of("MLIT_CLASSPATH", home.resolve("target/classes").toString());

    Result outcome = checkout().run(launcher, classes, "summary", "mlit-xxs");

    assertThat(outcome.exit()).as("%s", outcome.err()).isZero();
    assertThat(outcome.err()).isEmpty();
    assertThat(String.join("\n", outcome.out())).contains("665,282");
    assertThat(home.resolve("calls")).doesNotExist();
  }

  @Test
  void saysInOneLineWhatIsWrong() throws Exception {
    assertThat(mlit("summary", "nothere.yaml"))
        .isEqualTo(new Result(2, List.of(), List.of("nothere.yaml: no such file")));
  }

  @Test
  void findsTheQuickstartFromAnyDirectory() throws Exception {
    Result outcome = mlit("train", "--set", "training.epochs=0");

    assertThat(outcome)
        .isEqualTo(
            new Result(
                2,
                List.of(),
                List.of(
                    "--set training.epochs: training.epochs: 0 must be at least 1 and at most"
                        + " 100000")));
    assertThat(elsewhere).isEmptyDirectory();
  }

  @Test
  void trainingShowsItsProgressAndNothingOfTensorFlowsLog() throws Exception {
    Files.writeString(elsewhere.resolve("run.yaml"), RUN);

    Result outcome = mlit("train", "run.yaml", "--json", "--out", "out");

    assertThat(outcome.exit()).as("%s", outcome.err()).isZero();
    assertThat(outcome.out()).hasSize(1);
    assertThat(new ObjectMapper().readTree(outcome.out().get(0)).path("run").asText())
        .isEqualTo("out");
    assertThat(elsewhere.resolve("out/savedmodel/saved_model.pb")).isRegularFile();
    assertThat(String.join("\n", outcome.err()))
        .doesNotContain("absl", "I0000", "oneDNN", "cpu_feature_guard", "WARNING");
    assertThat(outcome.err())
        .isNotEmpty()
        .allMatch(line -> line.matches("(out: tiny, |step \\d of 2, |epoch 1/1 ).*"));
  }

  @Test
  void handsOptionsOnToJava() throws Exception {
    Result outcome = mlit(Map.of("MLIT_JAVA_OPTS", "-Xmx64m -XX:+NoSuchOption"), "--version");

    assertThat(outcome.exit()).isEqualTo(1);
    assertThat(outcome.err()).anyMatch(line -> line.contains("NoSuchOption"));
  }

  @Test
  void runsThroughLinksAndWithACdpath() throws Exception {
    Path links = Files.createDirectory(elsewhere.resolve("bin"));
    Files.createSymbolicLink(links.resolve("absolute"), home.resolve("mlit"));
    Files.createSymbolicLink(links.resolve("mlit"), Path.of("absolute"));
    Files.createDirectories(elsewhere.resolve("other/" + home.getFileName()));

    Result outcome =
        checkout()
            .run(
                links.resolve("mlit"),
                Map.of("CDPATH", elsewhere.resolve("other").toString()),
                "summary",
                "mlit-xxs",
                "--json");

    assertThat(outcome.exit()).as("%s", outcome.err()).isZero();
    assertThat(outcome.out()).hasSize(1);
  }

  /** The version is on the second line where there are JAVA_TOOL_OPTIONS. */
  @ParameterizedTest
  @CsvSource({"17.0.2, false", "23, false", "24, true", "25.0.1, true", "25-ea, true"})
  void givesTheOptionOfNewVersionsToThese(String version, boolean given) throws Exception {
    Path java = home.resolve("bin/java");
    Files.writeString(
        java,
        """
        #!/usr/bin/env bash
        if [ "$1" = -version ]; then
          echo 'Picked up JAVA_TOOL_OPTIONS: -Dsome="quoted"' >&2
          echo 'openjdk version "%s" 2026-01-01' >&2
          echo 'OpenJDK Runtime Environment (build "x")' >&2
        else
          echo "$@"
          echo "$LC_ALL"
        fi
        """
            .formatted(version));
    assertThat(java.toFile().setExecutable(true)).isTrue();

    Result outcome = mlit(Map.of("LC_ALL", "C", "HOME", "/nowhere"), "--version");

    assertThat(outcome.out().get(0).contains("--enable-native-access=ALL-UNNAMED"))
        .isEqualTo(given);
    assertThat(outcome.out().get(0))
        .contains("-Dorg.bytedeco.javacpp.cachedir=" + home.toRealPath().resolve("target/javacpp"));
    assertThat(outcome.out().get(1)).isEqualTo("C.UTF-8");
  }

  @Test
  void buildsBeforeTheFirstCommand() throws Exception {
    Files.delete(home.resolve("target/built-cpu"));
    Files.delete(home.resolve("target/classpath-cpu"));
    checkout()
        .maven("cp '" + CLASSPATH.toAbsolutePath() + "' target/classpath-cpu; echo; echo WARNED");

    Result outcome = mlit("summary", "mlit-xxs", "--json");

    assertThat(outcome.exit()).as("%s", outcome.err()).isZero();
    assertThat(outcome.out()).hasSize(1);
    assertThat(outcome.err())
        .containsExactly(
            "mlit: building (the first time downloads TensorFlow, about 200 MB)", "WARNED");
    assertThat(checkout().calls())
        .containsExactly(
            "-B -q -ntp process-classes -Dmlit.classpath="
                + home.toRealPath().resolve("target/classpath-cpu"));
    assertThat(mlit("summary", "mlit-xxs", "--json").err()).isEmpty();
  }

  @Test
  void buildsAgainWhenASourceHasChanged() throws Exception {
    checkout().maven("true");
    Files.setLastModifiedTime(
        home.resolve("src/main/Some.java"), FileTime.from(LATER.plusSeconds(1)));

    assertThat(mlit("summary", "mlit-xxs").exit()).isZero();
    assertThat(checkout().calls()).hasSize(1);

    assertThat(mlit("summary", "mlit-xxs").exit()).isZero();
    assertThat(checkout().calls()).hasSize(1);
  }

  @Test
  void buildsWithTheProfileOfTheGpuInItsOwnPlace() throws Exception {
    checkout().maven("cp '" + CLASSPATH.toAbsolutePath() + "' target/classpath-gpu");

    Result outcome = mlit(Map.of("MLIT_GPU", "1"), "summary", "mlit-xxs");

    assertThat(outcome.exit()).as("%s", outcome.err()).isZero();
    assertThat(checkout().calls())
        .containsExactly(
            "-B -q -ntp -Pgpu process-classes -Dmlit.classpath="
                + home.toRealPath().resolve("target/classpath-gpu"));
    assertThat(home.resolve("target/built-gpu")).exists();
  }

  @Test
  void endsWithTheBuildThatFails() throws Exception {
    Files.delete(home.resolve("target/built-cpu"));
    checkout().maven("echo '[ERROR] no such thing'; exit 1");

    Result outcome = mlit("summary", "mlit-xxs", "--json");

    assertThat(outcome)
        .isEqualTo(
            new Result(
                1,
                List.of(),
                List.of(
                    "mlit: building (the first time downloads TensorFlow, about 200 MB)",
                    "[ERROR] no such thing",
                    "mlit: the build failed")));
    assertThat(home.resolve("target/built-cpu")).doesNotExist();
  }

  private Result mlit(String... arguments) throws IOException, InterruptedException {
    return mlit(Map.of(), arguments);
  }

  private Result mlit(Map<String, String> environment, String... arguments)
      throws IOException, InterruptedException {
    return checkout().run(home.resolve("mlit"), environment, arguments);
  }

  private static void touch(Path file, Instant time) throws IOException {
    Files.createDirectories(file.getParent());
    Files.setLastModifiedTime(Files.createFile(file), FileTime.from(time));
  }

  private Checkout checkout() {
    return new Checkout(home, elsewhere);
  }
}
