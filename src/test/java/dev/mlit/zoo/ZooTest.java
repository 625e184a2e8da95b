package dev.mlit.zoo;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import dev.mlit.Mlit;
import dev.mlit.savedmodel.Classifier;
import dev.mlit.savedmodel.StoredModel;
import dev.mlit.spec.InvalidInputException;
import java.io.IOException;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.jar.JarEntry;
import java.util.jar.JarOutputStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * The models that come along. If this fails, a name of the documentation loads nothing, or another
 * model than its card says; or a program without a clone finds none in the artifact.
 */
class ZooTest {
  private static final Path FOLDER = Path.of("savedmodels");
  private static final long MOST_BYTES = 30_000_000;

  @TempDir private Path directory;

  @Test
  void everyModelIsThereWithItsLabelsAndTheAccuracyThatItsCardSays() throws IOException {
    assertThat(Zoo.models()).isNotEmpty();
    for (ZooModel model : Zoo.models()) {
      Path place = Zoo.find(model.name()).orElseThrow();
      StoredModel stored = StoredModel.of(place);
      String card = Files.readString(place.resolve("README.md"));
      Double accuracy = model.accuracy();
      assertThat(stored.spec().isAutoencoder()).as(model.name()).isEqualTo(accuracy == null);
      if (accuracy != null) {
        assertThat(stored.labels()).hasSize(stored.spec().classes());
        assertThat(model.measured()).isNotBlank();
        assertThat(card)
            .contains(String.format(Locale.ROOT, "| test accuracy | %.4f on ", accuracy));
      }
      assertThat(card).as("a machine of its maker's").doesNotContain("/work/", "/home/", "/root/");
    }
  }

  @Test
  void allTogetherAreAtMost30Megabytes() throws IOException {
    long bytes = 0;
    for (ZooModel model : Zoo.models()) {
      try (Stream<Path> files = Files.walk(FOLDER.resolve(model.name()))) {
        bytes += files.filter(Files::isRegularFile).mapToLong(file -> file.toFile().length()).sum();
      }
    }
    assertThat(bytes).isLessThan(MOST_BYTES);
  }

  @Test
  void theArtifactHasEveryModel() throws IOException {
    String build = Files.readString(Path.of("pom.xml"));
    assertThat(Zoo.models())
        .allSatisfy(
            model -> assertThat(build).contains("<include>" + model.name() + "/**</include>"));
  }

  @Test
  void aPathThatExistsComesBeforeAName() throws IOException {
    String name = Zoo.models().get(0).name();
    assertThat(Zoo.resolve(name)).isEqualTo(Zoo.find(name).orElseThrow()).isDirectory();
    Path own = Files.createDirectory(directory.resolve(name));
    assertThat(Zoo.resolve(own.toString())).isEqualTo(own);
    String absent = directory.resolve("absent").toString();
    assertThat(Zoo.resolve(absent)).isEqualTo(Path.of(absent));
  }

  @Test
  void aModelWhoseFilesAreGoneIsNotListed() throws IOException {
    Files.copy(FOLDER.resolve(Shelf.INDEX), directory.resolve(Shelf.INDEX));
    assertThat(new Shelf.Folder(directory).models()).isEmpty();
    assertThat(Zoo.models())
        .as("all that the list has are there")
        .hasSize(Files.readString(FOLDER.resolve(Shelf.INDEX)).split("- name: ", -1).length - 1);
  }

  @Test
  void anUnknownNameListsTheZoo() {
    assertThatExceptionOfType(InvalidInputException.class)
        .isThrownBy(() -> Mlit.load("cifar11"))
        .withMessage(
            "cifar11: is neither there nor the name of a model that comes along; did you mean"
                + " cifar10? (%s)",
            Zoo.names());
  }

  @Test
  void modelsOfAnArtifactAreFoundOnTheClassPath() throws IOException {
    Path jar = directory.resolve("zoo.jar");
    String name = Zoo.models().get(0).name();
    try (JarOutputStream out = new JarOutputStream(Files.newOutputStream(jar));
        Stream<Path> files = Files.walk(FOLDER.resolve(name))) {
      for (Path file :
          Stream.concat(Stream.of(FOLDER.resolve(Shelf.INDEX)), files.filter(Files::isRegularFile))
              .toList()) {
        out.putNextEntry(
            new JarEntry(
                "dev/mlit/zoo/models/" + FOLDER.relativize(file).toString().replace('\\', '/')));
        Files.copy(file, out);
      }
    }
    try (URLClassLoader classes =
        new URLClassLoader(new URL[] {jar.toUri().toURL()}, ClassLoader.getPlatformClassLoader())) {
      Shelf shelf = new Shelf.ClassPath(classes);

      assertThat(shelf.models()).containsExactly(Zoo.models().get(0));
      Path copy = shelf.directory(name);
      assertThat(copy).isEqualTo(shelf.directory(name));
      assertThat(StoredModel.of(copy).spec())
          .isEqualTo(StoredModel.of(FOLDER.resolve(name)).spec());
    }
  }

  @Test
  void namesAreNotThoseOfPresetsOrRuns() throws IOException {
    List<String> names = Zoo.models().stream().map(ZooModel::name).toList();
    try (Stream<Path> specs = Files.list(Path.of("specs/models"))) {
      assertThat(specs.map(spec -> spec.getFileName().toString().replace(".yaml", "")))
          .doesNotContainAnyElementsOf(names);
    }
    assertThat(names).doesNotHaveDuplicates();
  }

  @Test
  void everyClassifierClassifiesByItsName() {
    for (ZooModel model : Zoo.models()) {
      if (model.accuracy() != null) {
        try (Classifier classifier = Mlit.load(model.name())) {
          assertThat(classifier.classify(Path.of("examples/images/bag.png"), 1)).hasSize(1);
        }
      }
    }
  }
}
