package dev.mlit.model;

import static org.assertj.core.api.Assertions.within;

import dev.mlit.cluster.AllReduce;
import dev.mlit.model.VisionTransformer.Inference;
import dev.mlit.model.VisionTransformer.Training;
import dev.mlit.spec.ImageShape;
import dev.mlit.spec.ModelSpec;
import dev.mlit.tensorflow.Operations;
import dev.mlit.tensorflow.Sessions;
import dev.mlit.weights.Saver;
import dev.mlit.weights.TensorFile;
import dev.mlit.weights.Variable;
import dev.mlit.weights.Variables;
import dev.mlit.weights.WeightFiles;
import dev.mlit.weights.Weights.Array;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.assertj.core.api.SoftAssertions;
import org.jspecify.annotations.Nullable;
import org.tensorflow.Graph;
import org.tensorflow.Operand;
import org.tensorflow.Result;
import org.tensorflow.Session;
import org.tensorflow.ndarray.Shape;
import org.tensorflow.ndarray.buffer.DataBuffers;
import org.tensorflow.op.Ops;
import org.tensorflow.op.core.Placeholder;
import org.tensorflow.types.TFloat32;
import org.tensorflow.types.TInt32;

/**
 * What mlit computes, against what an independent PyTorch implementation computed in float64 from
 * the same weights and images: {@code src/test/python/make_golden.py} writes it.
 *
 * <p>Agreement is: logits, features and what an autoencoder paints within 1e-4, losses within 1e-5
 * of themselves, the gradient of every variable within 1e-3 of its length. The gradients at the
 * keys' biases are 0 but for rounding, as the same number added to all scores of a softmax changes
 * nothing: they are within 1e-6 of the length of the whole gradient.
 */
final class Golden implements AutoCloseable {
  private static final double OUTPUTS = 1e-4;
  private static final double LOSSES = 1e-5;
  private static final double GRADIENTS = 1e-3;
  private static final double ZERO_GRADIENTS = 1e-6;

  static {
    Sessions.load();
  }

  private final Graph graph = new Graph();
  private final Session session;
  private final ModelSpec spec;
  private final Variables variables;
  private final Saver saver;
  private final Operand<TFloat32> images;

  /** What is fed but for the images, by the names of the file. */
  private final Map<String, Operand<TFloat32>> inputs = new LinkedHashMap<>();

  private final @Nullable Operand<TInt32> labels;
  private final Map<String, Operand<TFloat32>> outputs;
  private final Map<String, Operand<TFloat32>> losses;
  private final Map<Variable, Operand<TFloat32>> gradients;

  /** As below, all patches kept. */
  Golden(ModelSpec spec) {
    this(spec, 0);
  }

  /**
   * A graph of a model; {@link #check} may then be called for several weights and images.
   *
   * @param patchDropout the share of the patches that a classifier is trained without
   */
  Golden(ModelSpec spec, double patchDropout) {
    this.spec = spec;
    Ops tf = Operations.of(graph);
    this.variables = Variables.restored(graph);
    ImageShape image = spec.image();
    this.images = input(tf, image.height(), image.width(), image.channels());
    List<Integer> experts = new ArrayList<>(spec.experts());
    ModelSpec.Decoder decoder = spec.decoder();
    if (decoder != null) {
      experts.addAll(Collections.nCopies(decoder.layers(), decoder.experts()));
    }
    for (int block = 0; block < experts.size(); block++) {
      inputs.put("noise." + block, input(tf, experts.get(block)));
    }
    GateNoise noise = (ops, block, shape) -> Objects.requireNonNull(inputs.get("noise." + block));
    if (decoder == null) {
      VisionTransformer model = new VisionTransformer(graph, spec, variables);
      this.labels = tf.placeholder(TInt32.class, Placeholder.shape(Shape.of(Shape.UNKNOWN_SIZE)));
      Inference inference = model.infer(images);
      PatchDropout patches = PatchDropout.NONE;
      if (patchDropout > 0) {
        Operand<TFloat32> drawn = input(tf, spec.patches());
        inputs.put("patch_noise", drawn);
        patches = PatchDropout.of(patchDropout, (ops, shape) -> drawn);
      }
      Operand<TFloat32> targets =
          tf.oneHot(labels, tf.constant(spec.classes()), tf.constant(1f), tf.constant(0f));
      Training training =
          model.trainTowards(images, targets, patches, noise, Drops.NONE, 1, AllReduce.ALONE);
      this.outputs = Map.of("logits", inference.logits(), "features", inference.features());
      this.losses =
          Map.of(
              "task_loss", training.taskLoss(),
              "balance_loss", training.balanceLoss(),
              "loss", training.loss());
      this.gradients = training.gradients();
    } else {
      Autoencoder model = new Autoencoder(graph, spec, variables);
      this.labels = null;
      Operand<TFloat32> mask = input(tf, spec.patches());
      inputs.put("mask_noise", mask);
      Autoencoder.Reconstruction painted = model.reconstruct(images, mask);
      Autoencoder.Training training = model.train(images, mask, noise, Drops.NONE, 1);
      this.outputs =
          new LinkedHashMap<>(
              Map.of(
                  "patches", painted.patches(), "mask", painted.mask(), "error", painted.error()));
      if (spec.normPixels()) {
        outputs.put("pixels", painted.pixels());
        outputs.put("visible_error", painted.visibleError());
      }
      this.losses =
          Map.of(
              "task_loss", training.taskLoss(),
              "balance_loss", training.balanceLoss(),
              "loss", training.loss());
      this.gradients = training.gradients();
    }
    this.saver = new Saver(graph, "save", variables.all());
    this.session = Sessions.open(graph, 0);
  }

