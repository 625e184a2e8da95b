package dev.mlit.savedmodel;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.data.Offset.offset;

import dev.mlit.Mlit;
import dev.mlit.data.image.ImageFile;
import dev.mlit.spec.InvalidInputException;
import java.awt.image.BufferedImage;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.stream.IntStream;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.tensorflow.ndarray.Shape;
import org.tensorflow.ndarray.buffer.DataBuffers;
import org.tensorflow.types.TFloat32;

/**
 * The ways to hand images to a classifier. If this fails, a service gets another answer to an
 * upload than to the same image in a file, or in a batch.
 */
class ClassifierInputsTest {
  private static final float ROUNDING = 1e-5f;

  /** A logit of up to 10, summed in another order in a batch of another size. */
  private static final float LOGIT_ROUNDING = 1e-4f;

  private static final Path BAG = Path.of("examples/images/bag.png");
  private static final Path COAT = Path.of("examples/images/coat.png");

  @TempDir private Path directory;
  private Classifier classifier;

  @BeforeEach
  void load() {
    RandomModel.write(directory);
    classifier = Mlit.load(directory);
  }

  @AfterEach
  void close() {
    classifier.close();
  }

  /** The edge of the limit: as many pixels are read, one more is not, whatever the file's size. */
  @Test
  void anImageOfMorePixelsThanAllowedIsRefusedBeforeItIsDecoded() throws IOException {
    Path large = directory.resolve("large.png");
    ImageIO.write(new BufferedImage(12, 10, BufferedImage.TYPE_BYTE_GRAY), "png", large.toFile());
    try (Classifier limited = Mlit.load(directory, options -> options.maxPixels(119));
        Classifier enough = Mlit.load(directory, options -> options.maxPixels(120))) {
      assertThatExceptionOfType(InvalidInputException.class)
          .isThrownBy(() -> limited.classify(large))
          .withMessage("%s: 10x12 pixels, must be at most 119, and at most 65535 on a side", large);
      try (InputStream stream = Files.newInputStream(large)) {
        assertThatExceptionOfType(InvalidInputException.class)
            .isThrownBy(() -> limited.classify(stream))
            .withMessageStartingWith("image: 10x12 pixels, must be at most 119");
      }
      assertThat(enough.classify(large)).hasSize(3);
    }
    assertThatIllegalArgumentException()
        .isThrownBy(() -> Mlit.load(directory, options -> options.maxPixels(0)))
        .withMessage("maxPixels 0 must be at least 1 and at most 100000000");
  }

  @Test
  void fileStreamAndImageGetTheSameAnswer() throws IOException {
    List<Prediction> expected = classifier.classify(BAG);
    BufferedImage image = ImageFile.decode(BAG);

    assertThat(classifier.classify(image)).isEqualTo(expected);
    assertThat(classifier.classify(new ByteArrayInputStream(Files.readAllBytes(BAG))))
        .isEqualTo(expected);
    assertThat(classifier.classify(Files.readAllBytes(BAG))).isEqualTo(expected);
    assertThat(classifier.classify(Files.readAllBytes(BAG), 1)).isEqualTo(expected.subList(0, 1));
    assertThat(classifier.features(Files.readAllBytes(BAG)))
        .containsExactly(classifier.features(BAG));
    try (TFloat32 tensor = tensor(BAG, COAT)) {
      assertSame(classifier.classify(tensor, 3), List.of(expected, classifier.classify(COAT)));
    }
    assertThat(expected).hasSize(3);
  }

  private static TFloat32 tensor(Path... files) {
    int pixels = RandomModel.PIXELS;
    float[] values = new float[files.length * pixels];
    for (int i = 0; i < files.length; i++) {
      byte[] bytes = ImageFile.read(files[i], RandomModel.SPEC.image());
      for (int p = 0; p < pixels; p++) {
        values[i * pixels + p] = (bytes[p] & 0xff) / 255f;
      }
    }
    return TFloat32.tensorOf(Shape.of(files.length, 8, 8, 1), DataBuffers.of(values));
  }

  private static void assertSame(List<List<Prediction>> actual, List<List<Prediction>> expected) {
    assertThat(actual).hasSameSizeAs(expected);
    for (int i = 0; i < actual.size(); i++) {
      assertThat(actual.get(i))
          .extracting(Prediction::label)
          .isEqualTo(expected.get(i).stream().map(Prediction::label).toList());
      for (int k = 0; k < actual.get(i).size(); k++) {
        assertThat(actual.get(i).get(k).probability())
            .isCloseTo(expected.get(i).get(k).probability(), offset((double) ROUNDING));
      }
    }
  }

  @Test
  void theBestClassesComeFirstAndAsManyAsAreAskedFor() throws IOException {
    List<Prediction> all = classifier.classify(BAG);

    assertThat(all).isSortedAccordingTo((a, b) -> Double.compare(b.probability(), a.probability()));
    assertThat(classifier.classify(BAG, 1)).isEqualTo(all.subList(0, 1));
    assertThat(classifier.classify(BAG, 4)).isEqualTo(all);
    try (InputStream stream = Files.newInputStream(BAG)) {
      assertThat(classifier.classify(stream, 2)).isEqualTo(all.subList(0, 2));
    }
    assertThat(classifier.classify(ImageFile.decode(BAG), 2)).isEqualTo(all.subList(0, 2));
    assertThat(all).allSatisfy(p -> assertThat(p.label()).isEqualTo(label(p.index())));
    assertThatIllegalArgumentException()
        .isThrownBy(() -> classifier.classify(BAG, 0))
        .withMessage("top 0 must be at least 1");
  }

