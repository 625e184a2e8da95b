package dev.mlit.savedmodel;

import dev.mlit.data.Batch;
import dev.mlit.data.Batches;
import dev.mlit.data.Dataset;
import dev.mlit.data.ImageFile;
import dev.mlit.graph.InferenceGraph;
import dev.mlit.graph.InferenceGraph.Output;
import dev.mlit.graph.InferenceGraph.Value;
import dev.mlit.graph.Sessions;
import dev.mlit.spec.InvalidInputException;
import dev.mlit.spec.ModelSpec;
import dev.mlit.spec.Specs;
import java.awt.image.BufferedImage;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.function.IntConsumer;
import java.util.stream.IntStream;
import org.tensorflow.SavedModelBundle;
import org.tensorflow.exceptions.TensorFlowException;
import org.tensorflow.proto.MetaGraphDef;
import org.tensorflow.proto.SignatureDef;

/**
 * A SavedModel of mlit, loaded to classify images. Safe for use by many threads. It holds the
 * weights as they were when it was loaded.
 *
 * <pre>{@code
 * try (Classifier classifier = Classifier.load(Path.of("savedmodels/quickstart"))) {
 *   Prediction best = classifier.classify(Path.of("shoe.png")).get(0);
 * }
 * }</pre>
 */
public final class Classifier implements AutoCloseable {
  private static final int EVALUATION_BATCH = 250;

  private final ModelSpec spec;
  private final List<String> labels;
  private final InferenceGraph graph;
  private final Outputs outputs;

  private Classifier(ModelSpec spec, List<String> labels, InferenceGraph graph, Outputs outputs) {
    this.spec = spec;
    this.labels = labels;
    this.graph = graph;
    this.outputs = outputs;
  }

  /** What is computed, by the names that the model's signatures give. */
  private record Outputs(Output probabilities, Output logits, Output features) {
    static Outputs of(MetaGraphDef model, Path directory) {
      return new Outputs(
          output(model, "serving_default", "probabilities", directory),
          output(model, "serving_default", "logits", directory),
          output(model, "features", "features", directory));
    }

    private static Output output(
        MetaGraphDef model, String signature, String name, Path directory) {
      if (!model.containsSignatureDef(signature)) {
        throw new InvalidInputException(directory + ": has no signature " + signature);
      }
      SignatureDef def = model.getSignatureDefOrThrow(signature);
      if (!def.containsInputs("images") || !def.containsOutputs(name)) {
        throw new InvalidInputException(
            directory + ": signature " + signature + " must have images and " + name);
      }
      return new Output(
          Value.valueOf(name.toUpperCase(Locale.ROOT)),
          def.getInputsOrThrow("images").getName(),
          def.getOutputsOrThrow(name).getName());
    }

    List<Output> all() {
      return List.of(probabilities, logits, features);
    }
  }

  /**
   * Loads a SavedModel.
   *
   * @throws InvalidInputException if the directory is no SavedModel of mlit, or is damaged
   */
  public static Classifier load(Path directory) {
    requireClasses(directory);
    for (String file : List.of("saved_model.pb", "spec.yaml", "labels.txt")) {
      if (!Files.isRegularFile(directory.resolve(file))) {
        throw new InvalidInputException(
            directory
                + ": not a SavedModel of mlit, "
                + (Files.exists(directory) ? "it has no " + file : "there is no such directory"));
      }
    }
    ModelSpec spec = Specs.model(directory.resolve("spec.yaml").toString());
    List<String> labels = labels(directory.resolve("labels.txt"), spec);
    Sessions.load();
    try (SavedModelBundle bundle =
        SavedModelBundle.loader(directory.toString())
            .withTags("serve")
            .withConfigProto(Sessions.configToRunOnce(0))
            .load()) {
      Outputs outputs = Outputs.of(bundle.metaGraphDef(), directory);
      return new Classifier(
          spec,
          labels,
          InferenceGraph.of(
              bundle.metaGraphDef().getGraphDef(),
              bundle.graph(),
              bundle.session(),
              spec,
              outputs.all(),
              0),
          outputs);
    } catch (InvalidInputException e) {
      throw e;
    } catch (TensorFlowException | IllegalArgumentException e) {
      throw new InvalidInputException(directory + ": a damaged SavedModel: " + firstLine(e), e);
    }
  }

  private static void requireClasses(Path directory) {
    Path spec = directory.resolve("spec.yaml");
    if (Files.isRegularFile(spec) && Specs.model(spec.toString()).isAutoencoder()) {
      throw new InvalidInputException(
          directory
              + ": an autoencoder, which knows no classes; train a classifier from it with"
              + " initialize: {from: "
              + directory
              + "}");
    }
  }

