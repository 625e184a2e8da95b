package dev.mlit.data.published;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import com.sun.management.ThreadMXBean;
import dev.mlit.spec.InvalidInputException;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.concurrent.atomic.AtomicBoolean;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.assertj.core.api.ThrowableAssertAlternative;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * If this fails, a user whose download broke off trains on half a dataset, or gets a stack trace or
 * an exhausted memory instead of the name of the file to fetch again.
 */
class IdxReaderTest {
  @Test
  void readsImages() {
    Idx idx = images(IdxBytes.twoImages());
    assertThat(idx.dimensions()).containsExactly(2, 2, 3);
    assertThat(idx.count()).isEqualTo(2);
    assertThat(idx.imageShape()).hasToString("2x3x1");
    assertThat(idx.values()).containsExactly(0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11);
  }

  @Test
  void readsLabels() {
    Idx idx = labels(IdxBytes.labels(7, 0, 255));
    assertThat(idx.dimensions()).containsExactly(3);
    assertThat(idx.values()).containsExactly(7, 0, 255);
  }

  @Test
  void unpacksGzipWhateverTheName(@TempDir Path directory) throws IOException {
    Path file = Files.write(directory.resolve("images"), IdxBytes.gzip(IdxBytes.twoImages()));
    assertThat(IdxReader.images(file).values()).hasSize(12);
  }

  @Test
  void readsMoreThanOneChunk() {
    int[] values = new int[300_000];
    Arrays.setAll(values, i -> i * 31 % 251);
    byte[] read = labels(IdxBytes.gzip(IdxBytes.labels(values))).values();
    assertThat(read).isEqualTo(Arrays.copyOfRange(IdxBytes.labels(values), 8, 300_008));
  }

  @Test
  void closesTheStream() {
    AtomicBoolean closed = new AtomicBoolean();
    InputStream in =
        new ByteArrayInputStream(IdxBytes.twoImages()) {
          @Override
          public void close() {
            closed.set(true);
          }
        };
    IdxReader.images("tiny", in);
    assertThat(closed).isTrue();
  }

  @Test
  void refusesPlainFilesCutOffAnywhere() {
    byte[] whole = IdxBytes.twoImages();
    for (int length = 0; length < whole.length; length++) {
      byte[] part = Arrays.copyOf(whole, length);
      refused(() -> images(part))
          .withMessageStartingWith("tiny: ")
          .withMessageEndingWith("; the file is truncated, fetch it again");
    }
  }

  @Test
  void refusesGzipFilesCutOffAnywhere() {
    byte[] whole = IdxBytes.gzip(IdxBytes.twoImages());
    for (int length = 0; length < whole.length; length++) {
      byte[] part = Arrays.copyOf(whole, length);
      refused(() -> images(part))
          .withMessageStartingWith("tiny: ")
          .withMessageEndingWith("; the file is truncated, fetch it again");
    }
  }

  @Test
  void saysHowMuchOfACutOffFileIsThere() {
    byte[] whole = IdxBytes.twoImages();
    refused(() -> images(Arrays.copyOf(whole, whole.length - 1)))
        .withMessage(
            "tiny: 11 bytes of pixels, but the header claims 2 images of 2x3 (12 bytes);"
                + " the file is truncated, fetch it again");
    refused(() -> images(Arrays.copyOf(whole, 15)))
        .withMessage(
            "tiny: 15 bytes, but the header takes 16; the file is truncated, fetch it again");
    refused(() -> labels(Arrays.copyOf(IdxBytes.labels(1, 2, 3), 9)))
        .withMessage(
            "tiny: 1 bytes of labels, but the header claims 3 labels (3 bytes);"
                + " the file is truncated, fetch it again");
  }

  @Test
  void refusesBytesAfterTheLastImage() {
    byte[] longer = Arrays.copyOf(IdxBytes.twoImages(), IdxBytes.twoImages().length + 1);
    String message =
        "tiny: more bytes than the 2 images of 2x3 (12 bytes) that the header claims;"
            + " fetch it again";
    refused(() -> images(longer)).withMessage(message);
    refused(() -> images(IdxBytes.gzip(longer))).withMessage(message);
  }

  @Test
  void refusesGzipDataWhoseSumIsWrong() {
    byte[] damaged = IdxBytes.gzip(IdxBytes.twoImages());
    damaged[damaged.length - 8] ^= 1;
    refused(() -> images(damaged))
        .withMessage("tiny: damaged gzip data (Corrupt GZIP trailer); fetch it again");
  }

