package dev.mlit.data;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import dev.mlit.data.image.TestPattern;
import dev.mlit.spec.ImageShape;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * If this fails, a model trained in Java sees other pixels than the same model in Python, where
 * Pillow resizes. The expected values are those of Pillow 12.3: {@code Image.fromarray(a)
 * .convert("L").resize((width, height), Image.BILINEAR)}.
 */
class ResizedDatasetTest {
  private final Dataset pattern = new OneImage(TestPattern.SHAPE, TestPattern.pixels());

  @Test
  void theSameShapeIsTheSameDataset() {
    assertThat(pattern.resizedTo(new ImageShape(13, 17, 3))).isSameAs(pattern);
  }

  @Test
  void onlyTheShapeChanges() {
    Dataset resized = pattern.resizedTo(new ImageShape(8, 8, 1));
    assertThat(resized.name()).isEqualTo("one image");
    assertThat(resized.labels()).containsExactly("only");
    assertThat(resized.shape()).isEqualTo(new ImageShape(8, 8, 1));
    assertThat(resized.train().size()).isEqualTo(1);
    assertThat(resized.test().label(0)).isZero();
  }

  @Test
  void shrinksAsPillowDoes() {
    assertThat(resized(2, 2, 3))
        .containsExactly(122, 128, 130, 130, 129, 131, 124, 124, 128, 133, 131, 131);
    assertThat(resized(5, 4, 1))
        .containsExactly(
            122, 125, 130, 130, 130, 127, 132, 129, 124, 127, 126, 127, 127, 126, 132, 132, 127,
            116, 136, 138);
  }

  @ParameterizedTest(name = "{0}x{1}x{2}")
  @CsvSource({
    "36, 36, 3, 22269299",
    "36, 36, 1, d4e1dd69",
    "8, 8, 3, 21dd2e4d",
    "8, 8, 1, e05d48d6",
    "40, 17, 3, 7bd46eea",
    "40, 17, 1, 6f276794",
  })
  void resizesAsPillowDoes(int height, int width, int channels, String crc32) {
    byte[] pixels = pixels(pattern.resizedTo(new ImageShape(height, width, channels)));
    assertThat(Long.toHexString(TestPattern.crc32(pixels))).isEqualTo(crc32);
  }

  @Test
  void grayIsRepeatedInEveryChannel() {
    Dataset gray = new OneImage(new ImageShape(1, 2, 1), new byte[] {10, (byte) 200});
    assertThat(unsigned(gray.resizedTo(new ImageShape(1, 2, 3))))
        .containsExactly(10, 10, 10, 200, 200, 200);
  }

  @Test
  void rgbBecomesLuma() {
    byte max = (byte) 255;
    byte[] redGreenBlueWhite = {max, 0, 0, 0, max, 0, 0, 0, max, max, max, max};
    Dataset colors = new OneImage(new ImageShape(2, 2, 3), redGreenBlueWhite);
    assertThat(unsigned(colors.resizedTo(new ImageShape(2, 2, 1))))
        .containsExactly(76, 150, 29, 255);
  }

  @Test
  void flatColoursStayFlat() {
    byte[] white = new byte[TestPattern.SHAPE.values()];
    Arrays.fill(white, (byte) 255);
    Dataset flat = new OneImage(TestPattern.SHAPE, white);
    assertThat(unsigned(flat.resizedTo(new ImageShape(50, 3, 3)))).containsOnly(255);
  }

  @Test
  void writesAtTheOffsetOnly() {
    byte[] target = new byte[6];
    pattern.resizedTo(new ImageShape(2, 2, 1)).train().pixels(0, target, 1);
    assertThat(target[0]).isZero();
    assertThat(target[5]).isZero();
    assertThat(target[1]).isNotZero();
  }

  @Test
  void imagesAreReadWhenTheyAreAskedFor() {
    OneImage counted = new OneImage(TestPattern.SHAPE, TestPattern.pixels());
    Dataset resized = counted.resizedTo(new ImageShape(4, 4, 1));
    assertThat(counted.reads).isZero();
    unsigned(resized);
    assertThat(counted.reads).isEqualTo(1);
  }

  @Test
  void refusesShapesThatNoImageHas() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> pattern.resizedTo(new ImageShape(0, 4, 1)))
        .withMessage("0x4x1: height and width must be at least 1, channels 1 or 3");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> pattern.resizedTo(new ImageShape(4, 4, 4)))
        .withMessage("4x4x4: height and width must be at least 1, channels 1 or 3");
  }

  private int[] resized(int height, int width, int channels) {
    return unsigned(pattern.resizedTo(new ImageShape(height, width, channels)));
  }

  private static byte[] pixels(Dataset dataset) {
    byte[] pixels = new byte[dataset.shape().values()];
    dataset.train().pixels(0, pixels, 0);
    return pixels;
  }

  private static int[] unsigned(Dataset dataset) {
    byte[] pixels = pixels(dataset);
    int[] values = new int[pixels.length];
    Arrays.setAll(values, i -> pixels[i] & 0xff);
    return values;
  }

  /** A dataset as a user would write one; both parts are the same image. */
  private static final class OneImage implements Dataset, Split {
    private final ImageShape shape;
    private final byte[] image;
    private int reads;

    OneImage(ImageShape shape, byte[] image) {
      this.shape = shape;
      this.image = image;
    }

    @Override
    public String name() {
      return "one image";
    }

    @Override
    public List<String> labels() {
      return List.of("only");
    }

    @Override
    public ImageShape shape() {
      return shape;
    }

    @Override
    public Split train() {
      return this;
    }

    @Override
    public Split test() {
      return this;
    }

    @Override
    public int size() {
      return 1;
    }

    @Override
    public int label(int index) {
      return 0;
    }

    @Override
    public void pixels(int index, byte[] target, int offset) {
      reads++;
      System.arraycopy(image, 0, target, offset, image.length);
    }
  }
}
