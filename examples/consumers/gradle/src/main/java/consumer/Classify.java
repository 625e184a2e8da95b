package consumer;

import dev.mlit.Mlit;
import dev.mlit.savedmodel.Classifier;
import java.nio.file.Path;

/** Says what is in a picture: the best three classes of a model. */
public final class Classify {
  private Classify() {}

  public static void main(String[] args) {
    try (Classifier classifier = Mlit.load(Path.of(args[0]))) {
      classifier.classify(Path.of(args[1]), 3).forEach(System.out::println);
    }
  }
}
