package dev.mlit.savedmodel;

import dev.mlit.data.Batch;
import dev.mlit.data.Batches;
import dev.mlit.data.ClassNames;
import dev.mlit.data.Dataset;
import dev.mlit.data.LabelCheck;
import dev.mlit.data.Split;
import dev.mlit.spec.InvalidInputException;
import dev.mlit.tensorflow.Tensors;
import java.util.List;
import java.util.Locale;
import java.util.function.IntConsumer;
import java.util.stream.IntStream;

/** Classifies the images of a dataset's test split, to see what a classifier is worth. */
final class DatasetEvaluation {
  private static final int EVALUATION_BATCH = 250;

  private DatasetEvaluation() {}

  /** See {@link Classifier#evaluate(Dataset, IntConsumer)}. */
  static Evaluation of(Classifier classifier, Dataset dataset, IntConsumer progress) {
    int[] classes = classes(dataset, classifier.labels());
    Split images = dataset.test();
    if (images.size() == 0) {
      throw new InvalidInputException("dataset " + dataset.name() + ": has no image to test on");
    }
    LabelCheck.require(dataset, "test", images);
    Dataset fitted = dataset.resizedTo(classifier.spec().image());
    int count = classifier.spec().classes();
    EvaluationCounts counts = new EvaluationCounts(classifier.labels());
    int done = 0;
    for (Batch batch : Batches.inOrder(fitted.test(), fitted.shape(), EVALUATION_BATCH)) {
      float[] logits = classifier.logits(Tensors.floats(batch.pixels()), batch.size());
      requireFinite(logits, count, done, dataset);
      for (int i = 0; i < batch.size(); i++) {
        counts.add(logits, i * count, classes[batch.labels()[i]]);
      }
      done += batch.size();
      progress.accept(done);
    }
    return counts.evaluation(images::file);
  }

  private static void requireFinite(float[] logits, int count, int done, Dataset dataset) {
    for (int i = 0; i < logits.length; i++) {
      if (!Float.isFinite(logits[i])) {
        throw new InvalidInputException(
            String.format(
                Locale.ROOT,
                "the model is of no use: it gives class %d of test image %d of dataset %s the logit"
                    + " %s, which must be a finite number",
                i % count,
                done + i / count,
                dataset.name(),
                logits[i]));
      }
    }
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
}
