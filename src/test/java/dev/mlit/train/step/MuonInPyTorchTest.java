package dev.mlit.train.step;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.json.JsonMapper;
import dev.mlit.cluster.Signals;
import dev.mlit.cluster.Workers;
import dev.mlit.model.GateNoise;
import dev.mlit.spec.ImageShape;
import dev.mlit.spec.ModelSpec;
import dev.mlit.spec.OptimizerSpec;
import dev.mlit.spec.RunSpec;
import dev.mlit.spec.RunSpec.Task;
import dev.mlit.spec.Specs;
import dev.mlit.tensorflow.Operations;
import dev.mlit.tensorflow.Tensors;
import dev.mlit.testing.Python;
import dev.mlit.weights.TensorFile;
import dev.mlit.weights.Weights;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.tensorflow.Graph;
import org.tensorflow.Operand;
import org.tensorflow.Result;
import org.tensorflow.Session;
import org.tensorflow.op.Ops;
import org.tensorflow.types.TFloat32;

/**
 * Twenty steps of whole models with Muon against {@code torch.optim.Muon}, from the same weights,
 * on the same images, with the same noise of the gates; {@code src/test/python/train_with_muon.py}
 * is the other side. If this fails, a recipe with Muon is not the recipe that its users know.
 */
@Tag("slow")
class MuonInPyTorchTest {
  private static final Path GOLDEN = Path.of("src/test/resources/golden");
  private static final String PEER = "bench/torch_mlit.py";
  private static final String SCRIPT = "src/test/python/train_with_muon.py";
  private static final int STEPS = 20;
  private static final int BATCH = 2;

  /** One of those with which rounding decides about no token's experts; Python looks at that. */
  private static final long SEED = 7;

  /** The seed of an autoencoder's masks, beside that of the run. */
  private static final long MASKS = 5L << 37;

  /** How far weights may be from PyTorch's, by their length. */
  private static final double FAR = 1e-4;

  @TempDir private Path directory;

  @ParameterizedTest
  @ValueSource(strings = {"rgb", "gray", "switch", "autoencoder"})
  void tinyModelsEndWithTheWeightsOfPyTorch(String name) throws IOException {
    check(Specs.model(GOLDEN.resolve(name).resolve("spec.yaml").toString()), name);
  }

  @Test
  void modelOfThePaperEndsWithTheWeightsOfPyTorch() throws IOException {
    check(
        Specs.model("mlit-xxs", List.of("classes=10")),
        "xxs",
        "--image 36 --patch 3 --channels 3 --classes 10".split(" "));
  }

  private void check(ModelSpec model, String name, String... options) throws IOException {
    Python python = Python.with("torch", "safetensors.torch", "torch.optim._muon");
    RunSpec run =
        RunSpec.builder("oracle")
            .task(model.isAutoencoder() ? Task.RECONSTRUCT : Task.CLASSIFY)
            .model(model)
            .data("none")
            .training(t -> t.batch(BATCH).threads(1).seed(SEED))
            // Adam makes a step of random sign of a gradient that is nothing but rounding; with a
            // larger epsilon it makes none.
            .optimizer(o -> o.name(OptimizerSpec.Name.MUON).muonLearningRate(2e-3).epsilon(1e-6))
            .build();
    LearningRate rates = new LearningRate(1e-3, 4, STEPS, run.schedule().decay(), 0.1);
    Map<String, Weights.Array> ours = train(run, rates);
    settings(run.optimizer(), rates);

    List<String> command = new ArrayList<>(List.of("-B", SCRIPT, PEER, directory.toString(), name));
    command.addAll(List.of(options));
    python.run(Duration.ofMinutes(5), Map.of(), command.toArray(new String[0]));

    TensorFile start = TensorFile.read(directory.resolve("start.safetensors"));
    TensorFile theirs = TensorFile.read(directory.resolve("float32.safetensors"));
    TensorFile coarse = TensorFile.read(directory.resolve("bfloat16.safetensors"));
    Distances moved = new Distances("moved by the steps");
    Distances exact = new Distances("Newton-Schulz in float32");
    Distances inBfloat16 = new Distances("Newton-Schulz in bfloat16");
    ours.forEach(
        (variable, array) -> {
          // Keys' biases have no gradient but rounding, as they add the same to all scores.
          if (!variable.endsWith("key/bias")) {
            String tensor = variable.replace('/', '.');
            moved.add(variable, array.values(), start.values(tensor));
            exact.add(variable, array.values(), theirs.values(tensor));
            inBfloat16.add(variable, array.values(), coarse.values(tensor));
          }
        });
    if (Boolean.getBoolean("mlit.show")) {
      System.out.printf("%s: %s%n%s%n%s%n", model.name(), moved, exact, inBfloat16);
    }
    assertThat(moved.smallest).as("%s", moved).isGreaterThan(20 * FAR);
    assertThat(exact.largest).as("%s", exact).isLessThan(FAR);
    assertThat(inBfloat16.largest).as("%s", inBfloat16).isGreaterThan(FAR);
  }

