package dev.mlit.data;

import dev.mlit.data.image.ImageFile;
import dev.mlit.spec.ImageShape;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Base64;
import java.util.Map;
import java.util.zip.GZIPOutputStream;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;
import javax.imageio.ImageIO;
import org.apache.commons.compress.archivers.tar.TarArchiveEntry;
import org.apache.commons.compress.archivers.tar.TarArchiveOutputStream;

/** Makes images, folders and archives of them. */
public final class Archives {
  private Archives() {}

  /** A PNG file of one RGB colour, all three values the same. */
  public static byte[] png(int height, int width, int value) {
    ImageShape shape = new ImageShape(height, width, 3);
    byte[] pixels = new byte[shape.values()];
    Arrays.fill(pixels, (byte) value);
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try {
      ImageIO.write(ImageFile.image(pixels, shape), "png", bytes);
    } catch (IOException e) {
      throw new IllegalStateException(e);
    }
    return bytes.toByteArray();
  }

  public static void folder(Path root, Map<String, byte[]> files) throws IOException {
    for (Map.Entry<String, byte[]> file : files.entrySet()) {
      Path target = root.resolve(file.getKey());
      Path parent = target.getParent();
      if (parent != null) {
        Files.createDirectories(parent);
      }
      Files.write(target, file.getValue());
    }
  }

  public static Path zip(Path target, Map<String, byte[]> files) throws IOException {
    try (ZipOutputStream zip = new ZipOutputStream(Files.newOutputStream(target))) {
      for (Map.Entry<String, byte[]> file : files.entrySet()) {
        zip.putNextEntry(new ZipEntry(file.getKey()));
        zip.write(file.getValue());
      }
    }
    return target;
  }

  /** What {@code zip -P} makes: {@code cats/tom.txt}, encrypted. */
  public static Path encryptedZip(Path target) throws IOException {
    return decoded(
        target,
        """
        UEsDBAoACQAAABIWfl0gMDo2EgAAAAYAAAAMAAAAY2F0cy90b20udHh0rE3v4alM5qVUfUdd3fPvAKDHUEsHCCAwOjYSAAAABgAA
        AFBLAQIeAwoACQAAABIWfl0gMDo2EgAAAAYAAAAMAAAAAAAAAAEAAACkgQAAAABjYXRzL3RvbS50eHRQSwUGAAAAAAEAAQA6AAAA
        TAAAAAAA
        """);
  }

  /** What Python's {@code zipfile} makes with ZIP_BZIP2: {@code cats/tom.txt}. */
  public static Path bzip2Zip(Path target) throws IOException {
    return decoded(
        target,
        """
        UEsDBC4AAAAMAAAAIQDRidJCLAAAAGQAAAAMAAAAY2F0cy90b20udHh0QlpoOTFBWSZTWa47zUgAABOBAAJEoAAwzTQKUGE4mk4T
        xdyRThQkK47zUgBQSwECLgMuAAAADAAAACEA0YnSQiwAAABkAAAADAAAAAAAAAAAAAAAgAEAAAAAY2F0cy90b20udHh0UEsFBgAA
        AAABAAEAOgAAAFYAAAAAAA==
        """);
  }

  private static Path decoded(Path target, String base64) throws IOException {
    return Files.write(target, Base64.getMimeDecoder().decode(base64));
  }

  public static Path tarGz(Path target, Map<String, byte[]> files) throws IOException {
    try (OutputStream out = new GZIPOutputStream(Files.newOutputStream(target));
        TarArchiveOutputStream tar = new TarArchiveOutputStream(out)) {
      for (Map.Entry<String, byte[]> file : files.entrySet()) {
        TarArchiveEntry entry = new TarArchiveEntry(file.getKey(), true);
        entry.setSize(file.getValue().length);
        tar.putArchiveEntry(entry);
        tar.write(file.getValue());
        tar.closeArchiveEntry();
      }
    }
    return target;
  }

  /** An archive with a symbolic link to /etc/passwd. */
  public static Path tarGzWithLink(Path target, String name) throws IOException {
    return tarGzWith(target, name, TarArchiveEntry.LF_SYMLINK);
  }

  /** An archive with something else than a file, which leads to /etc/passwd if it is a link. */
  static Path tarGzWith(Path target, String name, byte kind) throws IOException {
    try (OutputStream out = new GZIPOutputStream(Files.newOutputStream(target));
        TarArchiveOutputStream tar = new TarArchiveOutputStream(out)) {
      TarArchiveEntry entry = new TarArchiveEntry(name, kind);
      entry.setLinkName("/etc/passwd");
      tar.putArchiveEntry(entry);
      tar.closeArchiveEntry();
    }
    return target;
  }

  /** The first value of every image of a split. */
  public static int[] firstValues(Dataset dataset, Split split) {
    int[] values = new int[split.size()];
    byte[] pixels = new byte[dataset.shape().values()];
    for (int i = 0; i < values.length; i++) {
      split.pixels(i, pixels, 0);
      values[i] = pixels[0] & 0xff;
    }
    return values;
  }

  public static int[] labels(Split split) {
    int[] labels = new int[split.size()];
    Arrays.setAll(labels, split::label);
    return labels;
  }
}