  private static String label(int index) {
    return RandomModel.LABELS.get(index);
  }

  /** More than are read at a time. */
  @Test
  void manyFilesGetTheAnswersThatEachGets() {
    List<Path> files = new ArrayList<>(Collections.nCopies(65, BAG));
    files.add(COAT);
    List<List<Prediction>> expected =
        files.stream().map(file -> classifier.classify(file, 2)).toList();

    assertSame(classifier.classifyFiles(files, 2), expected);
    assertSame(
        classifier.classifyImages(files.stream().map(ImageFile::decode).toList(), 2), expected);
    assertThat(classifier.classifyFiles(List.of(), 2)).isEmpty();
  }

  @Test
  void oneFileOfManyThatIsNoImageIsNamed() {
    Path missing = directory.resolve("missing.png");

    assertThatExceptionOfType(InvalidInputException.class)
        .isThrownBy(() -> classifier.classifyFiles(List.of(BAG, missing), 1))
        .withMessage("%s: no such file", missing);
  }

  @Test
  void featuresOfEveryKindOfImage() throws IOException {
    float[] bag = classifier.features(BAG);

    assertThat(bag).hasSize(RandomModel.SPEC.embedding());
    assertThat(classifier.features(ImageFile.decode(BAG))).containsExactly(bag);
    try (InputStream stream = Files.newInputStream(BAG);
        TFloat32 tensor = tensor(COAT, BAG)) {
      assertThat(classifier.features(stream)).containsExactly(bag);
      assertThat(classifier.features(tensor)).hasSize(2);
      assertThat(classifier.features(tensor).get(1))
          .usingComparatorWithPrecision(ROUNDING)
          .containsExactly(bag);
    }
  }

  @Test
  void aStreamThatIsNoImage() {
    assertThatExceptionOfType(InvalidInputException.class)
        .isThrownBy(() -> classifier.classify(new ByteArrayInputStream(new byte[] {1, 2, 3})))
        .withMessage("image: not an image that can be read (PNG, JPEG, GIF, BMP, WebP or TIFF)");
  }

  @Test
  void aTensorOfAnotherShape() {
    try (TFloat32 one = TFloat32.tensorOf(Shape.of(8, 8, 1));
        TFloat32 wide = TFloat32.tensorOf(Shape.of(1, 8, 9, 1))) {
      assertThatIllegalArgumentException()
          .isThrownBy(() -> classifier.classify(one, 1))
          .withMessage("images of shape [8, 8, 1], must be [count, 8, 8, 1]");
      assertThatIllegalArgumentException().isThrownBy(() -> classifier.features(wide));
    }
  }

  /** Each of the edges is allowed; NaN is what a broken decoder gives. */
  @Test
  void aValueThatNoPixelHas() {
    float[] images = RandomModel.images(2);
    images[0] = 0;
    images[1] = 1;
    assertThat(classifier.logits(images, 2)).hasSize(6);

    for (float wrong : new float[] {-0.001f, Math.nextUp(1f), 255, Float.NaN}) {
      images[64 + 8 + 3] = wrong;
      assertThatIllegalArgumentException()
          .isThrownBy(() -> classifier.features(images, 2))
          .withMessage(
              "image 1, row 1, column 3, channel 0: "
                  + wrong
                  + " must be in [0, 1]; bytes are divided by 255");
      try (TFloat32 tensor =
          TFloat32.tensorOf(Shape.of(2, 8, 8, 1), DataBuffers.of(images.clone()))) {
        assertThatIllegalArgumentException().isThrownBy(() -> classifier.classify(tensor, 1));
      }
    }
  }

  @Test
  void inBatchesManyThreadsGetTheAnswersThatEachGetsAlone() {
    int count = 40;
    float[] images = RandomModel.images(count);
    List<float[]> expected =
        IntStream.range(0, count).mapToObj(i -> classifier.logits(image(images, i), 1)).toList();
    try (Classifier batched =
        Mlit.load(directory, options -> options.batch(4).maxWait(Duration.ofMillis(5)))) {
      List<float[]> answers =
          IntStream.range(0, 8 * count)
              .parallel()
              .mapToObj(i -> batched.logits(image(images, i % count), 1))
              .toList();

      for (int i = 0; i < answers.size(); i++) {
        assertThat(answers.get(i))
            .usingComparatorWithPrecision(LOGIT_ROUNDING)
            .containsExactly(expected.get(i % count));
      }
      assertThatIllegalArgumentException()
          .isThrownBy(() -> batched.logits(new float[3], 1))
          .withMessage("3 values are not 1 images of 8x8x1");
    }
  }

  private static float[] image(float[] images, int index) {
    int pixels = RandomModel.PIXELS;
    return Arrays.copyOfRange(images, index * pixels, (index + 1) * pixels);
  }
}