  @Test
  void refusesGzipDataThatCannotBeUnpacked() {
    byte[] damaged = IdxBytes.gzip(IdxBytes.twoImages());
    damaged[10] = (byte) 0xff;
    refused(() -> images(damaged))
        .withMessage("tiny: damaged gzip data (invalid block type); fetch it again");
  }

  @Test
  void refusesAnotherFormat() {
    refused(() -> images(new byte[] {(byte) 0x89, 'P', 'N', 'G', 13, 10}))
        .withMessage("tiny: begins with 89504e47, must be 00000803: not an IDX file of images");
    refused(() -> labels(new byte[] {0, 1, 8, 1, 0}))
        .withMessage("tiny: begins with 00010801, must be 00000801: not an IDX file of labels");
  }

  @Test
  void refusesOtherTypesThanUnsignedBytes() {
    refused(() -> images(IdxBytes.idx(0x0d, new int[] {1, 1, 1}, 0, 0, 0, 0)))
        .withMessage("tiny: IDX type 0x0d, must be 0x08 (unsigned byte)");
    refused(() -> images(IdxBytes.idx(0xff, new int[] {1, 1, 1}, 0)))
        .withMessage("tiny: IDX type 0xff, must be 0x08 (unsigned byte)");
  }

  @Test
  void refusesLabelsInPlaceOfImagesAndImagesInPlaceOfLabels() {
    refused(() -> images(IdxBytes.labels(1, 2)))
        .withMessage("tiny: IDX rank 1, must be 3: not a file of images");
    refused(() -> labels(IdxBytes.twoImages()))
        .withMessage("tiny: IDX rank 3, must be 1: not a file of labels");
  }

  @Test
  void refusesNoImages() {
    refused(() -> images(IdxBytes.idx(0x08, new int[] {0, 28, 28})))
        .withMessage(
            "tiny: the header claims 0 images of 28x28 (0 bytes), must be 1 to 2147483639 bytes");
  }

  @Test
  void refusesMoreImagesThanAnArrayHolds() {
    refused(() -> images(IdxBytes.idx(0x08, new int[] {1 << 31, 28, 28}, 0)))
        .withMessage(
            "tiny: the header claims 2147483648 images of 28x28 (1683627180032 bytes),"
                + " must be 1 to 2147483639 bytes");
    // 2^32 bytes: a product of ints would be 0.
    refused(() -> images(IdxBytes.idx(0x08, new int[] {1 << 16, 256, 256})))
        .withMessageContaining("65536 images of 256x256 (4294967296 bytes)");
  }

  @Test
  void refusesSidesBeyondTheLimit() {
    refused(() -> images(IdxBytes.idx(0x08, new int[] {1, 4097, 1})))
        .withMessage(
            "tiny: the header claims images of 4097x1, height and width must be 1 to 4096");
    refused(() -> images(IdxBytes.idx(0x08, new int[] {1, 1, 0})))
        .withMessage("tiny: the header claims images of 1x0, height and width must be 1 to 4096");
    refused(() -> images(IdxBytes.idx(0x08, new int[] {1, 1, -1})))
        .withMessageContaining("images of 1x4294967295");
    assertThat(images(IdxBytes.idx(0x08, new int[] {1, 4096, 1}, new int[4096])).count()).isOne();
  }

  @Test
  void takesMemoryForWhatIsThereNotForWhatTheHeaderClaims() {
    byte[] bold = IdxBytes.idx(0x08, new int[] {2_097_151, 32, 32}, 1, 2, 3);
    ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
    long before = threads.getCurrentThreadAllocatedBytes();
    refused(() -> images(bold))
        .withMessageStartingWith("tiny: 3 bytes of pixels, but the header claims 2097151 images");
    assertThat(threads.getCurrentThreadAllocatedBytes() - before).isLessThan(50_000_000);
  }

  @Test
  void refusesMissingFiles(@TempDir Path directory) {
    Path file = directory.resolve("absent");
    refused(() -> IdxReader.images(file)).withMessage(file + ": no such file");
  }

  @Test
  void refusesDirectories(@TempDir Path directory) {
    refused(() -> IdxReader.labels(directory))
        .withMessage(directory + ": is a directory, must be an IDX file");
  }

  private static Idx images(byte[] content) {
    return IdxReader.images("tiny", new ByteArrayInputStream(content));
  }

  private static Idx labels(byte[] content) {
    return IdxReader.labels("tiny", new ByteArrayInputStream(content));
  }

  private static ThrowableAssertAlternative<InvalidInputException> refused(ThrowingCallable read) {
    return assertThatExceptionOfType(InvalidInputException.class).isThrownBy(read);
  }
}
