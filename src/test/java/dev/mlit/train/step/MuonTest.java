package dev.mlit.train.step;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.mlit.model.Closeness;
import dev.mlit.model.TestGraph;
import dev.mlit.spec.OptimizerSpec;
import dev.mlit.spec.OptimizerSpec.Name;
import dev.mlit.spec.Presets;
import dev.mlit.spec.VariableShapes;
import dev.mlit.tensorflow.Operations;
import dev.mlit.tensorflow.Sessions;
import dev.mlit.tensorflow.Tensors;
import dev.mlit.testing.TinyData;
import dev.mlit.weights.Variable;
import dev.mlit.weights.Variables;
import dev.mlit.weights.Weights;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.ToDoubleFunction;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.tensorflow.Graph;
import org.tensorflow.Operand;
import org.tensorflow.Result;
import org.tensorflow.Session;
import org.tensorflow.ndarray.Shape;
import org.tensorflow.ndarray.buffer.DataBuffers;
import org.tensorflow.op.Ops;
import org.tensorflow.op.core.Placeholder;
import org.tensorflow.types.TFloat32;
import org.tensorflow.types.TInt64;

/**
 * Muon against its formulas, written out below in double precision, one matrix at a time. If it
 * fails, a model still learns, but not as well, or an expert gets the update of another one.
 */
class MuonTest {
  private static final String QUERY = "encoder/block_0/attention/query/kernel";
  private static final String VALUE = "encoder/block_10/attention/value/kernel";
  private static final String OUTPUT = "decoder/block_1/moe/output/kernel";
  private static final String EXPERTS = "encoder/block_0/moe/experts/kernel";
  private static final String GATE = "encoder/block_0/moe/gate/kernel";

  private static final OptimizerSpec SPEC = spec(0.05, 0, 0.95);

  private static OptimizerSpec spec(double weightDecay, double clipNorm, double momentum) {
    return new OptimizerSpec(
        0.01, weightDecay, 0.9, 0.999, 1e-8, clipNorm, 1, Name.MUON, 0.02, momentum);
  }

  /** The shapes of variables, in the order of a model. */
  private static Map<String, long[]> shapes(Object... namesAndShapes) {
    Map<String, long[]> shapes = new LinkedHashMap<>();
    for (int i = 0; i < namesAndShapes.length; i += 2) {
      shapes.put((String) namesAndShapes[i], (long[]) namesAndShapes[i + 1]);
    }
    return shapes;
  }

  private static long[] of(long... sizes) {
    return sizes;
  }

  // ---- What it trains ----

  @Test
  void takesTheKernelsInsideTheBlocksOfAClassifierAndNothingElse() {
    assertThat(taken(VariableShapes.of(TinyData.model()).keySet()))
        .containsExactlyInAnyOrder(kernelsOf("encoder", 2));
  }

  @Test
  void takesThoseOfADecoderToo() {
    Set<String> expected = new TreeSet<>(List.of(kernelsOf("encoder", 9)));
    expected.addAll(List.of(kernelsOf("decoder", 2)));

    assertThat(taken(VariableShapes.of(Presets.mmlitXxs()).keySet()))
        .containsExactlyInAnyOrderElementsOf(expected);
  }

  private static String[] kernelsOf(String part, int blocks) {
    List<String> names = new ArrayList<>();
    for (int block = 0; block < blocks; block++) {
      for (String layer :
          List.of(
              "attention/query",
              "attention/key",
              "attention/value",
              "attention/output",
              "moe/experts",
              "moe/value",
              "moe/output")) {
        names.add(part + "/block_" + block + "/" + layer + "/kernel");
      }
    }
    return names.toArray(new String[0]);
  }

  private static List<String> taken(Set<String> names) {
    Sessions.load();
    try (Graph graph = new Graph()) {
      Variables variables = Variables.restored(graph);
      return names.stream()
          .map(name -> variables.zeros(name, Shape.of(1, 1)))
          .filter(Muon::takes)
          .map(Variable::name)
          .toList();
    }
  }

  // ---- The steps ----

