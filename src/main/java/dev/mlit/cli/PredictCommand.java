package dev.mlit.cli;

import dev.mlit.savedmodel.ImageResult;
import dev.mlit.savedmodel.ImageSource;
import dev.mlit.savedmodel.ManyImages;
import dev.mlit.spec.InvalidInputException;
import dev.mlit.spec.text.NumberRule;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code ./mlit predict}. */
@Command(
    name = "predict",
    description = {
      "Names the classes of images of any size: PNG, JPEG, GIF, BMP, WebP, TIFF.",
      "An image that cannot be read is named on standard error, and the others are classified;",
      "the exit status is 2 then."
    },
    mixinStandardHelpOptions = true,
    sortOptions = false)
final class PredictCommand implements Callable<Integer> {
  @Spec private CommandSpec command;

  @Parameters(
      index = "0",
      paramLabel = "MODEL",
      converter = ModelPlace.class,
      completionCandidates = Candidates.Models.class,
      description = ModelPlace.DESCRIPTION)
  private Path model;

  @Parameters(
      index = "1..*",
      arity = "0..*",
      paramLabel = "IMAGE",
      description = "Image files, folders or archives of them, or - for one on standard input.")
  private List<Path> images = new ArrayList<>();

  @Option(
      names = "--from",
      paramLabel = "FILE",
      description =
          "A file with the path of an image, folder or archive on every line; - for standard"
              + " input, which is answered as its lines come.")
  private @Nullable Path from;

  @Option(
      names = "--top",
      paramLabel = "K",
      defaultValue = "1",
      description = "How many classes to name; 1 if left out.")
  private int top;

  @Option(
      names = "--format",
      paramLabel = "FORMAT",
      description =
          "text (if left out), jsonl: a JSON object for every image, or csv: a row for every class.")
  private PredictOutput.@Nullable Format format;

  @Option(names = "--json", description = "Prints all images as one JSON object, on the last line.")
  private boolean json;

  private @Nullable Counter counter;
  private long total;
  private int done;
  private int unread;

  /** Standard output is gone: nobody reads the answers. */
  private static final class OutputLostException extends RuntimeException {
    private static final long serialVersionUID = 1;
  }

  @Override
  public Integer call() throws IOException {
    OptionRange.require("--top", top, NumberRule.atLeast(1));
    requireSense();
    Console console = Console.of(command);
    PredictOutput output =
        json
            ? PredictOutput.json(console)
            : PredictOutput.of(format == null ? PredictOutput.Format.TEXT : format, console);
    ImagePaths paths = new ImagePaths(this::note);
    List<ImageSource> named = named(paths);
    try (BufferedReader lines = lines()) {
      total = lines == null ? named.size() : Counter.UNKNOWN;
      Iterator<ImageSource> sources =
          lines == null
              ? named.iterator()
              : new PathLines(String.valueOf(from), lines, line -> paths.of(Main.path(line)));
      output.begin();
      ManyImages.classify(model, sources, top, image -> take(image, output));
      output.end();
    } catch (OutputLostException e) {
      // Said when the command is done.
      return 0;
    } finally {
      if (counter != null) {
        counter.close();
      }
    }
    return ending();
  }

  private void requireSense() {
    if (json && format != null) {
      throw new InvalidInputException("--json: cannot be combined with --format");
    }
    if (from == null && images.isEmpty()) {
      throw new InvalidInputException("IMAGE: name at least one, or a list with --from");
    }
    if (from != null && !images.isEmpty()) {
      throw new InvalidInputException("--from: cannot be combined with images by name");
    }
    if (images.stream().filter(PredictCommand::isStandardInput).count() > 1) {
      throw new InvalidInputException("IMAGE: - is standard input, which has one image only");
    }
  }

  private static boolean isStandardInput(Path path) {
    return path.toString().equals(ImagePaths.STANDARD_INPUT);
  }

  private List<ImageSource> named(ImagePaths paths) {
    List<ImageSource> named = new ArrayList<>();
    for (Path image : images) {
      if (isStandardInput(image)) {
        named.add(ImagePaths.standardInput());
      } else {
        named.addAll(paths.of(image));
      }
    }
    return named;
  }

  private @Nullable BufferedReader lines() {
    if (from == null) {
      return null;
    }
    if (isStandardInput(from)) {
      return new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
    }
    try {
      return Files.newBufferedReader(from);
    } catch (IOException e) {
      throw InvalidInputException.unreadable(from, e);
    }
  }

  /** From the first answer on: the rate is that of images, not of loading the model. */
  private Counter counter() {
    if (counter == null) {
      counter =
          json
              ? Counter.of("predict", total, "images")
              : Counter.besideResults("predict", total, "images");
    }
    return counter;
  }

  private void take(ImageResult image, PredictOutput output) {
    Counter shown = counter();
    image
        .problem()
        .ifPresent(
            problem -> {
              unread++;
              shown.makeRoom();
              note(CommandAdvice.message(problem));
            });
    output.print(image);
    if (++done != total) {
      shown.to(done);
    }
    if (command.commandLine().getOut().checkError()) {
      throw new OutputLostException();
    }
  }

  private void note(String line) {
    PrintWriter err = command.commandLine().getErr();
    err.println(line);
    err.flush();
  }

  private int ending() {
    if (unread == 0) {
      return 0;
    }
    if (done > 1) {
      note(
          String.format(
              Locale.ROOT,
              "predict: %,d of %,d images could not be read; see the line of each above",
              unread,
              done));
    }
    return 2;
  }
}
