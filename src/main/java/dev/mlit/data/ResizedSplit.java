package dev.mlit.data;

import dev.mlit.data.image.PixelRows;
import dev.mlit.data.image.Resampler;
import dev.mlit.spec.ImageShape;
import java.util.Optional;
import java.util.function.IntConsumer;

/** A split whose images are resized when they are read. */
final class ResizedSplit implements Split {
  private final Split split;
  private final ImageShape shape;
  private final Resampler resampler;

  private ResizedSplit(Split split, ImageShape shape, Resampler resampler) {
    this.split = split;
    this.shape = shape;
    this.resampler = resampler;
  }

  static Dataset resize(Dataset dataset, ImageShape target) {
    ImageShape shape = dataset.shape();
    Resampler resampler = new Resampler(shape, target);
    return new SimpleDataset(
        dataset.name(),
        dataset.labels(),
        target,
        new ResizedSplit(dataset.train(), shape, resampler),
        dataset.validation().map(part -> new ResizedSplit(part, shape, resampler)),
        new ResizedSplit(dataset.test(), shape, resampler));
  }

  @Override
  public int size() {
    return split.size();
  }

  @Override
  public int label(int index) {
    return split.label(index);
  }

  @Override
  public void pixels(int index, byte[] target, int offset) {
    byte[] original = new byte[shape.values()];
    split.pixels(index, original, 0);
    resampler.resample(PixelRows.of(original, shape), target, offset);
  }

  @Override
  public void load(IntConsumer progress) {
    split.load(progress);
  }

  @Override
  public boolean slow() {
    return split.slow();
  }

  @Override
  public Optional<String> file(int index) {
    return split.file(index);
  }
}
