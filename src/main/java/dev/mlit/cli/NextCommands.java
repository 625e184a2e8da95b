package dev.mlit.cli;

import static dev.mlit.cli.CommandText.word;

import dev.mlit.data.Datasets;
import dev.mlit.data.ReadOptions;
import dev.mlit.spec.RunSpec;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** What a user may do with a model next: commands that can be copied into a shell. */
final class NextCommands {
  private NextCommands() {}

  /** Prints commands one below the other. */
  static void print(Console console, List<String> commands) {
    String title = "next        ";
    for (String command : commands) {
      console.line("%s%s", title, command);
      title = " ".repeat(title.length());
    }
  }

  /**
   * After a training.
   *
   * @param directory of the run
   * @param savedModel what was exported
   */
  static List<String> trained(RunSpec run, String directory, String savedModel) {
    List<String> commands = new ArrayList<>();
    commands.add(
        run.model().isAutoencoder()
            ? "./mlit train RUN.yaml --set " + word("initialize.from=" + directory)
            : "./mlit predict " + word(savedModel) + " IMAGE.png");
    String data = data(run.data());
    if (data != null) {
      commands.add("./mlit evaluate " + word(savedModel) + data);
    }
    if (!run.model().isAutoencoder()) {
      commands.add("./mlit serve " + word(savedModel));
    }
    return commands;
  }

  /** The options that name a dataset; null if there are several. */
  private static @Nullable String data(RunSpec.Data data) {
    String name = data.dataset();
    if (name == null) {
      return null;
    }
    String directory = data.directory();
    boolean folder =
        name.equals(RunSpec.NamedDataset.IMAGE_FOLDER)
            && directory != null
            && !Datasets.names().contains(directory);
    String options = " --data " + word(folder && directory != null ? directory : name);
    if (directory != null && !folder) {
      options += " --data-dir " + word(directory);
    }
    return data.testFraction() == ReadOptions.DEFAULT.testFraction()
        ? options
        : options + " --test-fraction " + data.testFraction();
  }

  /**
   * After an import.
   *
   * @param named whether its classes have names, by which those of a dataset can be found
   */
  static List<String> imported(String savedModel, boolean named) {
    String model = word(savedModel);
    return List.of(
        "./mlit evaluate " + model + " --data NAME" + (named ? "" : " --by-position"),
        "./mlit predict " + model + " IMAGE.png",
        "./mlit train RUN.yaml --set " + word("initialize.from=" + savedModel));
  }
}
