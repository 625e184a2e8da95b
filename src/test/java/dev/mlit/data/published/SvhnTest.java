package dev.mlit.data.published;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import dev.mlit.data.Archives;
import dev.mlit.data.Dataset;
import dev.mlit.spec.InvalidInputException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import us.hebi.matlab.mat.format.Mat5;
import us.hebi.matlab.mat.types.Array;
import us.hebi.matlab.mat.types.MatFile;
import us.hebi.matlab.mat.types.MatlabType;
import us.hebi.matlab.mat.types.Matrix;
import us.hebi.matlab.mat.types.Sinks;

/**
 * If this fails, a model learns house numbers with turned or discoloured digits, or a zero as class
 * 10. The file is SciPy's: {@code src/test/python/make_svhn.py}.
 */
class SvhnTest {
  @Test
  void readsWhatSciPyWrites(@TempDir Path directory) throws IOException {
    Files.write(directory.resolve(Svhn.TRAIN), fixture());
    Files.write(directory.resolve(Svhn.TEST), fixture());
    Dataset dataset = Svhn.read(directory);
    assertThat(dataset).hasToString("svhn (3 + 3 images of 32x32x3, 10 classes)");
    assertThat(Archives.labels(dataset.train())).containsExactly(1, 9, 0);
    byte[] pixels = new byte[3072];
    for (int i = 0; i < 3; i++) {
      dataset.test().pixels(i, pixels, 0);
      assertThat(pixels).isEqualTo(pattern(i));
    }
  }

  @Test
  void theEasierImagesAreTrainedOnToo(@TempDir Path directory) throws IOException {
    for (String file : new String[] {Svhn.TRAIN, Svhn.TEST, Svhn.EXTRA}) {
      Files.write(directory.resolve(file), fixture());
    }
    Dataset dataset = Svhn.withExtra(directory);
    assertThat(dataset).hasToString("svhn-extra (6 + 3 images of 32x32x3, 10 classes)");
    byte[] pixels = new byte[3072];
    dataset.train().pixels(5, pixels, 0);
    assertThat(pixels).isEqualTo(pattern(2));
  }

  @Test
  void namesTheMissingFile(@TempDir Path directory) throws IOException {
    refused(directory, directory.resolve(Svhn.TRAIN) + ": no such file");
    Files.write(directory.resolve(Svhn.TRAIN), fixture());
    refused(directory, directory.resolve(Svhn.TEST) + ": no such file");
  }

  @Test
  void refusesAFileCutOffAnywhere(@TempDir Path directory) throws IOException {
    byte[] whole = fixture();
    for (int length = 0; length < whole.length; length++) {
      Files.write(directory.resolve(Svhn.TRAIN), Arrays.copyOf(whole, length));
      refused(directory, directory.resolve(Svhn.TRAIN) + ": ");
    }
  }

  @Test
  void damageIsNeverMoreThanARefusal(@TempDir Path directory) throws IOException {
    Random random = new Random(1);
    Files.write(directory.resolve(Svhn.TEST), fixture());
    for (int i = 0; i < 300; i++) {
      byte[] damaged = fixture();
      damaged[random.nextInt(300)] = (byte) random.nextInt(256);
      damaged[128 + random.nextInt(damaged.length - 128)] = (byte) random.nextInt(256);
      Files.write(directory.resolve(Svhn.TRAIN), damaged);
      try {
        Svhn.read(directory);
      } catch (InvalidInputException e) {
        assertThat(e)
            .hasMessageStartingWith(directory.resolve(Svhn.TRAIN) + ": ")
            .hasMessageNotContaining("\n");
      }
    }
  }

  @Test
  void refusesWhatIsNoMatlabFile(@TempDir Path directory) throws IOException {
    Files.writeString(directory.resolve(Svhn.TRAIN), "<html>404".repeat(50));
    refused(directory, "not a MATLAB file of version 5");
    Files.writeString(directory.resolve(Svhn.TRAIN), "MATLAB 7.3 MAT-file".repeat(50));
    refused(directory, "MATLAB file of version 7.3, must be of version 5");
  }

