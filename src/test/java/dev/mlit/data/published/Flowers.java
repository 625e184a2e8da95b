package dev.mlit.data.published;

import dev.mlit.data.Archives;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import us.hebi.matlab.mat.format.Mat5;
import us.hebi.matlab.mat.types.MatFile;
import us.hebi.matlab.mat.types.MatlabType;
import us.hebi.matlab.mat.types.Matrix;
import us.hebi.matlab.mat.types.Sinks;

/** Makes folders as Oxford publishes Flowers-102, with fewer images. */
final class Flowers {
  private Flowers() {}

  /** A folder of two images, the first of which is to train on and the second to test on. */
  static void folder(Path root) throws IOException {
    labels(root, 1, 2);
    sets(root, row(1), row(1), row(2));
    Archives.folder(root, images("jpg/image_%05d.jpg", 2));
  }

  /** Images of 2x3 pixels, all of whose values are their number. */
  static Map<String, byte[]> images(String name, int count) {
    Map<String, byte[]> files = new TreeMap<>();
    for (int i = 1; i <= count; i++) {
      // What a file is, its first bytes say.
      files.put(String.format(Locale.ROOT, name, i), Archives.png(2, 3, i));
    }
    return files;
  }

  static void labels(Path root, int... labels) throws IOException {
    write(root.resolve("imagelabels.mat"), Mat5.newMatFile().addArray("labels", row(labels)));
  }

  static void sets(Path root, Matrix train, Matrix valid, Matrix test) throws IOException {
    MatFile file = Mat5.newMatFile();
    file.addArray("trnid", train).addArray("valid", valid).addArray("tstid", test);
    write(root.resolve("setid.mat"), file);
  }

  static Matrix row(int... values) {
    Matrix row = Mat5.newMatrix(1, values.length, MatlabType.Double);
    for (int i = 0; i < values.length; i++) {
      row.setDouble(i, values[i]);
    }
    return row;
  }

  static void write(Path file, MatFile content) throws IOException {
    Files.deleteIfExists(file);
    try (var sink = Sinks.newStreamingFile(file.toFile())) {
      Mat5.newWriter(sink).writeMat(content);
    }
  }
}
