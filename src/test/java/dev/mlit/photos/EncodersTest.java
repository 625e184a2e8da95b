package dev.mlit.photos;

import static org.assertj.core.api.Assertions.assertThat;

import dev.mlit.photos.Encoders.Encoder;
import dev.mlit.spec.ModelSpec;
import dev.mlit.spec.Presets;
import dev.mlit.spec.Specs;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Which encoder pictures are learned from. If this fails, a user's model starts from a worse one
 * than is installed, or is watched on images whose labels its encoder knows.
 */
class EncodersTest {
  private static final ModelSpec CLASSIFIER = Presets.mlitXxs();
  private static final ModelSpec AUTOENCODER = Presets.mmlitXxs();

  @TempDir private Path directory;

  @Test
  void anEncoderThatHasLearnedFromLabelsIsPreferred() throws IOException {
    Path usual = directory.resolve("usual");
    install(usual, "mmlit-xxs-32-cifar", AUTOENCODER);
    assertThat(find("image-folder", usual))
        .hasValueSatisfying(
            found -> assertThat(found.learned()).isEqualTo("has seen other images without labels"));

    Path own = directory.resolve("own");
    install(own, "cifar100", CLASSIFIER);
    assertThat(find("image-folder", usual, own))
        .hasValueSatisfying(
            found -> {
              assertThat(found.place()).isEqualTo(own.resolve("cifar100").toString());
              assertThat(found.model()).isEqualTo(CLASSIFIER);
              assertThat(found.learned())
                  .isEqualTo("has learned to tell 100 classes of other images apart");
            });
  }

  @Test
  void imagesWhoseLabelsAnEncoderKnowsAreNotLearnedFromIt() throws IOException {
    install(directory, "cifar100", CLASSIFIER);
    assertThat(find("cifar100", directory)).isEmpty();
    install(directory, "mmlit-xxs-32-cifar", AUTOENCODER);
    assertThat(find("cifar100", directory).map(Encoder::name)).hasValue("mmlit-xxs-32-cifar");
  }

  @Test
  void ofTwoDirectoriesTheFirstOneCounts() throws IOException {
    install(directory.resolve("one"), "cifar100", CLASSIFIER);
    install(directory.resolve("two"), "cifar100", CLASSIFIER);
    assertThat(
            find("image-folder", directory.resolve("two"), directory.resolve("one"))
                .map(Encoder::place))
        .hasValue(directory.resolve("two/cifar100").toString());
  }

  @Test
  void whereNoneIsInstalledThereIsNone() {
    assertThat(find("image-folder", directory)).isEmpty();
  }

  @Test
  void oneThatComesAlongIsCalledByItsNameAndComesAfterTheUsersOwn() throws IOException {
    Path along = directory.resolve("along");
    install(along, "cifar100", CLASSIFIER);
    Function<String, Optional<Path>> zoo =
        name -> Optional.of(along.resolve(name)).filter(Files::isDirectory);
    assertThat(Encoders.find(List.of(), zoo, "image-folder").map(Encoder::place))
        .hasValue("cifar100");

    Path own = directory.resolve("own");
    install(own, "cifar100", CLASSIFIER);
    assertThat(Encoders.find(List.of(own), zoo, "image-folder").map(Encoder::place))
        .hasValue(own.resolve("cifar100").toString());
  }

  private static Optional<Encoder> find(String dataset, Path... directories) {
    return Encoders.find(List.of(directories), name -> Optional.empty(), dataset);
  }

  private static void install(Path directory, String name, ModelSpec model) throws IOException {
    Path place = Files.createDirectories(directory.resolve(name));
    Files.writeString(place.resolve("saved_model.pb"), "");
    Files.writeString(place.resolve("spec.yaml"), Specs.yaml(model));
  }
}