  @Test
  void refusesImagesOfAnotherShape(@TempDir Path directory) throws IOException {
    write(directory, Mat5.newMatrix(new int[] {3, 32, 32, 2}, MatlabType.UInt8), labels(1, 2));
    refused(directory, ": X of [3, 32, 32, 2] must be of [32, 32, 3, images]");
    write(directory, Mat5.newMatrix(new int[] {32, 32}, MatlabType.UInt8), labels(1, 2));
    refused(directory, ": X of [32, 32] must be of [32, 32, 3, images]");
  }

  @Test
  void refusesValuesThatAreNoPixels(@TempDir Path directory) throws IOException {
    Matrix pixels = Mat5.newMatrix(new int[] {32, 32, 3, 1}, MatlabType.Double);
    pixels.setDouble(5, 0.5);
    write(directory, pixels, labels(1));
    refused(directory, ": X[5]: 0.5 must be a whole number from 0 to 255");
  }

  @Test
  void refusesWhatIsNoArrayOfRealNumbers(@TempDir Path directory) throws IOException {
    Matrix complex = Mat5.newComplex(new int[] {32, 32, 3, 1}, MatlabType.Double);
    for (Array other :
        List.of(Mat5.newString("pixels"), Mat5.newCell(1, 1), Mat5.newStruct(1, 1), complex)) {
      write(directory, other, labels(1));
      refused(
          directory, directory.resolve(Svhn.TRAIN) + ": has no array of numbers that is called X");
    }
    write(
        directory, Mat5.newMatrix(new int[] {32, 32, 3, 1}, MatlabType.UInt8), Mat5.newString("1"));
    refused(
        directory, directory.resolve(Svhn.TRAIN) + ": has no array of numbers that is called y");
  }

  /** What NumPy makes of a list of numbers, if nobody says otherwise. */
  @Test
  void readsNumbersOf64Bits(@TempDir Path directory) throws IOException {
    Matrix digits = Mat5.newMatrix(1, 1, MatlabType.Int64);
    digits.setInt(0, 10);
    write(directory, Mat5.newMatrix(new int[] {32, 32, 3, 1}, MatlabType.Int64), digits);
    Files.copy(directory.resolve(Svhn.TRAIN), directory.resolve(Svhn.TEST));
    assertThat(Archives.labels(Svhn.read(directory).test())).containsExactly(0);
  }

  @Test
  void refusesLabelsThatAreNoDigit(@TempDir Path directory) throws IOException {
    Matrix pixels = Mat5.newMatrix(new int[] {32, 32, 3, 2}, MatlabType.UInt8);
    write(directory, pixels, labels(1, 11));
    refused(directory, ": y[1]: 11 must be a whole number from 1 to 10");
    write(directory, pixels, labels(1, 0));
    refused(directory, ": y[1]: 0 must be a whole number from 1 to 10");
    write(directory, pixels, labels(1));
    refused(directory, ": y of [1, 1] must have one label for each of 2");
  }

  private static Matrix labels(int... values) {
    Matrix labels = Mat5.newMatrix(values.length, 1, MatlabType.UInt8);
    for (int i = 0; i < values.length; i++) {
      labels.setInt(i, values[i]);
    }
    return labels;
  }

  private static void write(Path directory, Array pixels, Array labels) throws IOException {
    Path file = directory.resolve(Svhn.TRAIN);
    Files.deleteIfExists(file);
    MatFile content = Mat5.newMatFile().addArray("X", pixels).addArray("y", labels);
    try (var sink = Sinks.newStreamingFile(file.toFile())) {
      Mat5.newWriter(sink).writeMat(content);
    }
  }

  private static byte[] pattern(int image) {
    byte[] pixels = new byte[3072];
    int i = 0;
    for (int y = 0; y < 32; y++) {
      for (int x = 0; x < 32; x++) {
        for (int c = 0; c < 3; c++) {
          pixels[i++] = (byte) (37 * x + 91 * y + 53 * c + x * y + 7 * image);
        }
      }
    }
    return pixels;
  }

  private static byte[] fixture() throws IOException {
    try (InputStream in = SvhnTest.class.getResourceAsStream("svhn.mat")) {
      assertThat(in).isNotNull();
      return in == null ? new byte[0] : in.readAllBytes();
    }
  }

  private static void refused(Path directory, String message) {
    assertThatExceptionOfType(InvalidInputException.class)
        .isThrownBy(() -> Svhn.read(directory))
        .withMessageContaining(message)
        .withMessageNotContaining("\n");
  }
}
