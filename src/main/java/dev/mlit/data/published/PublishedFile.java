package dev.mlit.data.published;

import java.net.URI;
import org.apiguardian.api.API;
import org.apiguardian.api.API.Status;
import org.jspecify.annotations.Nullable;

/**
 * A file of a dataset as its authors publish it.
 *
 * @param name its name, also on disk; no directory in it
 * @param url where it is published
 * @param bytes its size, at least 1
 * @param md5 its MD5 sum, 32 lower-case hexadecimal digits. It tells damage and wrong files apart
 *     from the right ones; it is what the authors publish, and no protection against a forger.
 * @param contentMd5 the same sum of what a gzip file unpacks to, which another packing of the same
 *     content (such as Debian's) shares; null where that is not known
 * @since 0.1.0
 */
@API(status = Status.MAINTAINED)
public record PublishedFile(
    String name, URI url, long bytes, String md5, @Nullable String contentMd5) {
  /** The name of the file without its compression, such as {@code t10k-labels-idx1-ubyte}. */
  String plainName() {
    return name.endsWith(".gz") ? name.substring(0, name.length() - 3) : name;
  }
}
