package dev.mlit.data.published;

import dev.mlit.data.Archives;
import dev.mlit.data.ImageFolder;
import dev.mlit.data.ReadOptions;
import dev.mlit.data.image.ImageBytes;
import dev.mlit.data.image.ImageFile;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.zip.DeflaterOutputStream;
import java.util.zip.GZIPOutputStream;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;
import org.apache.commons.compress.archivers.tar.TarArchiveEntry;
import org.apache.commons.compress.archivers.tar.TarArchiveOutputStream;

/**
 * A file that claims or unpacks to hundreds of megabytes, or more.
 *
 * @param name what it is
 * @param file what it is called
 * @param maker writes it
 * @param reader of such files
 */
record HostileSize(String name, String file, Maker maker, Reader reader) {
  private static final int MEGABYTE = 1 << 20;

  /** Writes a file. */
  @FunctionalInterface
  interface Maker {
    void write(Path file) throws IOException;
  }

  /** Reads a file. */
  @FunctionalInterface
  interface Reader {
    void read(Path file);
  }

  static List<HostileSize> all() {
    Reader idx = IdxReader::images;
    Reader mat = file -> Svhn.read(file.resolveSibling(""));
    Reader image = ImageFile::decode;
    Reader folder = file -> ImageFolder.read("x", file).train().load(done -> {});
    byte[] flags = MatBytes.element(MatBytes.UINT32, MatBytes.ints(MatBytes.NUMBERS, 0));
    byte[] dimensions = MatBytes.element(MatBytes.INT32, MatBytes.ints(32, 32));
    return List.of(
        of("idx-of-2-to-the-31", "x", IdxBytes.idx(8, new int[] {1 << 31, 28, 28}, 1, 2, 3), idx),
        of("idx-of-2-gb", "x", IdxBytes.idx(8, new int[] {2_097_151, 32, 32}, 1, 2, 3), idx),
        new HostileSize("idx-of-300-mb", "x", HostileSize::idx, idx),
        mat("numbers", matrix(numbers(400_000)), mat),
        mat("compressed", MatBytes.compressed(matrix(numbers(400_000))), mat),
        mat("flags", large(MatBytes.UINT32), mat),
        mat("dimensions", large(MatBytes.INT32, flags), mat),
        mat("name", large(MatBytes.INT8, flags, dimensions), mat),
        new HostileSize("mat-of-300-mb", Svhn.TRAIN, HostileSize::mat, mat),
        mat("objects", matrix(MatBytes.header(MatBytes.OPAQUE, "X")), mat),
        mat("cells", matrix(MatBytes.header(MatBytes.CELL, "X", 1 << 15, 1 << 15)), mat),
        new HostileSize("cifar", "x", Files::createFile, f -> Cifar.ten(f.resolveSibling(""))),
        of("png-60000x60000", "x", ImageBytes.pngHeader(60_000, 60_000, 8, false), image),
        of("png-9999x9999", "x", largePng(), image),
        zipped("png-text", HostileSize::png, folder),
        zipped("gif-comment", () -> ImageBytes.gifWithComment(20 * MEGABYTE), folder),
        new HostileSize("tar", "x.tgz", HostileSize::tar, folder),
        new HostileSize("tar-of-empty-files", "x.tgz", HostileSize::tarOfEmptyFiles, folder),
        new HostileSize(
            "zip-of-text",
            "x.zip",
            HostileSize::zip,
            file -> TinyImageNet.read(file, ReadOptions.DEFAULT)));
  }

  private static HostileSize of(String name, String file, byte[] content, Reader reader) {
    return new HostileSize(name, file, path -> Files.write(path, content), reader);
  }

  private static void idx(Path file) throws IOException {
    try (OutputStream out = gzip(file)) {
      out.write(IdxBytes.idx(8, new int[] {300, 1024, 1024}));
      zeros(out, 300);
    }
  }

  // ---- MATLAB ----