  /** Square, wide and tall, a number, a row; experts wide and tall. */
  @ParameterizedTest
  @CsvSource({"4, 4", "3, 7", "7, 3", "1, 1", "1, 5", "5, 1", "16, 9"})
  void agreesWithTheFormulasOverManyStepsOfAChangingRate(long inputs, long outputs) {
    agreesWithTheFormulas(
        SPEC, shapes(QUERY, of(inputs, outputs), EXPERTS, of(3, inputs, outputs)), 1);
  }

  @Test
  void agreesWithTheFormulasWithoutDecayAndMomentum() {
    agreesWithTheFormulas(spec(0, 0, 0), shapes(QUERY, of(4, 6)), 1);
  }

  @Test
  void matricesThatShareAStackGetEachItsOwnUpdate() {
    agreesWithTheFormulas(
        SPEC,
        shapes(
            QUERY,
            of(6, 4),
            VALUE,
            of(4, 6),
            EXPERTS,
            of(2, 4, 6),
            OUTPUT,
            of(6, 4),
            "encoder/block_1/moe/experts/kernel",
            of(3, 6, 4),
            "encoder/block_1/attention/key/kernel",
            of(6, 5)),
        1);
  }

  @Test
  void matricesThatNeedSeveralStacksGetEachItsOwnUpdate() {
    // 129 matrices of 32x32 are more than the 131,072 numbers of a stack.
    Map<String, long[]> shapes = new LinkedHashMap<>();
    for (int block = 0; block < 43; block++) {
      shapes.put("encoder/block_" + block + "/moe/experts/kernel", of(3, 32, 32));
    }
    agreesWithTheFormulas(spec(0.05, 0, 0.9), shapes, 1);
  }

  @Test
  void factorOfAVariableIsOneOfItsRateAndDecay() {
    agreesWithTheFormulas(SPEC, shapes(QUERY, of(4, 6)), 0.25);
  }

  @Test
  void gradientsOfAllVariablesAreClippedTogetherFirst() {
    // The bias has most of the length; what is left of the kernel's gradient of the first step then
    // weighs less in the momentum than the second's.
    Map<String, long[]> shapes = shapes(QUERY, of(4, 6), "head/bias", of(3));
    Map<String, float[]> first = random(shapes, 1);
    Map<String, float[]> second = random(shapes, 2);
    first.put("head/bias", new float[] {300, 400, 0});
    second.put("head/bias", new float[] {0, 0, 0});
    OptimizerSpec clipped = spec(0.05, 2, 0.95);

    State state = run(clipped, shapes, List.of(first, second), v -> 1, 0.01, 0.01);

    Formulas formulas = new Formulas(clipped, shapes);
    formulas.step(QUERY, scaled(first, QUERY, 2 / length(first)), 0.01);
    formulas.step(QUERY, scaled(second, QUERY, Math.min(1, 2 / length(second))), 0.01);
    assertThat(Closeness.doubles(state.values(QUERY)))
        .containsExactly(formulas.weights(QUERY), within(1e-6));
    assertThat(state.gradientNorm).isEqualTo((float) length(second), within(1e-5f));
  }

  @Test
  void allElseIsTrainedByAdamW() {
    Map<String, long[]> shapes = shapes(GATE, of(4, 3), QUERY, of(4, 4), "head/bias", of(5));
    List<Map<String, float[]>> gradients = List.of(random(shapes, 1), random(shapes, 2));
    OptimizerSpec adamw =
        new OptimizerSpec(0.01, 0.05, 0.9, 0.999, 1e-8, 0, 1, Name.ADAMW, null, 0.95);

    State muon = run(SPEC, shapes, gradients, v -> 1, 0.01, 0.005);
    State without = run(adamw, shapes, gradients, v -> 1, 0.01, 0.005);

    assertThat(muon.values(GATE)).isEqualTo(without.values(GATE));
    assertThat(muon.values("head/bias")).isEqualTo(without.values("head/bias"));
    assertThat(muon.values(QUERY)).isNotEqualTo(without.values(QUERY));
  }

  @Test
  void keepsItsMomentumAndNoStateOfAdamW() {
    Map<String, long[]> shapes = shapes(QUERY, of(4, 4), GATE, of(4, 3));

    assertThat(run(SPEC, shapes, List.of(random(shapes, 1)), v -> 1, 0.01).variables)
        .containsExactlyInAnyOrder(
            QUERY,
            GATE,
            "optimizer/" + QUERY + "/momentum",
            "optimizer/" + GATE + "/m",
            "optimizer/" + GATE + "/v");
  }

