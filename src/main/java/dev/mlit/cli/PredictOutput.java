package dev.mlit.cli;

import dev.mlit.savedmodel.ImageResult;
import dev.mlit.savedmodel.Prediction;
import dev.mlit.spec.text.Csv;
import java.util.ArrayList;
import java.util.List;

/** How {@code ./mlit predict} prints the classes of images. */
interface PredictOutput {
  /** Prints what comes before the first image. */
  default void begin() {}

  /** Prints an image. */
  void print(ImageResult image);

  /** Prints what comes after the last image. */
  default void end() {}

  /** The names of the formats. */
  enum Format {
    TEXT,
    JSONL,
    CSV
  }

  /** An image that was read, in JSON. */
  record Image(String file, List<Prediction> predictions) {}

  /** An image that was not. */
  record Unread(String file, String problem) {}

  /** What {@code --json} prints. */
  record All(List<Image> images) {}

  /** A format that prints an image when it is classified. */
  static PredictOutput of(Format format, Console console) {
    return switch (format) {
      case TEXT -> image -> text(image, console);
      case JSONL -> image -> console.json(json(image));
      case CSV -> csv(console);
    };
  }

  private static void text(ImageResult image, Console console) {
    for (Prediction best : image.predictions()) {
      console.line("%s: %s %.4f", image.name(), best.label(), best.probability());
    }
  }

  private static Object json(ImageResult image) {
    return image
        .problem()
        .<Object>map(problem -> new Unread(image.name(), CommandAdvice.message(problem)))
        .orElseGet(() -> new Image(image.name(), image.predictions()));
  }

  private static PredictOutput csv(Console console) {
    return new PredictOutput() {
      @Override
      public void begin() {
        row("file", "rank", "index", "label", "probability", "problem");
      }

      @Override
      public void print(ImageResult image) {
        image
            .problem()
            .ifPresent(
                problem -> row(image.name(), "", "", "", "", CommandAdvice.message(problem)));
        for (int i = 0; i < image.predictions().size(); i++) {
          Prediction each = image.predictions().get(i);
          row(
              image.name(),
              String.valueOf(i + 1),
              String.valueOf(each.index()),
              each.label(),
              String.valueOf(each.probability()),
              "");
        }
      }

      private void row(String... cells) {
        console.line("%s", Csv.row(List.of(cells)).stripTrailing());
      }
    };
  }

  /** One JSON object of all images, when they are there. */
  static PredictOutput json(Console console) {
    List<Image> images = new ArrayList<>();
    return new PredictOutput() {
      @Override
      public void print(ImageResult image) {
        if (image.problem().isEmpty()) {
          images.add(new Image(image.name(), image.predictions()));
        }
      }

      @Override
      public void end() {
        console.json(new All(images));
      }
    };
  }
}
