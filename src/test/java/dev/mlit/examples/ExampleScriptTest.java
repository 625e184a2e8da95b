package dev.mlit.examples;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.mlit.Mlit;
import dev.mlit.data.published.TinyPublished;
import dev.mlit.testing.Checkout;
import dev.mlit.testing.Checkout.Result;
import java.io.IOException;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import kotlin.Unit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * The script {@code examples/run}, as a process of its own in a checkout that is built. If it
 * fails, the commands in the headers of the examples do.
 *
 * <p>The checkout is a copy of the scripts beside the classes that are tested, and what it takes
 * for Maven is a script: a build must not start a build in the same directory.
 */
@Tag("slow")
class ExampleScriptTest {
  /** What Maven writes for the launcher before tests are compiled. */
  private static final Path CLASSPATH = Path.of("target", "classpath");

  @TempDir private Path home;
  @TempDir private Path elsewhere;

  @BeforeEach
  void layOut() throws IOException, URISyntaxException {
    assumeTrue(
        Files.isExecutable(Path.of("/bin/bash")), "no bash on this system: examples/run needs it");
    assumeTrue(Files.exists(CLASSPATH), CLASSPATH + " is not there: mvn test writes it");
    copy("mlit");
    copy("examples/run");
    link("examples/java");
    link("examples/kotlin");
    Files.createFile(home.resolve("pom.xml"));
    Files.createDirectories(home.resolve("src/main"));
    Path target = Files.createDirectory(home.resolve("target"));
    Files.createSymbolicLink(target.resolve("classes"), classes(Mlit.class));
    Files.createSymbolicLink(target.resolve("test-classes"), classes(ExampleScriptTest.class));
    Files.copy(CLASSPATH, target.resolve("classpath-cpu"));
    Path built = Files.createFile(target.resolve("built-cpu"));
    Files.setLastModifiedTime(built, FileTime.from(Instant.now().plusSeconds(60)));
    checkout().maven("exit 99");
  }

  /** Else what they lead to would be deleted with the directory. */
  @AfterEach
  void removeLinks() throws IOException {
    for (String link :
        List.of("examples/java", "examples/kotlin", "target/classes", "target/test-classes")) {
      Files.deleteIfExists(home.resolve(link));
    }
  }

  @Test
  void compilesAJavaExampleAndRunsItInTheDirectoryOfTheUser() throws Exception {
    TinyPublished.write("fashion-mnist", Files.createDirectory(elsewhere.resolve("images")));

    Result outcome = run("FashionMnist", "--steps", "1", "--data", "images", "--out", "out");

    assertThat(outcome.exit()).as("%s", outcome.err()).isZero();
    assertThat(outcome.out())
        .hasSize(1)
        .allMatch(line -> line.matches("out/savedmodel: accuracy .* on 4 test images"));
    assertThat(elsewhere.resolve("out/savedmodel/saved_model.pb")).isRegularFile();
  }

  @Test
  void hasMavenCompileTheKotlinExample() throws Exception {
    checkout().maven("echo '" + classes(Unit.class) + "' > target/classpath-kotlin");
    link("examples/images", elsewhere);

    Result outcome = run("Quickstart", "--steps", "1", "--out", "out");

    Files.delete(elsewhere.resolve("examples/images"));
    assertThat(outcome.exit()).as("%s", outcome.err()).isZero();
    assertThat(outcome.out()).anyMatch(line -> line.startsWith("sneaker.png: "));
    assertThat(checkout().calls())
        .containsExactly(
            "-B -q -ntp process-test-resources dependency:build-classpath -DincludeScope=test"
                + " -Dmdep.outputFile=target/classpath-kotlin");
  }

  @Test
  void namesTheExamplesThatThereAre() throws Exception {
    String known = "Cifar10 Cifar100 EuroSat FashionMnist Flowers102 Svhn Quickstart UseModel";

    assertThat(run("Cifar"))
        .isEqualTo(
            new Result(2, List.of(), List.of("examples/run: Cifar: must be one of " + known)));
    assertThat(run())
        .isEqualTo(
            new Result(2, List.of(), List.of("examples/run: no name: must be one of " + known)));
  }

  private void copy(String script) throws IOException {
    Path copy = home.resolve(script);
    Files.createDirectories(copy.getParent());
    Files.copy(Path.of(script), copy);
    assertThat(copy.toFile().setExecutable(true)).isTrue();
  }

  private void link(String folder) throws IOException {
    link(folder, home);
  }

  private static void link(String folder, Path where) throws IOException {
    Path link = where.resolve(folder);
    Files.createDirectories(link.getParent());
    Files.createSymbolicLink(link, Path.of(folder).toAbsolutePath());
  }

  private static Path classes(Class<?> type) throws URISyntaxException {
    return Path.of(type.getProtectionDomain().getCodeSource().getLocation().toURI());
  }

  private Result run(String... arguments) throws IOException, InterruptedException {
    return checkout().run(home.resolve("examples/run"), Map.of(), arguments);
  }

  private Checkout checkout() {
    return new Checkout(home, elsewhere);
  }
}