  // ---- Its edges ----

  @Test
  void withoutAGradientThereIsDecayAloneAndEverythingStaysFinite() {
    Map<String, long[]> shapes = shapes(QUERY, of(4, 6), EXPERTS, of(2, 6, 4));
    Map<String, float[]> zeros = new LinkedHashMap<>();
    shapes.forEach((name, sizes) -> zeros.put(name, new float[size(sizes)]));

    State state = run(SPEC, shapes, List.of(zeros, zeros), v -> 1, 0.01, 0.01);

    double left = (1 - 0.02 * 0.05) * (1 - 0.02 * 0.05);
    shapes.forEach(
        (name, sizes) -> {
          double[] expected = Closeness.doubles(start(name, sizes));
          for (int i = 0; i < expected.length; i++) {
            expected[i] *= left;
          }
          assertThat(Closeness.doubles(state.values(name))).containsExactly(expected, within(1e-6));
        });
  }

  @Test
  void expertThatGetsNoTokenLearnsNothingBesideOthersThatDo() {
    Map<String, long[]> shapes = shapes(EXPERTS, of(3, 4, 6));
    Map<String, float[]> gradients = random(shapes, 1);
    float[] own = Objects.requireNonNull(gradients.get(EXPERTS));
    Arrays.fill(own, 24, 48, 0);

    float[] values =
        run(spec(0, 0, 0.95), shapes, List.of(gradients), v -> 1, 0.01).values(EXPERTS);

    float[] start = start(EXPERTS, of(3, 4, 6));
    for (int i = 0; i < values.length; i++) {
      assertThat(values[i] == start[i]).as("entry %d stays", i).isEqualTo(i >= 24 && i < 48);
    }
  }

  /** The length of a matrix is taken for 1e-7 where it is less, as PyTorch does. */
  @ParameterizedTest
  @CsvSource({"1e15", "1e-6", "1.01e-6", "0.99e-7", "1e-8", "1e-15"})
  void sizeOfAGradientDoesNotMatterDownToTheShortest(double factor) {
    Map<String, long[]> shapes = shapes(QUERY, of(4, 6));
    Map<String, float[]> gradients = random(shapes, 1);
    float[] own = Objects.requireNonNull(gradients.get(QUERY));
    double length = length(gradients);
    for (int i = 0; i < own.length; i++) {
      own[i] *= (float) (factor / length / (0.05 + 0.95 * 0.05));
    }

    OptimizerSpec plain = spec(0, 0, 0.95);
    float[] values = run(plain, shapes, List.of(gradients), v -> 1, 0.01).values(QUERY);

    Formulas formulas = new Formulas(plain, shapes);
    formulas.step(QUERY, Closeness.doubles(own), 0.01);
    assertThat(Closeness.doubles(values)).containsExactly(formulas.weights(QUERY), within(1e-6));
  }

  @Test
  void stepsAreAsLargeAsThoseOfAdamW() {
    Map<String, long[]> shapes = shapes(QUERY, of(64, 64), OUTPUT, of(24, 96));
    State state = run(spec(0, 0, 0.95), shapes, List.of(random(shapes, 1)), v -> 1, 0.01);

    shapes.forEach(
        (name, sizes) -> {
          float[] start = start(name, sizes);
          double squares = 0;
          for (int i = 0; i < start.length; i++) {
            squares += Math.pow(state.values(name)[i] - start[i], 2);
          }
          assertThat(Math.sqrt(squares / start.length) / 0.02).isBetween(0.13, 0.25);
        });
  }

  private static void agreesWithTheFormulas(
      OptimizerSpec spec, Map<String, long[]> shapes, double factor) {
    List<Map<String, float[]>> gradients = new ArrayList<>();
    double[] rates = new double[6];
    Formulas formulas = new Formulas(spec, shapes);
    for (int t = 0; t < rates.length; t++) {
      rates[t] = 0.005 * (1 + Math.cos(t));
      gradients.add(random(shapes, t));
      for (String name : shapes.keySet()) {
        formulas.step(
            name,
            Closeness.doubles(Objects.requireNonNull(gradients.get(t).get(name))),
            factor * rates[t]);
      }
    }

    State state = run(spec, shapes, gradients, v -> factor, rates);

    for (String name : shapes.keySet()) {
      assertThat(Closeness.doubles(state.values(name)))
          .as(name)
          .containsExactly(formulas.weights(name), within(2e-6));
    }
  }

