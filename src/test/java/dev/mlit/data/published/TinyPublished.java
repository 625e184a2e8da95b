package dev.mlit.data.published;

import dev.mlit.data.Archives;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import us.hebi.matlab.mat.format.Mat5;

/**
 * Datasets as their authors publish them, but tiny: few images of one colour each. Where a format
 * fixes the number of images, they are all there, packed to next to nothing.
 */
public final class TinyPublished {
  private static final int CIFAR_RECORDS = 10_000;

  private TinyPublished() {}

  /**
   * Writes a dataset.
   *
   * @param dataset its name
   * @param directory where its files go
   */
  public static void write(String dataset, Path directory) throws IOException {
    switch (dataset) {
      case "cifar10" -> cifar(Cifar.TEN, directory);
      case "cifar100" -> cifar(Cifar.HUNDRED, directory);
      case "svhn" -> svhn(directory);
      case "flowers102-trainval" -> flowers102(directory);
      case "eurosat" -> eurosat(directory);
      case "fashion-mnist" -> fashionMnist(directory);
      default -> throw new IllegalArgumentException(dataset);
    }
  }

  private static void cifar(Cifar.Version version, Path directory) throws IOException {
    Map<String, byte[]> files = new LinkedHashMap<>();
    for (String train : version.train()) {
      files.put(version.folder() + "/" + train, records(version, version.records()));
    }
    files.put(version.folder() + "/" + version.test(), records(version, CIFAR_RECORDS));
    Archives.tarGz(directory.resolve(version.archive()), files);
  }

  private static byte[] records(Cifar.Version version, int count) {
    byte[] bytes = new byte[count * version.recordBytes()];
    for (int i = 0; i < count; i++) {
      bytes[i * version.recordBytes() + version.label()] = (byte) (i % 10);
    }
    return bytes;
  }

  private static void svhn(Path directory) throws IOException {
    try (InputStream in = SvhnTest.class.getResourceAsStream("svhn.mat")) {
      byte[] threeImages = Objects.requireNonNull(in).readAllBytes();
      Files.write(directory.resolve(Svhn.TRAIN), threeImages);
      Files.write(directory.resolve(Svhn.TEST), threeImages);
    }
  }

  private static void flowers102(Path directory) throws IOException {
    Map<String, byte[]> images = new LinkedHashMap<>();
    for (int i = 1; i <= 4; i++) {
      // What a file is, its first bytes say.
      images.put(String.format(Locale.ROOT, "jpg/image_%05d.jpg", i), Archives.png(90, 60, 60 * i));
    }
    Archives.folder(directory, images);
    Flowers.write(
        directory.resolve("imagelabels.mat"),
        Mat5.newMatFile().addArray("labels", Flowers.row(1, 102, 7, 8)));
    Flowers.write(
        directory.resolve("setid.mat"),
        Mat5.newMatFile()
            .addArray("trnid", Flowers.row(1))
            .addArray("valid", Flowers.row(2))
            .addArray("tstid", Flowers.row(3, 4)));
  }

  private static void eurosat(Path directory) throws IOException {
    Map<String, byte[]> images = new LinkedHashMap<>();
    List<String> classes =
        List.of(
            "AnnualCrop",
            "Forest",
            "HerbaceousVegetation",
            "Highway",
            "Industrial",
            "Pasture",
            "PermanentCrop",
            "Residential",
            "River",
            "SeaLake");
    for (String name : classes) {
      for (int i = 1; i <= 5; i++) {
        images.put("EuroSAT_RGB/" + name + "/" + name + "_" + i + ".png", Archives.png(64, 64, i));
      }
    }
    Archives.folder(directory, images);
  }

  private static void fashionMnist(Path directory) throws IOException {
    for (String part : List.of("train", "t10k")) {
      int[] gray = new int[4 * 28 * 28];
      Files.write(
          directory.resolve(part + "-images-idx3-ubyte.gz"),
          IdxBytes.gzip(IdxBytes.idx(0x08, new int[] {4, 28, 28}, gray)));
      Files.write(
          directory.resolve(part + "-labels-idx1-ubyte.gz"),
          IdxBytes.gzip(IdxBytes.labels(0, 3, 6, 9)));
    }
  }
}
