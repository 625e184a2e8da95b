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
    assertThat(Encoders.find(List.of(usual), "image-folder"))
        .hasValueSatisfying(
            found -> assertThat(found.learned()).isEqualTo("has seen other images without labels"));

    Path own = directory.resolve("own");
    install(own, "cifar100", CLASSIFIER);
    assertThat(Encoders.find(List.of(usual, own), "image-folder"))
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
    assertThat(Encoders.find(List.of(directory), "cifar100")).isEmpty();
    install(directory, "mmlit-xxs-32-cifar", AUTOENCODER);
    assertThat(Encoders.find(List.of(directory), "cifar100").map(Encoder::name))
        .hasValue("mmlit-xxs-32-cifar");
  }

  @Test
  void ofTwoDirectoriesTheFirstOneCounts() throws IOException {
    install(directory.resolve("one"), "cifar100", CLASSIFIER);
    install(directory.resolve("two"), "cifar100", CLASSIFIER);
    assertThat(
            Encoders.find(
                    List.of(directory.resolve("two"), directory.resolve("one")), "image-folder")
                .map(Encoder::place))
        .hasValue(directory.resolve("two/cifar100").toString());
  }

  @Test
  void whereNoneIsInstalledThereIsNone() {
    assertThat(Encoders.find(List.of(directory), "image-folder")).isEmpty();
  }

  private static void install(Path directory, String name, ModelSpec model) throws IOException {
    Path place = Files.createDirectories(directory.resolve(name));
    Files.writeString(place.resolve("saved_model.pb"), "");
    Files.writeString(place.resolve("spec.yaml"), Specs.yaml(model));
  }
}