  /** The algorithm as it is published, one matrix at a time. */
  private static final class Formulas {
    private final OptimizerSpec spec;
    private final Map<String, long[]> shapes;
    private final Map<String, double[]> weights = new LinkedHashMap<>();
    private final Map<String, double[]> momentum = new LinkedHashMap<>();

    Formulas(OptimizerSpec spec, Map<String, long[]> shapes) {
      this.spec = spec;
      this.shapes = shapes;
      shapes.forEach(
          (name, sizes) -> {
            weights.put(name, Closeness.doubles(start(name, sizes)));
            momentum.put(name, new double[size(sizes)]);
          });
    }

    double[] weights(String name) {
      return Objects.requireNonNull(weights.get(name));
    }

    /** A step, the rate AdamW's; Muon's is twice that here. */
    void step(String name, double[] gradient, double rate) {
      long[] sizes = Objects.requireNonNull(shapes.get(name));
      int rows = (int) sizes[sizes.length - 2];
      int columns = (int) sizes[sizes.length - 1];
      double[] w = weights(name);
      double[] m = Objects.requireNonNull(momentum.get(name));
      double u = spec.momentum();
      double scale = 0.2 * Math.sqrt(Math.max(rows, columns));
      for (int first = 0; first < w.length; first += rows * columns) {
        double[][] look = new double[rows][columns];
        for (int i = 0; i < rows * columns; i++) {
          int at = first + i;
          m[at] = u * m[at] + (1 - u) * gradient[at];
          look[i / columns][i % columns] = (1 - u) * gradient[at] + u * m[at];
        }
        double[][] o = orthogonal(look);
        for (int i = 0; i < rows * columns; i++) {
          double step = spec.weightDecay() * w[first + i] + scale * o[i / columns][i % columns];
          w[first + i] -= 2 * rate * step;
        }
      }
    }

    private static double[][] orthogonal(double[][] g) {
      double squares = 0;
      for (double[] row : g) {
        for (double x : row) {
          squares += x * x;
        }
      }
      double[][] x = combine(1 / Math.max(Math.sqrt(squares), 1e-7), g, 0, g);
      for (int i = 0; i < 5; i++) {
        double[][] gram = product(x, transposed(x));
        double[][] polynomial = combine(-4.7750, gram, 2.0315, product(gram, gram));
        x = combine(3.4445, x, 1, product(polynomial, x));
      }
      return x;
    }

    private static double[][] combine(double a, double[][] x, double b, double[][] y) {
      double[][] sum = new double[x.length][x[0].length];
      for (int i = 0; i < x.length; i++) {
        for (int j = 0; j < x[0].length; j++) {
          sum[i][j] = a * x[i][j] + b * y[i][j];
        }
      }
      return sum;
    }

    private static double[][] product(double[][] x, double[][] y) {
      double[][] product = new double[x.length][y[0].length];
      for (int i = 0; i < x.length; i++) {
        for (int j = 0; j < y[0].length; j++) {
          for (int k = 0; k < y.length; k++) {
            product[i][j] += x[i][k] * y[k][j];
          }
        }
      }
      return product;
    }

    private static double[][] transposed(double[][] x) {
      double[][] turned = new double[x[0].length][x.length];
      for (int i = 0; i < x.length; i++) {
        for (int j = 0; j < x[0].length; j++) {
          turned[j][i] = x[i][j];
        }
      }
      return turned;
    }
  }

  /** What the steps left. */
  private record State(Map<String, float[]> values, List<String> variables, float gradientNorm) {
    float[] values(String name) {
      return Objects.requireNonNull(values.get(name));
    }
  }

