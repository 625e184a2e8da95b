package dev.mlit.model;

import dev.mlit.spec.ImageShape;
import dev.mlit.spec.ModelSpec;
import dev.mlit.tensorflow.CompileOptions;
import dev.mlit.tensorflow.FloatOps;
import dev.mlit.tensorflow.Sessions;
import dev.mlit.weights.Layer;
import dev.mlit.weights.Variable;
import dev.mlit.weights.Variables;
import dev.mlit.weights.Weights.Array;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.jspecify.annotations.Nullable;
import org.tensorflow.Graph;
import org.tensorflow.Operand;
import org.tensorflow.Output;
import org.tensorflow.Result;
import org.tensorflow.Session;
import org.tensorflow.ndarray.Shape;
import org.tensorflow.ndarray.buffer.DataBuffers;
import org.tensorflow.op.Ops;
import org.tensorflow.op.core.Placeholder;
import org.tensorflow.types.TFloat32;

/**
 * A graph whose inputs and variables have the values that a test gives them, and may change between
 * runs: all are fed.
 */
public final class TestGraph implements AutoCloseable {
  static {
    Sessions.load();
  }

  private final Graph graph = new Graph();
  private final Variables variables = Variables.restored(graph);
  private final Layer root;
  private final Map<Output<TFloat32>, Array> fed = new LinkedHashMap<>();
  private @Nullable Session session;

  public TestGraph() {
    this(CompileOptions.ofMachine());
  }

  /** A graph whose operations are chosen by options. */
  public TestGraph(CompileOptions options) {
    this.root = Layer.root(graph, variables, options);
  }

  Graph graph() {
    return graph;
  }

  Ops tf() {
    return root.calc().tf();
  }

  public FloatOps calc() {
    return root.calc();
  }

  public Variables variables() {
    return variables;
  }

  /** The place of a model. */
  Layer layer() {
    return root;
  }

  /** The place of a layer, by the name that messages will give it. */
  Layer layer(String name) {
    return root.child(name);
  }

  /** An input with these values; the graph sees every size but the first. */
  public Operand<TFloat32> input(float[] values, long... sizes) {
    long[] seen = sizes.clone();
    seen[0] = Shape.UNKNOWN_SIZE;
    Operand<TFloat32> input = tf().placeholder(TFloat32.class, Placeholder.shape(Shape.of(seen)));
    feed(input, values, sizes);
    return input;
  }

  /** An input of values around 0, most within 1. */
  Operand<TFloat32> input(Random random, long... sizes) {
    return input(normal(random, 1, (int) Shape.of(sizes).size()), sizes);
  }

  /** Images of random pixels, [count, height, width, channels] in [0, 1). */
  Operand<TFloat32> images(Random random, ImageShape shape, int count) {
    float[] pixels = new float[count * shape.values()];
    for (int i = 0; i < pixels.length; i++) {
      pixels[i] = random.nextFloat();
    }
    return input(pixels, count, shape.height(), shape.width(), shape.channels());
  }

  /** Gives every variable that has no value a random one, around 0, most within {@code spread}. */
  void fillVariables(Random random, double spread) {
    for (Variable variable : variables.all()) {
      if (!fed.containsKey(variable.value().asOutput())) {
        set(variable, normal(random, spread, (int) variable.size()));
      }
    }
  }

  Variable variable(String name) {
    return variables.all().stream().filter(v -> v.name().equals(name)).findFirst().orElseThrow();
  }

  void set(Variable variable, float... values) {
    feed(variable.value(), values, variable.shape().asArray());
  }

  private void feed(Operand<TFloat32> operand, float[] values, long... sizes) {
    fed.put(operand.asOutput(), new Array(Arrays.stream(sizes).boxed().toList(), values));
  }

  /** The values of an input or a variable; what is written there counts from the next run on. */
  public float[] values(Operand<TFloat32> operand) {
    return fedArray(operand).values();
  }

  float[] values(String variable) {
    return values(variable(variable).value());
  }

  private Array fedArray(Operand<TFloat32> operand) {
    Array array = fed.get(operand.asOutput());
    if (array == null) {
      throw new IllegalArgumentException(operand.op().name() + " has no value");
    }
    return array;
  }

  /** The formulas of the model with the values of the variables. */
  Formulas formulas() {
    return new Formulas(name -> fedArray(variable(name).value()));
  }

  public float[] run(Operand<TFloat32> fetched) {
    return run(List.of(fetched)).get(0);
  }

  List<float[]> run(List<Operand<TFloat32>> fetched) {
    if (session == null) {
      session = Sessions.open(graph, 1);
    }
    Session.Runner runner = session.runner();
    List<TFloat32> tensors = new ArrayList<>();
    try {
      fed.forEach(
          (operand, array) -> {
            long[] sizes = array.shape().stream().mapToLong(Long::longValue).toArray();
            TFloat32 tensor = TFloat32.tensorOf(Shape.of(sizes), DataBuffers.of(array.values()));
            tensors.add(tensor);
            runner.feed(operand, tensor);
          });
      fetched.forEach(runner::fetch);
      try (Result result = runner.run()) {
        List<float[]> values = new ArrayList<>();
        for (int i = 0; i < fetched.size(); i++) {
          values.add(floats((TFloat32) result.get(i)));
        }
        return values;
      }
    } finally {
      tensors.forEach(TFloat32::close);
    }
  }

  @Override
  public void close() {
    if (session != null) {
      session.close();
    }
    graph.close();
  }

  /** An input of random images of a model. */
  Operand<TFloat32> images(ModelSpec spec, int count, Random random) {
    ImageShape image = spec.image();
    float[] pixels = new float[count * image.values()];
    for (int i = 0; i < pixels.length; i++) {
      pixels[i] = random.nextFloat();
    }
    return input(pixels, count, image.height(), image.width(), image.channels());
  }

  public static float[] floats(TFloat32 tensor) {
    float[] values = new float[(int) tensor.size()];
    tensor.asRawTensor().data().asFloats().read(values);
    return values;
  }

  public static float[] normal(Random random, double spread, int count) {
    float[] values = new float[count];
    for (int i = 0; i < count; i++) {
      values[i] = (float) (spread * random.nextGaussian());
    }
    return values;
  }

  /**
   * Rows of values that keep apart: steps of {@code step} around 0 in random order, each moved by
   * at most a tenth of a step.
   */
  static float[] ladders(Random random, double step, int rows, int width) {
    float[] values = new float[rows * width];
    for (int row = 0; row < rows; row++) {
      List<Double> ladder = new ArrayList<>();
      for (int i = 0; i < width; i++) {
        ladder.add(step * (i - (width - 1) / 2.0 + (random.nextDouble() - 0.5) / 5));
      }
      Collections.shuffle(ladder, random);
      for (int i = 0; i < width; i++) {
        values[row * width + i] = ladder.get(i).floatValue();
      }
    }
    return values;
  }
}
