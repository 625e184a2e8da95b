package dev.mlit.data;

import dev.mlit.spec.InvalidInputException;
import dev.mlit.spec.RunSpec;
import org.apiguardian.api.API;
import org.apiguardian.api.API.Status;

/**
 * The images of a run, of the size of its model.
 *
 * @since 0.1.0
 */
@API(status = Status.INTERNAL)
public final class RunData {
  private RunData() {}

  /**
   * Opens the dataset that a run names.
   *
   * @throws InvalidInputException if it is missing or damaged or does not fit the model
   */
  public static Dataset open(RunSpec run) {
    return fitted(run, Datasets.open(run.data()));
  }

  /**
   * The images of a dataset in the size of a run's model.
   *
   * @throws InvalidInputException if it has another number of classes, a label of none of them, or
   *     no images
   */
  public static Dataset fitted(RunSpec run, Dataset data) {
    int classes = run.model().classes();
    if (!run.model().isAutoencoder() && data.labels().size() != classes) {
      throw new InvalidInputException(
          advice ->
              "model.classes: "
                  + classes
                  + " must be the number of classes of dataset "
                  + data.name()
                  + ", "
                  + data.labels().size()
                  + " ("
                  + advice.set("model.classes", data.labels().size())
                  + ")");
    }
    if (data.train().size() == 0 || data.test().size() == 0) {
      throw new InvalidInputException(
          "data: dataset " + data.name() + " must have images to train and to test on");
    }
    LabelCheck.requireNames(data.name(), data.labels());
    // Not even the labels of test images are read before they are tested.
    LabelCheck.require(data, "training", data.train());
    data.validation().ifPresent(part -> LabelCheck.require(data, "validation", part));
    return Datasets.parts(run, data.resizedTo(run.model().image()));
  }
}
