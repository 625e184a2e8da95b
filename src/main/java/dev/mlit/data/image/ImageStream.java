package dev.mlit.data.image;

import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import javax.imageio.IIOException;
import javax.imageio.stream.MemoryCacheImageInputStream;

/**
 * An image file in memory, where ImageIO would make a temporary file. It fails where a reader goes
 * back to one place again and again: of a WebP file that ends early, or that says so, the reader
 * takes zeros for what is missing, and sixty bytes can claim tens of thousands of tables.
 */
final class ImageStream extends MemoryCacheImageInputStream {
  /** In a row; a file that is right has some dozens, in its last bytes. */
  private static final int MOST_RETURNS = 10_000;

  private long place = -1;
  private int returns;

  ImageStream(InputStream in) {
    super(in);
  }

  /**
   * To a place that may lie beyond the end, which reading there says: two GiB beyond it, Java's
   * stream would not see that.
   *
   * @throws EOFException where it lies so far that no file that is read reaches it
   */
  @Override
  public void seek(long position) throws IOException {
    if (position > Integer.MAX_VALUE) {
      throw new EOFException();
    }
    returns = position == place ? returns + 1 : 0;
    place = position;
    if (returns > MOST_RETURNS) {
      throw new IIOException("ends before its pixels do");
    }
    super.seek(position);
  }
}