  /** Runs the optimizer in a graph, a step for every rate. */
  private static State run(
      OptimizerSpec spec,
      Map<String, long[]> shapes,
      List<Map<String, float[]>> gradients,
      ToDoubleFunction<Variable> factors,
      double... rates) {
    Sessions.load();
    try (Graph graph = new Graph()) {
      Ops tf = Operations.of(graph);
      Variables variables = Variables.restored(graph);
      Placeholder<TInt64> step = tf.placeholder(TInt64.class);
      Placeholder<TFloat32> rate = tf.placeholder(TFloat32.class);
      Map<Variable, Operand<TFloat32>> trained = new LinkedHashMap<>();
      Map<String, Weights.Array> start = new LinkedHashMap<>();
      shapes.forEach(
          (name, sizes) -> {
            trained.put(
                kernel(variables.zeros(name, Shape.of(sizes))),
                tf.placeholder(TFloat32.class, Placeholder.shape(Shape.of(sizes))));
            start.put(name, array(start(name, sizes), sizes));
          });
      List<Variable> weights = List.copyOf(trained.keySet());
      Optimizer optimizer = new Optimizer(tf, spec, variables, trained, step, rate, factors);
      try (Session session = Sessions.open(graph, 1)) {
        variables.initialize(session);
        Weights.of(start).assign(graph, session, weights);
        float norm = 0;
        for (int t = 0; t < rates.length; t++) {
          norm = step(session, optimizer, trained, gradients.get(t), step, t, rate, rates[t]);
        }
        Map<String, float[]> values = new LinkedHashMap<>();
        Session.Runner runner = session.runner();
        weights.forEach(weight -> runner.fetch(weight.value()));
        try (Result result = runner.run()) {
          weights.forEach(
              w -> values.put(w.name(), Tensors.floats((TFloat32) result.get(values.size()))));
        }
        return new State(values, variables.all().stream().map(Variable::name).toList(), norm);
      }
    }
  }

  private static float step(
      Session session,
      Optimizer optimizer,
      Map<Variable, Operand<TFloat32>> trained,
      Map<String, float[]> gradients,
      Operand<TInt64> step,
      long number,
      Operand<TFloat32> rate,
      double rateOfStep) {
    List<TFloat32> fed = new ArrayList<>();
    try (TInt64 steps = TInt64.scalarOf(number);
        TFloat32 rates = TFloat32.scalarOf((float) rateOfStep)) {
      Session.Runner runner = session.runner().feed(step, steps).feed(rate, rates);
      trained.forEach(
          (variable, input) -> {
            TFloat32 tensor =
                TFloat32.tensorOf(
                    variable.shape(),
                    DataBuffers.of(Objects.requireNonNull(gradients.get(variable.name()))));
            fed.add(tensor);
            runner.feed(input, tensor);
          });
      optimizer.updates().forEach(runner::addTarget);
      try (Result norm = runner.fetch(optimizer.gradientNorm()).run()) {
        return ((TFloat32) norm.get(0)).getFloat();
      }
    } finally {
      fed.forEach(TFloat32::close);
    }
  }

  private static Variable kernel(Variable v) {
    boolean decays = v.name().endsWith("kernel");
    return new Variable(v.name(), v.shape(), decays, v.handle(), v.value(), v.initializer());
  }

  private static float[] start(String name, long[] sizes) {
    return gaussian(name.hashCode(), size(sizes));
  }

  private static Map<String, float[]> random(Map<String, long[]> shapes, long seed) {
    Map<String, float[]> values = new LinkedHashMap<>();
    shapes.forEach(
        (name, sizes) -> values.put(name, gaussian(31L * name.hashCode() + seed + 1, size(sizes))));
    return values;
  }

  private static float[] gaussian(long seed, int count) {
    return TestGraph.normal(new Random(seed), 1, count);
  }

  private static int size(long[] sizes) {
    return (int) Shape.of(sizes).size();
  }

  private static Weights.Array array(float[] values, long[] sizes) {
    return new Weights.Array(Arrays.stream(sizes).boxed().toList(), values);
  }

  private static double length(Map<String, float[]> gradients) {
    double squares = 0;
    for (float[] values : gradients.values()) {
      for (float x : values) {
        squares += (double) x * x;
      }
    }
    return Math.sqrt(squares);
  }

  private static double[] scaled(Map<String, float[]> gradients, String name, double factor) {
    double[] values = Closeness.doubles(Objects.requireNonNull(gradients.get(name)));
    for (int i = 0; i < values.length; i++) {
      values[i] *= factor;
    }
    return values;
  }
}
