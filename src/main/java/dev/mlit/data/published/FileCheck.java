package dev.mlit.data.published;

import dev.mlit.spec.text.FileProblem;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.Locale;
import java.util.zip.GZIPInputStream;
import org.apiguardian.api.API;
import org.apiguardian.api.API.Status;

/**
 * A file of a dataset on disk, compared with what is published.
 *
 * @param name the published name
 * @param state how the two compare
 * @param detail what a person should know beyond the state; may be empty
 * @since 0.1.0
 */
@API(status = Status.MAINTAINED)
public record FileCheck(String name, State state, String detail) {
  /** How a file compares with the published one. */
  public enum State {
    /** Byte for byte what is published. */
    PUBLISHED,
    /** Another packing of exactly the published content, or that content unpacked. */
    SAME_CONTENT,
    /** There is a file of that name, and it is another one. */
    DIFFERENT,
    /** There is no such file; a reader may still find an unpacked directory. */
    MISSING
  }

  /** True if the file holds what is published. */
  public boolean right() {
    return state == State.PUBLISHED || state == State.SAME_CONTENT;
  }

  /** Reads the whole file, or none if its size tells enough. */
  static FileCheck of(PublishedFile file, Path directory) {
    Path packed = directory.resolve(file.name());
    Path plain = directory.resolve(file.plainName());
    try {
      if (Files.isRegularFile(packed)) {
        return of(file, packed, Files.size(packed));
      }
      if (Files.isRegularFile(plain) && file.contentMd5() != null) {
        String md5 = md5(plain);
        return md5.equals(file.contentMd5())
            ? new FileCheck(file.name(), State.SAME_CONTENT, "unpacked")
            : new FileCheck(file.name(), State.DIFFERENT, plain + ": MD5 " + md5);
      }
      return new FileCheck(file.name(), State.MISSING, "");
    } catch (IOException e) {
      return new FileCheck(file.name(), State.DIFFERENT, FileProblem.unreadable(packed, e));
    }
  }

  private static FileCheck of(PublishedFile file, Path path, long bytes) throws IOException {
    if (bytes == file.bytes() && md5(path).equals(file.md5())) {
      return new FileCheck(file.name(), State.PUBLISHED, "");
    }
    if (file.contentMd5() != null && contentMd5(path).equals(file.contentMd5())) {
      return new FileCheck(file.name(), State.SAME_CONTENT, "packed by someone else");
    }
    return new FileCheck(
        file.name(),
        State.DIFFERENT,
        String.format(
            Locale.ROOT,
            "%s: %d bytes, MD5 %s; published are %d bytes, MD5 %s",
            path,
            bytes,
            md5(path),
            file.bytes(),
            file.md5()));
  }

  /** The MD5 sum of a file, in lower-case hexadecimal digits. */
  static String md5(Path file) throws IOException {
    try (InputStream in = Files.newInputStream(file)) {
      return md5(in);
    }
  }

  /** The sum of what a gzip file unpacks to; empty if it is none, or damaged. */
  private static String contentMd5(Path file) throws IOException {
    try (InputStream in = Files.newInputStream(file)) {
      return md5(new GZIPInputStream(in, 1 << 16));
    } catch (java.io.EOFException | java.util.zip.ZipException e) {
      return "";
    }
  }

  private static String md5(InputStream in) throws IOException {
    MessageDigest digest;
    try {
      digest = MessageDigest.getInstance("MD5");
    } catch (NoSuchAlgorithmException e) {
      throw new AssertionError("every Java has MD5", e);
    }
    byte[] buffer = new byte[1 << 16];
    for (int n = in.read(buffer); n >= 0; n = in.read(buffer)) {
      digest.update(buffer, 0, n);
    }
    return HexFormat.of().formatHex(digest.digest());
  }
}