  private static List<String> labels(Path file, ModelSpec spec) {
    try {
      List<String> labels = Files.readAllLines(file);
      if (labels.size() != spec.classes()) {
        throw new InvalidInputException(
            file + ": " + labels.size() + " labels, must be one per class: " + spec.classes());
      }
      return List.copyOf(labels);
    } catch (IOException e) {
      throw new InvalidInputException(file + ": cannot be read: " + e.getMessage(), e);
    }
  }

  private static String firstLine(Exception e) {
    return String.valueOf(e.getMessage()).lines().findFirst().orElse("?");
  }

  /** The model's description. */
  public ModelSpec spec() {
    return spec;
  }

  /** The names of the classes; that of class 0 first. */
  public List<String> labels() {
    return labels;
  }

  /**
   * Classifies an image file of any size; see {@link ImageFile} for what becomes of it.
   *
   * @return all classes, the most probable first
   * @throws InvalidInputException if the file is no image
   */
  public List<Prediction> classify(Path file) {
    return rank(probabilities(floats(ImageFile.read(file, spec.image())), 1));
  }

  /**
   * Classifies an image of any size.
   *
   * @return all classes, the most probable first
   */
  public List<Prediction> classify(BufferedImage image) {
    return rank(probabilities(floats(ImageFile.pixels(image, spec.image())), 1));
  }

  /**
   * The probabilities of all classes for a batch of images.
   *
   * @param images [count, height, width, channels] in [0, 1], of the model's image size
   * @return [count, classes], image by image
   * @throws IllegalArgumentException if the number of values is not count times that of an image
   */
  public float[] probabilities(float[] images, int count) {
    return graph.run(outputs.probabilities, images, count);
  }

  /** The logits of all classes; as {@link #probabilities}. */
  public float[] logits(float[] images, int count) {
    return graph.run(outputs.logits, images, count);
  }

  /**
   * The features of a batch of images, for a classifier of your own or a search by similarity.
   *
   * @param images [count, height, width, channels] in [0, 1], of the model's image size
   * @return [count, embedding], image by image
   * @throws IllegalArgumentException if the number of values is not count times that of an image
   */
  public float[] features(float[] images, int count) {
    return graph.run(outputs.features, images, count);
  }

  /**
   * How many images of a dataset's test split are classified rightly.
   *
   * @param accuracy share of the images, in [0, 1]
   * @param examples the number of images
   */
  public record Evaluation(double accuracy, int examples) {}

  /**
   * Classifies the test split of a dataset, resized to the model's image size.
   *
   * @throws InvalidInputException if it has another number of classes
   */
  public Evaluation evaluate(Dataset dataset) {
    return evaluate(dataset, done -> {});
  }

  /**
   * As {@link #evaluate(Dataset)}, and says after every batch how many images are done.
   *
   * @throws InvalidInputException if it has another number of classes
   */
  public Evaluation evaluate(Dataset dataset, IntConsumer progress) {
    if (dataset.labels().size() != spec.classes()) {
      throw new InvalidInputException(
          "dataset "
              + dataset.name()
              + ": its "
              + dataset.labels().size()
              + " classes must be those of the model, "
              + spec.classes());
    }
    Dataset fitted = dataset.resizedTo(spec.image());
    long hits = 0;
    int done = 0;
    for (Batch batch : Batches.inOrder(fitted.test(), fitted.shape(), EVALUATION_BATCH)) {
      float[] probabilities = probabilities(floats(batch.pixels()), batch.size());
      for (int i = 0; i < batch.size(); i++) {
        hits += best(probabilities, i * spec.classes()) == batch.labels()[i] ? 1 : 0;
      }
      done += batch.size();
      progress.accept(done);
    }
    int examples = fitted.test().size();
    return new Evaluation(hits / (double) examples, examples);
  }

  private int best(float[] probabilities, int first) {
    int best = 0;
    for (int c = 1; c < spec.classes(); c++) {
      if (probabilities[first + c] > probabilities[first + best]) {
        best = c;
      }
    }
    return best;
  }

  private List<Prediction> rank(float[] probabilities) {
    return IntStream.range(0, spec.classes())
        .mapToObj(i -> new Prediction(i, labels.get(i), probabilities[i]))
        .sorted(Comparator.comparingDouble(Prediction::probability).reversed())
        .toList();
  }

  private static float[] floats(byte[] pixels) {
    float[] floats = new float[pixels.length];
    for (int i = 0; i < pixels.length; i++) {
      floats[i] = (pixels[i] & 0xff) / 255f;
    }
    return floats;
  }

  @Override
  public void close() {
    graph.close();
  }
}