  private static Operand<TFloat32> input(Ops tf, long... sizesAfterBatch) {
    Shape shape = Shape.of(Shape.UNKNOWN_SIZE).append(Shape.of(sizesAfterBatch));
    return tf.placeholder(TFloat32.class, Placeholder.shape(shape));
  }

  /**
   * Reads weights and compares what comes of them.
   *
   * @param directory with {@code weights.safetensors} and {@code expected.safetensors}
   * @param scratch for a checkpoint
   */
  void check(Path directory, Path scratch) throws IOException {
    Path checkpoint = Files.createTempDirectory(scratch, "checkpoint").resolve("variables");
    WeightFiles.read(spec, directory.resolve("weights.safetensors")).write(checkpoint);
    saver.restore(session, checkpoint);
    TensorFile expected = TensorFile.read(directory.resolve("expected.safetensors"));
    Map<String, float[]> computed = compute(expected);
    SoftAssertions soft = new SoftAssertions();
    for (String name : outputs.keySet()) {
      soft.check(
          () ->
              Closeness.assertWithin(
                  name, found(computed, name), doubles(expected, name), OUTPUTS));
    }
    for (String name : losses.keySet()) {
      double loss = doubles(expected, name)[0];
      soft.assertThat((double) found(computed, name)[0])
          .as(name)
          .isCloseTo(loss, within(LOSSES * Math.abs(loss)));
    }
    double whole = 0;
    for (Variable variable : variables.all()) {
      whole += Math.pow(length(doubles(expected, gradient(variable))), 2);
    }
    for (Variable variable : variables.all()) {
      String name = gradient(variable);
      double[] gradient = doubles(expected, name);
      double allowed =
          name.endsWith(".key.bias")
              ? ZERO_GRADIENTS * Math.sqrt(whole)
              : GRADIENTS * length(gradient);
      soft.assertThat(distance(found(computed, name), gradient))
          .as("error of %s, of length %s", name, length(gradient))
          .isCloseTo(0, within(allowed));
    }
    soft.assertAll();
  }

  private Map<String, float[]> compute(TensorFile expected) {
    Map<String, Operand<TFloat32>> fetched = new LinkedHashMap<>(outputs);
    fetched.putAll(losses);
    gradients.forEach((v, gradient) -> fetched.put(gradient(v), gradient));

    Session.Runner runner = session.runner();
    List<TFloat32> fed = new ArrayList<>();
    try (TInt32 classes = labels(expected)) {
      if (labels != null) {
        runner.feed(labels, classes);
      }
      feed(runner, fed, images, expected.tensor("images"));
      inputs.forEach((name, input) -> feed(runner, fed, input, expected.tensor(name)));
      fetched.values().forEach(runner::fetch);
      Map<String, float[]> computed = new LinkedHashMap<>();
      try (Result result = runner.run()) {
        for (String name : fetched.keySet()) {
          computed.put(name, TestGraph.floats((TFloat32) result.get(computed.size())));
        }
      }
      return computed;
    } finally {
      fed.forEach(TFloat32::close);
    }
  }

  private TInt32 labels(TensorFile expected) {
    float[] numbers = labels == null ? new float[0] : expected.values("labels");
    TInt32 classes = TInt32.tensorOf(Shape.of(numbers.length));
    for (int i = 0; i < numbers.length; i++) {
      classes.setInt((int) numbers[i], i);
    }
    return classes;
  }

  private static void feed(
      Session.Runner runner, List<TFloat32> fed, Operand<TFloat32> operand, Array array) {
    long[] sizes = array.shape().stream().mapToLong(Long::longValue).toArray();
    TFloat32 tensor = TFloat32.tensorOf(Shape.of(sizes), DataBuffers.of(array.values()));
    fed.add(tensor);
    runner.feed(operand, tensor);
  }

  private static float[] found(Map<String, float[]> computed, String name) {
    return Objects.requireNonNull(computed.get(name), name);
  }

  private static double[] doubles(TensorFile file, String name) {
    return Closeness.doubles(file.values(name));
  }

  private static String gradient(Variable variable) {
    return "gradient." + variable.name().replace('/', '.');
  }

  private static double length(double[] values) {
    double sum = 0;
    for (double value : values) {
      sum += value * value;
    }
    return Math.sqrt(sum);
  }

  private static double distance(float[] computed, double[] expected) {
    double[] difference = new double[expected.length];
    for (int i = 0; i < difference.length; i++) {
      difference[i] = computed[i] - expected[i];
    }
    return length(difference);
  }

  @Override
  public void close() {
    session.close();
    graph.close();
  }
}
