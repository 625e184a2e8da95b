package dev.mlit.savedmodel;

import dev.mlit.data.Batch;
import dev.mlit.data.Batches;
import dev.mlit.data.ClassNames;
import dev.mlit.data.Dataset;
import dev.mlit.data.LabelCheck;
import dev.mlit.tensorflow.Tensors;
import java.util.List;
import java.util.function.IntConsumer;
import java.util.stream.IntStream;

/** Counts the images of a dataset's test split that a classifier classifies correctly. */
final class DatasetAccuracy {
  private static final int EVALUATION_BATCH = 250;

  private DatasetAccuracy() {}

  /** See {@link Classifier#evaluate(Dataset, IntConsumer)}. */
  static Classifier.Evaluation of(Classifier classifier, Dataset dataset, IntConsumer progress) {
    int[] classes = classes(dataset, classifier.labels());
    LabelCheck.require(dataset, "test", dataset.test());
    Dataset fitted = dataset.resizedTo(classifier.spec().image());
    int count = classifier.spec().classes();
    long hits = 0;
    int done = 0;
    for (Batch batch : Batches.inOrder(fitted.test(), fitted.shape(), EVALUATION_BATCH)) {
      float[] probabilities =
          classifier.probabilities(Tensors.floats(batch.pixels()), batch.size());
      for (int i = 0; i < batch.size(); i++) {
        hits += best(probabilities, i * count, count) == classes[batch.labels()[i]] ? 1 : 0;
      }
      done += batch.size();
      progress.accept(done);
    }
    int examples = fitted.test().size();
    return new Classifier.Evaluation(hits / (double) examples, examples);
  }

  /** The model's class for every class of a dataset. */
  private static int[] classes(Dataset dataset, List<String> labels) {
    int[] classes = ClassNames.indices(dataset.labels(), labels);
    List<String> unknown =
        IntStream.range(0, classes.length)
            .filter(i -> classes[i] < 0)
            .mapToObj(dataset.labels()::get)
            .toList();
    if (!unknown.isEmpty()) {
      throw new OtherClassesException(
          "dataset "
              + dataset.name()
              + ": its classes must be classes of the model, which knows no "
              + ClassNames.shown(unknown)
              + "; those of the dataset are "
              + ClassNames.shown(dataset.labels())
              + "; those of the model are "
              + ClassNames.shown(labels));
    }
    return classes;
  }

  private static int best(float[] probabilities, int first, int count) {
    int best = 0;
    for (int c = 1; c < count; c++) {
      if (probabilities[first + c] > probabilities[first + best]) {
        best = c;
      }
    }
    return best;
  }
}
