package dev.mlit.data;

import dev.mlit.spec.ImageShape;
import dev.mlit.spec.InvalidInputException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Locale;
import java.util.zip.CRC32C;
import org.apiguardian.api.API;
import org.apiguardian.api.API.Status;

/**
 * Fingerprint by which a resumed run recognises its images. Of test images, which are not read
 * before training is done, it has only the number.
 *
 * @param dataset its name
 * @param trainImages images to train on
 * @param testImages images to test on
 * @param checksum CRC-32C of the names of the classes, and of every label and some images of the
 *     parts that are read while training
 * @param validationImages images that choices are made on; 0 if there are none, as in runs that
 *     versions of mlit without such images have begun
 * @since 0.1.0
 */
@API(status = Status.INTERNAL)
public record DataFingerprint(
    String dataset, int trainImages, int testImages, String checksum, int validationImages) {
  /** Reading all of them could take as long as an epoch. */
  private static final int IMAGES_LOOKED_AT = 64;

  public static DataFingerprint of(Dataset data) {
    CRC32C sum = new CRC32C();
    // Of joined datasets not those that are named with their datasets, which may be folders.
    data.parts().stream()
        .flatMap(part -> part.labels().stream())
        .forEach(label -> sum.update(label.getBytes(StandardCharsets.UTF_8)));
    marked(data).forEach(part -> add(sum, part, data.shape()));
    return new DataFingerprint(
        data.name(),
        data.train().size(),
        data.test().size(),
        String.format(Locale.ROOT, "%08x", sum.getValue()),
        data.validation().map(Split::size).orElse(0));
  }

  /** The parts whose every label and some of whose pixels may be looked at before training. */
  private static List<Split> marked(Dataset data) {
    return data.validation().isPresent()
        ? List.of(data.train(), data.validation().get())
        : List.of(data.train(), data.test());
  }

  private static void add(CRC32C sum, Split split, ImageShape shape) {
    ByteBuffer number = ByteBuffer.allocate(Integer.BYTES);
    for (int i = 0; i < split.size(); i++) {
      sum.update(number.clear().putInt(split.label(i)).flip());
    }
    byte[] pixels = new byte[shape.values()];
    int looked = Math.min(IMAGES_LOOKED_AT, split.size());
    for (int i = 0; i < looked; i++) {
      split.pixels((int) ((long) i * split.size() / looked), pixels, 0);
      sum.update(pixels);
    }
  }

  /**
   * Checks that a run goes on with the images that it was started with.
   *
   * @throws InvalidInputException if these are others
   */
  public void requireSame(DataFingerprint current) {
    if (trainImages != current.trainImages
        || validationImages != current.validationImages
        || testImages != current.testImages) {
      throw new InvalidInputException(
          String.format(
              Locale.ROOT,
              "data: %s has %s, had %s when the run was started; a run can only be resumed with"
                  + " the images it was started with%s",
              current.dataset,
              current.sizes(" images"),
              validationImages == 0 && current.validationImages == 0
                  ? trainImages + " and " + testImages
                  : sizes(" images"),
              own(current)));
    }
    if (!checksum.equals(current.checksum)) {
      throw new InvalidInputException(
          "data: "
              + current.dataset
              + " has other images, labels or class names than when the run was started; a run can"
              + " only be resumed with the images it was started with"
              + own(current));
    }
  }

  /** What to do where a program handed the images over. */
  private String own(DataFingerprint current) {
    return dataset.equals(current.dataset)
        ? ""
        : ", those of "
            + dataset
            + "; if a program had them, by Mlit.resume(directory, trainer -> trainer.data(images))";
  }

  /** Such as {@code 900 to train on, 100 to validate on and 200 to test on}. */
  public String sizes() {
    return sizes("");
  }

  private String sizes(String noun) {
    return trainImages
        + noun
        + " to train on"
        + (validationImages == 0 ? "" : ", " + validationImages + " to validate on")
        + " and "
        + testImages
        + " to test on";
  }
}
