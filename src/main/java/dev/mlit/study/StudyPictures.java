package dev.mlit.study;

import dev.mlit.data.Dataset;
import dev.mlit.model.Inspector;
import dev.mlit.report.Component;
import dev.mlit.report.Scatter;
import dev.mlit.report.Sheets;
import dev.mlit.spec.ImageShape;
import dev.mlit.spec.ModelSpec;
import dev.mlit.spec.RunSpec;
import dev.mlit.spec.StudySpec;
import dev.mlit.train.PretrainedWeights;
import dev.mlit.train.RunDirectory;
import dev.mlit.train.TrainingResult;
import dev.mlit.weights.Weights;
import java.awt.Color;
import java.awt.image.BufferedImage;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.function.Function;

/**
 * What the models of a study make of test images of its first target: which expert every patch goes
 * to, and a map of the features.
 */
final class StudyPictures {
  /** Images on a map; of more the points would hide each other. */
  private static final int POINTS = 600;

  /** Classes on a map; of more the colours could not be told apart. */
  private static final int CLASSES = 10;

  private static final int IMAGES_LOOKED_AT = 100;
  private static final int ROWS = 6;
  private static final List<String> COLOUR_NAMES =
      List.of("blue", "orange", "green", "violet", "red", "yellow");
  private static final int[] COLOURS = {0x2f6fde, 0xe8790c, 0x2aa35a, 0x8a4fd3, 0xd83a3a, 0xd8c11c};
  private static final float OVERLAY = 0.55f;

  private final Sheets experts =
      Sheets.of(
          "Which expert each patch goes to",
          "Every row is a test image, then the same for every block, over it the expert with the"
              + " largest gate of each patch: "
              + String.join(", ", COLOUR_NAMES)
              + " for experts 0, 1, 2, and so on. A block's experts have nothing to do with those"
              + " of another.");
  private final List<Scatter> maps = new ArrayList<>();

  private StudyPictures() {}

  /** Looks into the pre-trained models, and into those of the first seed with the most labels. */
  static StudyPictures of(
      StudySpec spec, StudyPlan plan, Function<RunSpec.Data, Dataset> datasets) {
    StudyPictures pictures = new StudyPictures();
    StudySpec.Target target = spec.targets().get(0);
    Dataset data = datasets.apply(plan.run(target).data());
    data.test().load(done -> {});
    for (StudySpec.Pretraining each : spec.pretraining()) {
      PretrainedWeights found = PretrainedWeights.find(plan.from(each));
      ModelSpec model = found.model();
      if (model != null) {
        pictures.look(each.name() + ", pre-trained", model, found.weights(), data);
      }
    }
    double most = target.fractions().stream().mapToDouble(f -> f.labels()).max().orElse(1);
    Map<String, Cell> cells = new LinkedHashMap<>();
    for (Cell cell : plan.cells(target)) {
      if (cell.fraction().labels() == most) {
        cells.putIfAbsent(cell.column(spec), cell);
      }
    }
    cells.forEach(
        (arm, cell) -> {
          TrainingResult result =
              RunDirectory.open(Objects.requireNonNull(plan.directory(cell))).result();
          pictures.look(arm + ", " + cell.labels(), result.run().model(), result.weights(), data);
        });
    return pictures;
  }

  Component experts() {
    return experts;
  }

  Component[] maps() {
    return maps.toArray(new Component[0]);
  }

  private void look(String name, ModelSpec model, Weights weights, Dataset dataset) {
    Dataset data = dataset.resizedTo(model.image());
    List<Integer> chosen = chosen(data);
    try (Inspector inspector = new Inspector(model, weights)) {
      float[][] features = new float[chosen.size()][];
      for (int first = 0; first < chosen.size(); first += IMAGES_LOOKED_AT) {
        List<Integer> some =
            chosen.subList(first, Math.min(chosen.size(), first + IMAGES_LOOKED_AT));
        Inspector.Seen seen = inspector.look(pixels(data, some), some.size());
        for (int i = 0; i < some.size(); i++) {
          features[first + i] = seen.features()[i];
        }
      }
      maps.add(map(name, data, chosen, features));
      List<Integer> rows = rows(chosen);
      Inspector.Seen seen = inspector.look(pixels(data, rows), rows.size());
      experts.add(sheet(model, pixels(data, rows), rows.size(), seen), name);
    }
  }

