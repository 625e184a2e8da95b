package dev.mlit.data.published;

import java.net.URI;
import java.util.List;

/**
 * What is known of a dataset before any of it is read.
 *
 * @param name what users call it, such as {@code cifar10}
 * @param description its images, in one line
 * @param images the number of labelled images that are published, in all parts; 0 if it is the
 *     user's own affair
 * @param classes the number of classes; 0 if it is the user's own affair
 * @param licence the licence, or that none is stated
 * @param homepage where its authors describe it
 * @param directory the name of its directory in {@code $MLIT_DATA} and {@code data}; the dataset's
 *     own name unless two datasets share their files
 * @param files what is to be downloaded; empty if it comes with mlit or is the user's own
 * @since 0.1.0
 */
public record PublishedDataset(
    String name,
    String description,
    int images,
    int classes,
    String licence,
    URI homepage,
    String directory,
    List<PublishedFile> files) {
  public PublishedDataset {
    files = List.copyOf(files);
  }

  /** The size of the files together, in bytes. */
  public long bytes() {
    return files.stream().mapToLong(PublishedFile::bytes).sum();
  }
}
