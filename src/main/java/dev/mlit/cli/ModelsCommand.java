package dev.mlit.cli;

import dev.mlit.Mlit;
import dev.mlit.bench.Benchmark;
import dev.mlit.files.ModelLayout;
import dev.mlit.savedmodel.Classifier;
import dev.mlit.spec.ModelCost;
import dev.mlit.spec.ModelSpec;
import dev.mlit.spec.Specs;
import dev.mlit.zoo.Zoo;
import dev.mlit.zoo.ZooModel;
import java.awt.image.BufferedImage;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code ./mlit models}. */
@Command(
    name = "models",
    description = {
      "Lists the trained models that come along: what they tell apart, parameters, accuracy, and"
          + " the time of one image, measured now.",
      "Their names stand wherever a model is asked for: ./mlit predict cifar10 IMAGE, initialize:"
          + " {from: cifar100}."
    },
    mixinStandardHelpOptions = true,
    sortOptions = false)
final class ModelsCommand implements Callable<Integer> {
  /** Before the time is taken, and while it is. */
  private static final int WARM_UP = 5;

  private static final int TIMED = 20;

  @Spec private CommandSpec command;

  @Option(names = "--json", description = "Prints the result as JSON, on the last line.")
  private boolean json;

  /** What {@code --json} prints. */
  record Result(List<Item> models) {}

  /** One of the models; milliseconds of one image at a time, null for an encoder. */
  record Item(
      String name,
      String about,
      String images,
      int classes,
      long parameters,
      @Nullable Double accuracy,
      @Nullable String measured,
      @Nullable Double milliseconds,
      String trained,
      String terms,
      String directory) {}

  @Override
  public Integer call() {
    Console console = Console.of(command);
    List<ZooModel> models = Zoo.models();
    List<Item> items = new ArrayList<>();
    try (Counter counter = Counter.of("measure", models.size(), "models")) {
      for (ZooModel model : models) {
        items.add(item(model));
        counter.to(items.size());
      }
    }
    if (json) {
      console.json(new Result(items));
    } else if (items.isEmpty()) {
      console.line("%s", Zoo.names());
    } else {
      print(console, items);
    }
    return 0;
  }

  private static Item item(ZooModel model) {
    Path directory = Zoo.find(model.name()).orElseThrow();
    ModelSpec spec = Specs.model(directory.resolve(ModelLayout.SPEC).toString());
    return new Item(
        model.name(),
        model.about(),
        spec.image().toString(),
        spec.classes(),
        ModelCost.of(spec).parameters(),
        model.accuracy(),
        model.measured(),
        spec.isAutoencoder() ? null : milliseconds(directory, spec),
        model.trained(),
        model.terms(),
        directory.toString());
  }

  /** Of one image at a time, the median of some. */
  private static double milliseconds(Path directory, ModelSpec spec) {
    BufferedImage image =
        new BufferedImage(spec.image().width(), spec.image().height(), BufferedImage.TYPE_INT_RGB);
    double[] times = new double[TIMED];
    try (Classifier classifier = Mlit.load(directory)) {
      for (int i = -WARM_UP; i < TIMED; i++) {
        long start = System.nanoTime();
        classifier.classify(image, 1);
        if (i >= 0) {
          times[i] = (System.nanoTime() - start) / 1e6;
        }
      }
    }
    return Benchmark.median(times);
  }

  private static void print(Console console, List<Item> items) {
    String row = "%-" + items.stream().mapToInt(i -> i.name().length()).max().orElse(1) + "s";
    console.line(row + "  %9s  %10s  %8s  %8s", "model", "images", "parameters", "accuracy", "ms");
    for (Item item : items) {
      Double accuracy = item.accuracy();
      Double time = item.milliseconds();
      console.line(
          row + "  %9s  %,10d  %8s  %8s",
          item.name(),
          item.images(),
          item.parameters(),
          accuracy == null ? "-" : String.format(Locale.ROOT, "%.4f", accuracy),
          time == null ? "-" : String.format(Locale.ROOT, "%.1f", time));
    }
    for (Item item : items) {
      console.line("");
      console.line(row + "  %s", item.name(), item.about());
      console.line(row + "  %s", "", item.trained());
      String measured = item.measured();
      if (measured != null) {
        console.line(row + "  accuracy of %s", "", measured);
      }
      console.line(row + "  images: %s", "", item.terms());
    }
  }
}