  /** Evenly spread over the test images, of the first classes only. */
  private static List<Integer> chosen(Dataset data) {
    List<Integer> some = new ArrayList<>();
    for (int i = 0; i < data.test().size(); i++) {
      if (data.test().label(i) < CLASSES) {
        some.add(i);
      }
    }
    int count = Math.min(POINTS, some.size());
    List<Integer> spread = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      spread.add(some.get((int) ((long) some.size() * i / count)));
    }
    return spread;
  }

  private static List<Integer> rows(List<Integer> chosen) {
    Set<Integer> rows = new LinkedHashSet<>();
    for (int i = 0; i < Math.min(ROWS, chosen.size()); i++) {
      rows.add(chosen.get(i * chosen.size() / ROWS));
    }
    return List.copyOf(rows);
  }

  private static byte[] pixels(Dataset data, List<Integer> images) {
    int each = data.shape().values();
    byte[] pixels = new byte[images.size() * each];
    for (int i = 0; i < images.size(); i++) {
      data.test().pixels(images.get(i), pixels, i * each);
    }
    return pixels;
  }

  private static Scatter map(String name, Dataset data, List<Integer> images, float[][] features) {
    double[][] places = PrincipalComponents.project(features);
    Set<Integer> present = new HashSet<>();
    images.forEach(i -> present.add(data.test().label(i)));
    int classes = present.stream().mapToInt(c -> c + 1).max().orElse(1);
    Scatter scatter = Scatter.of(name, data.labels().subList(0, classes));
    for (int i = 0; i < images.size(); i++) {
      scatter.point(places[i][0], places[i][1], data.test().label(images.get(i)));
    }
    return scatter;
  }

  /** A row for every image: itself, then for every block the experts of its patches over it. */
  private static BufferedImage sheet(
      ModelSpec model, byte[] pixels, int rows, Inspector.Seen seen) {
    ImageShape shape = model.image();
    int blocks = seen.experts().size();
    BufferedImage sheet =
        new BufferedImage(
            (1 + blocks) * shape.width(), rows * shape.height(), BufferedImage.TYPE_INT_RGB);
    int across = shape.width() / model.patch();
    for (int row = 0; row < rows; row++) {
      for (int y = 0; y < shape.height(); y++) {
        for (int x = 0; x < shape.width(); x++) {
          int at = ((row * shape.height() + y) * shape.width() + x) * shape.channels();
          Color colour = colour(pixels, at, shape.channels());
          sheet.setRGB(x, row * shape.height() + y, colour.getRGB());
          int token = 1 + y / model.patch() * across + x / model.patch();
          for (int block = 0; block < blocks; block++) {
            int expert = seen.experts().get(block)[row * model.tokens() + token];
            int over = COLOURS[expert % COLOURS.length];
            sheet.setRGB(
                (1 + block) * shape.width() + x,
                row * shape.height() + y,
                mixed(colour, new Color(over)).getRGB());
          }
        }
      }
    }
    return sheet;
  }

  private static Color colour(byte[] pixels, int at, int channels) {
    int red = pixels[at] & 0xff;
    return channels == 1
        ? new Color(red, red, red)
        : new Color(red, pixels[at + 1] & 0xff, pixels[at + 2] & 0xff);
  }

  private static Color mixed(Color under, Color over) {
    return new Color(
        mixed(under.getRed(), over.getRed()),
        mixed(under.getGreen(), over.getGreen()),
        mixed(under.getBlue(), over.getBlue()));
  }

  private static int mixed(int under, int over) {
    return Math.round(under * (1 - OVERLAY) + over * OVERLAY);
  }
}
