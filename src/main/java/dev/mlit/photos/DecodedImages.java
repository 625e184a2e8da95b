package dev.mlit.photos;

import dev.mlit.data.Dataset;
import dev.mlit.data.Split;
import dev.mlit.spec.ImageShape;
import dev.mlit.spec.RunSpec;
import java.util.List;
import java.util.Optional;

/**
 * The images of a run before validation images are cut off, which gives those parts that were
 * decoded already, so that nothing is decoded twice.
 *
 * @param whole all of them
 * @param run that the parts are of
 * @param cut the parts of the run
 */
record DecodedImages(Dataset whole, RunSpec run, Dataset cut) implements Dataset {
  /** The images for a trainer of the run, whose parts are these. */
  static Dataset of(RunSpec run, Dataset whole, Dataset cut) {
    return new DecodedImages(whole, run, cut);
  }

  /** A share of the labels is drawn after that, if at all. */
  @Override
  public Dataset withValidation(double fraction, long seed) {
    boolean same = fraction == run.data().validationFraction() && seed == run.training().seed();
    if (!same) {
      return whole.withValidation(fraction, seed);
    }
    return run.data().labelFraction() == 1 ? cut : this;
  }

  @Override
  public Dataset withLabels(double fraction, long seed) {
    boolean same = fraction == run.data().labelFraction() && seed == run.training().seed();
    return same ? cut : whole.withLabels(fraction, seed);
  }

  @Override
  public String name() {
    return whole.name();
  }

  @Override
  public List<String> labels() {
    return whole.labels();
  }

  @Override
  public ImageShape shape() {
    return whole.shape();
  }

  @Override
  public Split train() {
    return parted().train();
  }

  @Override
  public Optional<Split> validation() {
    return parted().validation();
  }

  @Override
  public Split test() {
    return parted().test();
  }

  private Dataset parted() {
    boolean asItIs = run.data().validationFraction() == 0 && run.data().labelFraction() == 1;
    return asItIs ? cut : whole;
  }

  @Override
  public Dataset resizedTo(ImageShape shape) {
    return shape.equals(shape()) ? this : whole.resizedTo(shape);
  }
}
