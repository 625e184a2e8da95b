package dev.mlit.data;

import dev.mlit.data.image.BufferedImageRows;
import dev.mlit.data.image.ImageFile;
import dev.mlit.data.image.Readers;
import dev.mlit.data.image.Resampler;
import dev.mlit.spec.ImageShape;
import java.awt.image.BufferedImage;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.Future;
import java.util.function.IntConsumer;
import org.jspecify.annotations.Nullable;

/** A split of image files: decoded when they are read, or kept in memory once it is loaded. */
final class ImageFileSplit implements Split {
  private final LabelledFiles files;
  private final ImageShape shape;
  private final boolean kept;
  private volatile byte @Nullable [] memory;

  /** The last one that was used: most datasets have images of one size. */
  private volatile @Nullable Resampler last;

  /**
   * A split of these files.
   *
   * @param shape the size to which every image is resized, from its own
   * @param kept whether loading keeps the images in memory
   */
  ImageFileSplit(LabelledFiles files, ImageShape shape, boolean kept) {
    this.files = files;
    this.shape = shape;
    this.kept = kept;
  }

  @Override
  public int size() {
    return files.size();
  }

  @Override
  public int label(int index) {
    return files.labels().get(index);
  }

  @Override
  public void pixels(int index, byte[] target, int offset) {
    Objects.checkIndex(index, size());
    byte[] loaded = memory;
    if (loaded == null) {
      decode(index, target, offset);
    } else {
      System.arraycopy(loaded, index * shape.values(), target, offset, shape.values());
    }
  }

  private void decode(int index, byte[] target, int offset) {
    BufferedImage image = files.decode(index, shape.orientation());
    ImageShape decodedShape = ImageFile.shape(image);
    Resampler resampler = last;
    if (resampler == null || !resampler.isFrom(decodedShape)) {
      resampler = new Resampler(decodedShape, shape);
      last = resampler;
    }
    resampler.resample(new BufferedImageRows(image), target, offset);
  }

  @Override
  public synchronized void load(IntConsumer progress) {
    if (!kept || memory != null) {
      return;
    }
    byte[] pixels = new byte[Math.multiplyExact(size(), shape.values())];
    List<Future<?>> chunks = Readers.read(size(), i -> decode(i, pixels, i * shape.values()));
    try {
      for (int i = 0; i < chunks.size(); i++) {
        Readers.await(chunks.get(i));
        progress.accept(Math.min((i + 1) * Readers.CHUNK, size()));
      }
    } finally {
      Readers.cancel(chunks);
    }
    memory = pixels;
  }

  @Override
  public boolean slow() {
    return memory == null;
  }

  @Override
  public Optional<String> file(int index) {
    return Optional.of(files.path(index));
  }
}