  private static HostileSize mat(String name, byte[] element, Reader reader) {
    return of("mat-" + name, Svhn.TRAIN, MatBytes.file(element), reader);
  }

  private static byte[] matrix(byte[] content) {
    return MatBytes.element(MatBytes.MATRIX, content);
  }

  /** All of an array but its numbers. */
  private static byte[] numbers(int images) {
    return MatBytes.join(
        MatBytes.header(MatBytes.NUMBERS, "X", 32, 32, 3, images),
        MatBytes.tag(MatBytes.UINT8, images * 3072));
  }

  /** So compressed that the length which it claims is possible. */
  private static byte[] large(int type, byte[]... before) {
    byte[] start = MatBytes.join(MatBytes.join(before), MatBytes.tag(type, 1_000_000_000));
    return MatBytes.compressed(matrix(MatBytes.join(start, new byte[8 * MEGABYTE])));
  }

  /** What it claims is there: images of zeros. */
  private static void mat(Path file) throws IOException {
    byte[] start = numbers(300 * MEGABYTE / 3072);
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try (OutputStream packed = new DeflaterOutputStream(bytes)) {
      packed.write(MatBytes.tag(MatBytes.MATRIX, start.length + 300 * MEGABYTE));
      packed.write(start);
      zeros(packed, 300);
    }
    byte[] compressed = MatBytes.join(MatBytes.tag(15, bytes.size()), bytes.toByteArray());
    Files.write(file, MatBytes.file(compressed));
  }

  // ---- Images ----

  private interface Image {
    byte[] bytes() throws IOException;
  }

  private static HostileSize zipped(String name, Image image, Reader reader) {
    return new HostileSize(
        name,
        "x.zip",
        file ->
            Archives.zip(file, Map.of("a/1.png", image.bytes(), "b/2.png", Archives.png(1, 1, 1))),
        reader);
  }

  private static byte[] largePng() {
    byte[] header = ImageBytes.pngHeader(9999, 9999, 16, true);
    return MatBytes.join(header, ImageBytes.chunk("IDAT", new byte[9]));
  }

  private static byte[] png() {
    byte[] text = ImageBytes.chunk("tEXt", new byte[20 * MEGABYTE]);
    return MatBytes.join(ImageBytes.pngHeader(9, 9, 8, false), text);
  }

  // ---- Archives ----

  private static void tar(Path file) throws IOException {
    try (TarArchiveOutputStream tar = new TarArchiveOutputStream(gzip(file))) {
      TarArchiveEntry entry = new TarArchiveEntry("a/1.png");
      entry.setSize(300L * MEGABYTE);
      tar.putArchiveEntry(entry);
      zeros(tar, 300);
      tar.closeArchiveEntry();
    }
  }

  private static void tarOfEmptyFiles(Path file) throws IOException {
    try (TarArchiveOutputStream tar = new TarArchiveOutputStream(gzip(file))) {
      for (int i = 0; i < 200_000; i++) {
        tar.putArchiveEntry(new TarArchiveEntry("a/" + i + ".png"));
        tar.closeArchiveEntry();
      }
    }
  }

  private static void zip(Path file) throws IOException {
    try (ZipOutputStream out = new ZipOutputStream(Files.newOutputStream(file))) {
      out.putNextEntry(new ZipEntry("words.txt"));
      out.write("n01\tone\n".getBytes(StandardCharsets.UTF_8));
      out.putNextEntry(new ZipEntry("train/n01/images/1.JPEG"));
      out.putNextEntry(new ZipEntry("val/val_annotations.txt"));
      zeros(out, 300);
    }
  }

  private static OutputStream gzip(Path file) throws IOException {
    return new GZIPOutputStream(Files.newOutputStream(file), 1 << 16);
  }

  private static void zeros(OutputStream out, int megabytes) throws IOException {
    byte[] zeros = new byte[MEGABYTE];
    for (int i = 0; i < megabytes; i++) {
      out.write(zeros);
    }
  }
}
