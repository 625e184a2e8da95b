package dev.mlit.data.published;

import dev.mlit.data.Dataset;
import dev.mlit.data.LabelCheck;
import dev.mlit.data.MemorySplit;
import dev.mlit.data.Split;
import dev.mlit.data.TarFiles;
import dev.mlit.data.image.MemoryLimit;
import dev.mlit.spec.ImageShape;
import dev.mlit.spec.InvalidInputException;
import dev.mlit.spec.text.FileProblem;
import dev.mlit.spec.text.OptionalLibrary;
import dev.mlit.spec.text.Printable;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;

/**
 * <a href="https://www.cs.toronto.edu/~kriz/cifar.html">CIFAR-10 and CIFAR-100</a> in their binary
 * version: 50,000 images to train on and 10,000 to test on, 32x32 RGB, in 10 classes or in 100,
 * which are also grouped into 20 coarse ones.
 *
 * <p>The data lies in a folder, under the names of its files; or is the .tar.gz as it is published.
 *
 * @since 0.1.0
 */
public final class Cifar {
  private static final ImageShape SHAPE = new ImageShape(32, 32, 3);
  private static final int PIXELS = 32 * 32;

  private final Version version;
  private final int recordsPerFile;

  /**
   * One of the versions.
   *
   * @param train the files to train on
   * @param test the file to test on
   * @param records images in the files to train on, in each
   * @param labelBytes before the pixels of an image
   * @param label which of them is the label
   */
  record Version(
      String name,
      String archive,
      String folder,
      List<String> train,
      String test,
      int records,
      int labelBytes,
      int label) {
    int recordBytes() {
      return labelBytes + 3 * PIXELS;
    }
  }

  static final Version TEN =
      new Version(
          "cifar10",
          "cifar-10-binary.tar.gz",
          "cifar-10-batches-bin",
          List.of(
              "data_batch_1.bin",
              "data_batch_2.bin",
              "data_batch_3.bin",
              "data_batch_4.bin",
              "data_batch_5.bin"),
          "test_batch.bin",
          10_000,
          1,
          0);

  static final Version HUNDRED = hundred("cifar100", 1);
  static final Version COARSE = hundred("cifar100-coarse", 0);

  private static Version hundred(String name, int label) {
    return new Version(
        name,
        "cifar-100-binary.tar.gz",
        "cifar-100-binary",
        List.of("train.bin"),
        "test.bin",
        50_000,
        2,
        label);
  }

  /**
   * A reader.
   *
   * @param recordsPerFile images in every file; the test file of CIFAR-100 has a fifth of it
   */
  Cifar(Version version, int recordsPerFile) {
    this.version = version;
    this.recordsPerFile = recordsPerFile;
  }

  /**
   * CIFAR-10.
   *
   * @param path cifar-10-binary.tar.gz, or a folder that holds it, cifar-10-batches-bin or
   *     data_batch_1.bin and so on
   * @throws InvalidInputException if a file is missing or is not what it should be
   */
  public static Dataset ten(Path path) {
    return new Cifar(TEN, TEN.records()).read(path);
  }

  /**
   * CIFAR-100 with its 100 fine classes.
   *
   * @param path cifar-100-binary.tar.gz, or a folder that holds it, cifar-100-binary or train.bin
   *     and test.bin
   * @throws InvalidInputException if a file is missing or is not what it should be
   */
  public static Dataset hundred(Path path) {
    return new Cifar(HUNDRED, HUNDRED.records()).read(path);
  }

  /**
   * CIFAR-100 with its 20 coarse classes.
   *
   * @param path as for {@link #hundred(Path)}
   * @throws InvalidInputException if a file is missing or is not what it should be
   */
  public static Dataset coarse(Path path) {
    return new Cifar(COARSE, COARSE.records()).read(path);
  }

  Dataset read(Path path) {
    List<String> labels = Labels.of(version.name());
    Part train = new Part(version.name(), version.train().size() * recordsPerFile, labels.size());
    Part test = new Part(version.name(), testRecords(), labels.size());
    if (Files.isDirectory(path)) {
      fromDirectory(path, train, test);
    } else {
      fromArchive(path, train, test);
    }
    return Dataset.of(version.name(), labels, SHAPE, train.split(), test.split());
  }

  private int testRecords() {
    return version.train().size() == 1 ? recordsPerFile / 5 : recordsPerFile;
  }

