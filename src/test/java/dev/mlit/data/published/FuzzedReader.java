package dev.mlit.data.published;

import dev.mlit.data.FileTree;
import dev.mlit.data.LabelFile;
import dev.mlit.data.ReadOptions;
import dev.mlit.data.image.ImageFile;
import dev.mlit.files.ModelLayout;
import dev.mlit.spec.ImageShape;
import dev.mlit.spec.ImageShape.Orientation;
import dev.mlit.spec.Specs;
import dev.mlit.testing.HostileFiles;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;
import java.util.stream.Stream;
import java.util.zip.GZIPOutputStream;
import org.apache.commons.io.file.PathUtils;

/**
 * The readers of files that come from outside, each as something that any bytes can be given to.
 */
enum FuzzedReader {
  IDX_IMAGES("images") {
    @Override
    void read(Path file) {
      IdxReader.images(file);
    }
  },
  IDX_LABELS("labels") {
    @Override
    void read(Path file) {
      IdxReader.labels(file);
    }
  },
  /** Five images to train on and one to test on, in a .tar.gz; given without its compression. */
  CIFAR("cifar-100-binary.tar.gz") {
    @Override
    void read(Path file) {
      new Cifar(Cifar.HUNDRED, 5).read(file);
    }

    @Override
    void write(Path file, byte[] input) throws IOException {
      gzip(file, input);
    }
  },
  SVHN("train_32x32.mat") {
    @Override
    void read(Path file) {
      Svhn.read(parent(file));
    }

    @Override
    void write(Path file, byte[] input) throws IOException {
      Files.write(file, input);
      Files.write(file.resolveSibling(Svhn.TEST), input);
    }
  },
  /** The classes of two images. */
  FLOWERS_LABELS("imagelabels.mat") {
    @Override
    void read(Path file) {
      Flowers102.read(parent(file), ReadOptions.DEFAULT);
    }

    @Override
    void write(Path file, byte[] input) throws IOException {
      flowers(file);
      Files.write(file, input);
    }
  },
  /** Which of two images to train on. */
  FLOWERS_SETS("setid.mat") {
    @Override
    void read(Path file) {
      Flowers102.withValidation(parent(file), ReadOptions.DEFAULT);
    }

    @Override
    void write(Path file, byte[] input) throws IOException {
      flowers(file);
      Files.write(file, input);
    }
  },
  /** Given without its compression. */
  TAR("birds.tar.gz") {
    @Override
    void read(Path file) throws IOException {
      archive(file);
    }

    @Override
    void write(Path file, byte[] input) throws IOException {
      gzip(file, input);
    }
  },
  TAR_GZ("birds.tgz") {
    @Override
    void read(Path file) throws IOException {
      archive(file);
    }
  },
  ZIP("birds.zip") {
    @Override
    void read(Path file) throws IOException {
      archive(file);
    }
  },
  /** The names of the classes of a model of three. */
  LABEL_FILE(ModelLayout.LABELS) {
    @Override
    void read(Path file) {
      LabelFile.read(file, 3);
    }
  },
  /** What a model is, beside its weights. */
  MODEL_SPEC("spec.yaml") {
    @Override
    void read(Path file) {
      Specs.model(file.toString());
    }
  },
  /** An image as a folder's and as a user's own. */
  IMAGE("image") {
    @Override
    void read(Path file) {
      ImageFile.read(file, new ImageShape(6, 6, 3, Orientation.EXIF));
    }
  };

  private final String fileName;

  FuzzedReader(String fileName) {
    this.fileName = fileName;
  }

  /** What the file is called, as readers go by names. */
  Path file(Path directory) {
    return directory.resolve(fileName);
  }

  /** Reads the file to its end. */
  abstract void read(Path file) throws IOException;

  /** Makes the file of what a fuzzer made up. */
  void write(Path file, byte[] input) throws IOException {
    Files.write(file, input);
  }

  /** The reader whose kept inputs lie in a folder of that name. */
  static FuzzedReader inFolder(String name) {
    return valueOf(name.toUpperCase(Locale.ROOT).replace('-', '_'));
  }

  /** Where its kept inputs lie. */
  String folder() {
    return name().toLowerCase(Locale.ROOT).replace('_', '-');
  }

  /**
   * Reads these bytes as a file.
   *
   * @param directory for this reader alone, as what is in it is replaced
   * @throws AssertionError if they are neither read nor refused as they should be
   */
  void run(Path directory, byte[] input) throws IOException {
    Path file = file(directory);
    write(file, input);
    // Some are several files.
    HostileFiles.readOrRefuse(directory, () -> read(file));
  }

  private static Path parent(Path file) {
    return file.resolveSibling("");
  }

  /** What lies beside one of its files. */
  private static void flowers(Path file) throws IOException {
    if (!Files.exists(file.resolveSibling("jpg"))) {
      Flowers.folder(parent(file));
    }
  }

  private static void gzip(Path file, byte[] input) throws IOException {
    try (OutputStream out = new GZIPOutputStream(Files.newOutputStream(file))) {
      out.write(input);
    }
  }

  /** Both that read archives. */
  private static void archive(Path archive) throws IOException {
    HostileFiles.readOrRefuse(archive, () -> unpack(archive));
    FileTree tree = FileTree.open(archive);
    for (String file : tree.files()) {
      HostileFiles.readOrRefuse(archive, () -> tree.lines(file));
    }
  }

  private static void unpack(Path archive) throws IOException {
    Path target = Unpacker.directory(archive);
    try {
      Unpacker.unpack(archive, new Unpacker.Limits(50, 1_000_000));
    } finally {
      if (Files.exists(target)) {
        PathUtils.deleteDirectory(target);
      }
      requireAlone(archive);
    }
  }

  /** Nothing was written anywhere else, nothing is left. */
  private static void requireAlone(Path archive) {
    try (Stream<Path> files = Files.list(parent(archive))) {
      if (files.count() != 1) {
        throw new AssertionError("more than " + archive + " is left");
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