  /** Trains, and writes what PyTorch is to train with; the weights at the end. */
  private Map<String, Weights.Array> train(RunSpec run, LearningRate rates) throws IOException {
    ImageShape shape = run.model().image();
    Random random = new Random(5);
    Map<String, Weights.Array> fed = new LinkedHashMap<>();
    try (TrainingGraph graph = new TrainingGraph(run, Workers.alone(), true)) {
      TensorFile.write(directory.resolve("start.safetensors"), weights(graph));
      for (int step = 0; step < STEPS; step++) {
        byte[] pixels = new byte[BATCH * shape.values()];
        random.nextBytes(pixels);
        int[] labels = random.ints(BATCH, 0, Math.max(1, run.model().classes())).toArray();
        float[] images = new float[pixels.length];
        float[] classes = new float[BATCH];
        for (int i = 0; i < BATCH; i++) {
          classes[i] = labels[i];
        }
        for (int i = 0; i < pixels.length; i++) {
          images[i] = (pixels[i] & 0xff) / 255f;
        }
        fed.put(
            "images." + step,
            array(images, BATCH, shape.height(), shape.width(), shape.channels()));
        fed.put("labels." + step, array(classes, BATCH));
        draw(run.model(), step, fed);
        graph.train(
            new TrainingGraph.Images(pixels, labels, BATCH), step, rates.at(step), Signals.NONE);
      }
      TensorFile.write(directory.resolve("steps.safetensors"), fed);
      return weights(graph);
    }
  }

  /** The random numbers of a step. */
  private static void draw(ModelSpec model, long step, Map<String, Weights.Array> into) {
    List<Integer> experts = new ArrayList<>(model.experts());
    List<Integer> tokens = new ArrayList<>(Collections.nCopies(experts.size(), model.tokens()));
    ModelSpec.Decoder decoder = model.decoder();
    try (Graph graph = new Graph()) {
      Ops tf = Operations.of(graph);
      Map<String, Operand<TFloat32>> numbers = new LinkedHashMap<>();
      if (decoder != null) {
        int visible = (int) (model.patches() * (1 - Objects.requireNonNull(model.mask())));
        Collections.fill(tokens, visible + 1);
        experts.addAll(Collections.nCopies(decoder.layers(), decoder.experts()));
        tokens.addAll(Collections.nCopies(decoder.layers(), model.tokens()));
        numbers.put(
            "mask_noise." + step,
            tf.random.statelessRandomUniform(
                tf.constant(new int[] {BATCH, model.patches()}),
                tf.constant(new long[] {SEED + MASKS, step})));
      }
      GateNoise noise = GateNoise.stateless(tf.constant(SEED), tf.constant(step));
      for (int block = 0; block < experts.size(); block++) {
        int[] sizes = {BATCH * tokens.get(block), experts.get(block)};
        numbers.put("noise." + step + "." + block, noise.draw(tf, block, tf.constant(sizes)));
      }
      try (Session session = new Session(graph)) {
        Session.Runner runner = session.runner();
        numbers.values().forEach(runner::fetch);
        int before = into.size();
        try (Result drawn = runner.run()) {
          for (String name : numbers.keySet()) {
            TFloat32 tensor = (TFloat32) drawn.get(into.size() - before);
            into.put(name, array(Tensors.floats(tensor), tensor.shape().asArray()));
          }
        }
      }
    }
  }

  private static Map<String, Weights.Array> weights(TrainingGraph graph) {
    Map<String, Weights.Array> weights = new LinkedHashMap<>();
    Session.Runner runner = graph.session().runner();
    graph.weights().forEach(v -> runner.fetch(v.value()));
    try (Result result = runner.run()) {
      graph
          .weights()
          .forEach(
              v ->
                  weights.put(
                      v.name(),
                      new Weights.Array(
                          v.sizes(), Tensors.floats((TFloat32) result.get(weights.size())))));
    }
    return weights;
  }

  private void settings(OptimizerSpec spec, LearningRate rates) throws IOException {
    double[] adamw = IntStream.range(0, STEPS).mapToDouble(rates::at).toArray();
    Map<String, Object> settings = new LinkedHashMap<>();
    settings.put("rates", adamw);
    settings.put("muon_rates", Arrays.stream(adamw).map(rate -> 2 * rate).toArray());
    settings.put("weight_decay", spec.weightDecay());
    settings.put("momentum", spec.momentum());
    settings.put("betas", List.of(spec.beta1(), spec.beta2()));
    settings.put("epsilon", spec.epsilon());
    settings.put("clip_norm", spec.clipNorm());
    JsonMapper.builder()
        .build()
        .writeValue(Files.newOutputStream(directory.resolve("settings.json")), settings);
  }

  private static Weights.Array array(float[] values, long... sizes) {
    return new Weights.Array(Arrays.stream(sizes).boxed().toList(), values);
  }

  /** How far variables are from others, by their length. */
  private static final class Distances {
    private final String what;
    private double largest;
    private double smallest = Double.POSITIVE_INFINITY;
    private double squares;
    private double lengths;
    private String worst = "";

    Distances(String what) {
      this.what = what;
    }

    void add(String variable, float[] values, float[] others) {
      double square = 0;
      double length = 0;
      for (int i = 0; i < values.length; i++) {
        square += Math.pow(values[i] - others[i], 2);
        length += Math.pow(values[i], 2);
      }
      squares += square;
      lengths += length;
      double relative = Math.sqrt(square / length);
      smallest = Math.min(smallest, relative);
      if (relative > largest) {
        largest = relative;
        worst = variable;
      }
    }

    @Override
    public String toString() {
      return String.format(
          Locale.ROOT,
          "%s: %.1e of all weights, at most %.1e (%s), at least %.1e",
          what,
          Math.sqrt(squares / lengths),
          largest,
          worst,
          smallest);
    }
  }
}
