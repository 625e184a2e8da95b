package dev.mlit.onnx;

import dev.mlit.files.Disk;
import dev.mlit.files.NotWrittenException;
import dev.mlit.files.WholeFile;
import dev.mlit.spec.InvalidInputException;
import dev.mlit.spec.ModelCost;
import dev.mlit.spec.ModelSpec;
import dev.mlit.spec.text.OptionalLibrary;
import dev.mlit.weights.Weights;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import org.apiguardian.api.API;
import org.apiguardian.api.API.Status;

/**
 * Writes models as ONNX files.
 *
 * @since 0.1.0
 */
@API(status = Status.INTERNAL)
public final class OnnxFile {
  private static final String ENDING = ".onnx";

  /** Protobuf's limit of a message is 2 GiB; what is left is far more than a graph takes. */
  private static final long MOST_PARAMETERS = (Integer.MAX_VALUE - (64L << 20)) / Float.BYTES;

  /** A ModelProto of mlit: field 1, a varint, is the IR version; field 2 the producer's name. */
  private static final byte[] BEGINNING = {8, 8, 0x12, 4, 'm', 'l', 'i', 't'};

  private OnnxFile() {}

  /**
   * Checks that there is what an ONNX file is written with, and that one may be written to a place:
   * it is new, empty, or an earlier ONNX file of mlit.
   *
   * @throws InvalidInputException if it does not end with {@code .onnx}, or holds anything else
   * @throws IllegalStateException if Tribuo's classes of the format are not on the class path
   */
  public static void requireWritable(Path file) {
    requireLibrary(OnnxFile.class.getClassLoader());
    Disk.requireOwnFiles(file);
    if (!String.valueOf(file.getFileName()).toLowerCase(Locale.ROOT).endsWith(ENDING)) {
      throw new InvalidInputException(file + ": must end with .onnx, as one file is written");
    }
    if (Files.isDirectory(file)) {
      throw new InvalidInputException(file + ": is a directory, must be a file");
    }
    if (Files.isRegularFile(file)) {
      requireOwn(file);
    }
  }

  private static void requireOwn(Path file) {
    try (InputStream in = Files.newInputStream(file)) {
      byte[] beginning = in.readNBytes(BEGINNING.length);
      if (beginning.length > 0 && !Arrays.equals(beginning, BEGINNING)) {
        throw new InvalidInputException(
            file + ": is a file that mlit did not write, it is not overwritten");
      }
    } catch (IOException e) {
      throw InvalidInputException.unreadable(file, e);
    }
  }

  /** As {@link #requireWritable}, of a class loader. */
  static void requireLibrary(ClassLoader classes) {
    OptionalLibrary.ONNX.require("to write ONNX files", classes);
  }

  /**
   * Writes a file, or replaces an earlier one of mlit: after any failure it is whole, the old one,
   * or not there.
   *
   * @param labels the names of the classes; empty for an autoencoder
   * @param outputs what it computes
   * @throws InvalidInputException as {@link #requireWritable} does, if the model has one of the
   *     outputs not, or is larger than an ONNX file can be
   * @throws NotWrittenException if the disk does not take it
   * @throws IllegalStateException if Tribuo's classes of the format are not on the class path
   */
  public static void write(
      ModelSpec model, Weights weights, List<String> labels, Set<OnnxOutput> outputs, Path file) {
    requireWritable(file);
    OnnxOutput.require(outputs, model);
    long parameters = ModelCost.of(model).parameters();
    if (parameters > MOST_PARAMETERS) {
      throw new InvalidInputException(
          String.format(
              Locale.ROOT,
              "%s: has %,d parameters, must have at most %,d in an ONNX file, which has at most"
                  + " 2 GiB",
              model.name(),
              parameters,
              MOST_PARAMETERS));
    }
    try {
      Path directory = file.toAbsolutePath().getParent();
      if (directory != null) {
        Files.createDirectories(directory);
      }
      WholeFile.write(file, out -> OnnxModel.of(model, weights, labels, outputs).writeTo(out));
    } catch (IOException e) {
      throw NotWrittenException.orInvalid(file, e);
    }
  }
}