  private void fromDirectory(Path directory, Part train, Part test) {
    String first = version.train().get(0);
    Path folder = directory.resolve(version.folder());
    Path found = Files.exists(directory.resolve(first)) ? directory : folder;
    Path archive = directory.resolve(version.archive());
    if (!Files.isDirectory(found) && Files.exists(archive)) {
      fromArchive(archive, train, test);
      return;
    }
    if (!Files.isDirectory(found)) {
      throw new InvalidInputException(
          advice ->
              String.format(
                  Locale.ROOT,
                  "%s: has none of %s, %s and %s; %s",
                  directory,
                  first,
                  version.folder(),
                  version.archive(),
                  DataDirectory.howToGet(version.name(), directory).text(advice)));
    }
    for (int i = 0; i < version.train().size(); i++) {
      file(found.resolve(version.train().get(i)), train, i * recordsPerFile, recordsPerFile);
    }
    file(found.resolve(version.test()), test, 0, testRecords());
  }

  private void file(Path file, Part part, int first, int records) {
    if (!Files.isRegularFile(file)) {
      throw new InvalidInputException(
          advice ->
              FileProblem.missing(file)
                  + "; "
                  + DataDirectory.howToGet(version.name()).text(advice));
    }
    try (InputStream in = Files.newInputStream(file)) {
      records(file.toString(), Files.size(file), in, part, first, records);
    } catch (IOException e) {
      throw InvalidInputException.unreadable(file, e);
    }
  }

  private void fromArchive(Path archive, Part train, Part test) {
    if (!Files.isRegularFile(archive)) {
      throw new InvalidInputException(
          archive + ": must be " + version.archive() + " or a folder with its files");
    }
    Set<String> found = new HashSet<>();
    long images = train.size() + (long) test.size();
    long most = images * version.recordBytes() + (1 << 20);
    String tooLarge =
        String.format(
            Locale.ROOT,
            "unpacks to more than %d bytes, which %s does not",
            most,
            version.archive());
    OptionalLibrary.ARCHIVES.require("to read the archive " + archive);
    TarFiles.visit(
        archive,
        most,
        tooLarge,
        (name, size, in) -> {
          String file = name.substring(name.lastIndexOf('/') + 1);
          int index = version.train().indexOf(file);
          String place = archive + "!/" + Printable.excerpt(name);
          if (index >= 0) {
            records(place, size, in, train, index * recordsPerFile, recordsPerFile);
            found.add(file);
          } else if (file.equals(version.test())) {
            records(place, size, in, test, 0, testRecords());
            found.add(file);
          }
        });
    for (String file : version.train()) {
      requireSeen(archive, found, file);
    }
    requireSeen(archive, found, version.test());
  }

  private static void requireSeen(Path archive, Set<String> found, String file) {
    if (!found.contains(file)) {
      throw new InvalidInputException(archive + ": has no " + file);
    }
  }

  private void records(String place, long size, InputStream in, Part part, int first, int records)
      throws IOException {
    long expected = (long) records * version.recordBytes();
    if (size != expected) {
      throw new InvalidInputException(
          String.format(
              Locale.ROOT,
              "%s: %d bytes, must be %d, %d images of %d bytes each; fetch it again",
              place,
              size,
              expected,
              records,
              version.recordBytes()));
    }
    byte[] record = new byte[version.recordBytes()];
    for (int i = 0; i < records; i++) {
      if (in.readNBytes(record, 0, record.length) < record.length) {
        throw new EOFException("truncated in image " + i);
      }
      int label = record[version.label()] & 0xff;
      LabelCheck.requireBelow(part.classes, place, label, i);
      part.set(first + i, label, record, version.labelBytes());
    }
  }

  /** Collects the images to train on, or those to test on. */
  private static final class Part {
    private final byte[] pixels;
    private final int[] labels;
    private final int classes;

    Part(String name, int images, int classes) {
      this.pixels = MemoryLimit.allocate(name, (long) images * SHAPE.values());
      this.labels = new int[images];
      this.classes = classes;
    }

    int size() {
      return labels.length;
    }

    /** Stores an image. A record has all red values, then all green ones, then all blue ones. */
    void set(int image, int label, byte[] record, int red) {
      labels[image] = label;
      int out = image * SHAPE.values();
      for (int p = red; p < red + PIXELS; p++) {
        pixels[out++] = record[p];
        pixels[out++] = record[p + PIXELS];
        pixels[out++] = record[p + 2 * PIXELS];
      }
    }

    Split split() {
      return new MemorySplit(pixels, labels, SHAPE.values());
    }
  }
}
