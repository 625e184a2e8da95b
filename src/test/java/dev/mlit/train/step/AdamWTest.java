package dev.mlit.train.step;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.mlit.model.Closeness;
import dev.mlit.model.TestGraph;
import dev.mlit.spec.OptimizerSpec;
import dev.mlit.spec.OptimizerSpec.Name;
import dev.mlit.tensorflow.Operations;
import dev.mlit.tensorflow.Sessions;
import dev.mlit.weights.Variable;
import dev.mlit.weights.Variables;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.function.ToDoubleFunction;
import org.junit.jupiter.api.Test;
import org.tensorflow.Graph;
import org.tensorflow.Operand;
import org.tensorflow.Result;
import org.tensorflow.Session;
import org.tensorflow.ndarray.Shape;
import org.tensorflow.op.Op;
import org.tensorflow.op.Ops;
import org.tensorflow.op.core.Placeholder;
import org.tensorflow.types.TFloat32;
import org.tensorflow.types.TInt64;

/**
 * The optimizer against PyTorch's and against the algorithm as it was published, written out below
 * in double precision. If it fails, models still learn, but worse than the recipe says.
 */
class AdamWTest {
  /** A variable that decays. */
  private static final float[] KERNEL = {1, -2, 0.5f};

  /** A variable that does not. */
  private static final float[] BIAS = {0.1f, -0.3f};

  private static final OptimizerSpec PLAIN = adamW(1, 0, 0.9, 0.999, 1e-8, 0);

  private static OptimizerSpec adamW(
      double rate, double decay, double beta1, double beta2, double epsilon, double clipNorm) {
    return new OptimizerSpec(
        rate, decay, beta1, beta2, epsilon, clipNorm, 1, Name.ADAMW, null, 0.95);
  }

  private static final double[] CONSTANT_RATE = {0.1, 0.1, 0.1, 0.1, 0.1};

  /**
   * What torch 2.13 prints for
   *
   * <pre>{@code
   * kernel = torch.nn.Parameter(torch.tensor([1.0, -2.0, 0.5], dtype=torch.float64))
   * bias = torch.nn.Parameter(torch.tensor([0.1, -0.3], dtype=torch.float64))
   * optimizer = torch.optim.AdamW(
   *     [{"params": [kernel], "weight_decay": 0.5}, {"params": [bias], "weight_decay": 0.0}],
   *     lr=0.1, betas=(0.9, 0.99), eps=0.01)
   * for t in range(1, 6):
   *     kernel.grad = torch.tensor([0.5 * t, -1.0 / t, 0.02], dtype=torch.float64)
   *     bias.grad = torch.tensor([2.5 - t, 1e-3], dtype=torch.float64)
   *     optimizer.step()
   *     print([round(x, 9) for x in kernel.tolist() + bias.tolist()])
   * }</pre>
   */
  private static final double[][] TORCH = {
    {0.851960784, -1.800990099, 0.408333333, 0.000662252, -0.309090909},
    {0.714177455, -1.618763514, 0.32125, -0.08582715, -0.318181818},
    {0.583789232, -1.451535766, 0.238520833, -0.130424827, -0.327272727},
    {0.459609683, -1.297815078, 0.159928125, -0.118786389, -0.336363636},
    {0.340953281, -1.156353016, 0.085265052, -0.071994071, -0.345454545},
  };

  /** The gradients of one step, one array a variable. */
  private record Gradients(float[] kernel, float[] bias) {}

  /** What one step left: the variables, the kernel first, and the norm that it reported. */
  private record State(float[] values, float gradientNorm) {}

  @Test
  void agreesWithPyTorch() {
    OptimizerSpec spec = adamW(0.1, 0.5, 0.9, 0.99, 0.01, 0);
    List<Gradients> gradients = new ArrayList<>();
    for (int t = 1; t <= TORCH.length; t++) {
      gradients.add(
          new Gradients(new float[] {0.5f * t, -1f / t, 0.02f}, new float[] {2.5f - t, 1e-3f}));
    }

    List<State> states = run(spec, gradients, CONSTANT_RATE);

    for (int t = 0; t < TORCH.length; t++) {
      assertClose(states.get(t).values(), TORCH[t], 1e-6);
    }
  }

  @Test
  void agreesWithTheAlgorithmOverManyStepsOfAChangingRate() {
    agreesWithTheAlgorithm(adamW(1, 0.05, 0.9, 0.999, 1e-8, 0), 1e-5);
  }

  @Test
  void agreesWithTheAlgorithmWithoutDecay() {
    agreesWithTheAlgorithm(PLAIN, 1e-5);
  }

  @Test
  void agreesWithTheAlgorithmWhereEpsilonWeighs() {
    agreesWithTheAlgorithm(adamW(1, 0.05, 0.8, 0.95, 0.5, 0), 1e-5);
  }

  @Test
  void agreesWithTheAlgorithmWhereSomeStepsAreClipped() {
    OptimizerSpec spec = adamW(1, 0.05, 0.9, 0.999, 0.1, 2);

    List<State> states = agreesWithTheAlgorithm(spec, 1e-5);

    assertThat(states).anyMatch(s -> s.gradientNorm() < 2).anyMatch(s -> s.gradientNorm() > 2);
  }

  @Test
  void decayAloneShrinksKernelsByRateTimesDecayAndNothingElse() {
    OptimizerSpec spec = adamW(1, 0.5, 0.9, 0.999, 1e-8, 1);
    Gradients zero = new Gradients(new float[3], new float[2]);

    State state = run(spec, List.of(zero, zero), 0.1, 0.2).get(1);

    double left = (1 - 0.1 * 0.5) * (1 - 0.2 * 0.5);
    assertClose(state.values(), new double[] {left, -2 * left, 0.5 * left, 0.1, -0.3}, 1e-6);
    assertThat(new float[] {state.values()[3], state.values()[4]}).isEqualTo(BIAS);
  }

  @Test
  void withoutDecayKernelsAndBiasesAreTreatedAlike() {
    Gradients small = new Gradients(new float[] {0, 0, 0.25f}, new float[] {0.25f, 0});

    float[] values = run(PLAIN, List.of(small), 0.125).get(0).values();

    assertThat(values[2] - KERNEL[2]).isEqualTo(values[3] - BIAS[0], within(1e-7f));
    assertThat(values[0]).isEqualTo(KERNEL[0]);
    assertThat(values[4]).isEqualTo(BIAS[1]);
  }

  @Test
  void factorOfAVariableIsOneOfItsLearningRateAndDecay() {
    OptimizerSpec spec = adamW(1, 0.5, 0.9, 0.999, 0.1, 1);
    List<Gradients> gradients = List.of(ofNorm5(), ofNorm5());

    float[] full = run(spec, gradients, 0.1, 0.2).get(1).values();
    float[] half = run(spec, gradients, 0.05, 0.1).get(1).values();
    float[] mixed =
        run(spec, gradients, v -> v.name().equals("kernel") ? 0.5 : 1, 0.1, 0.2).get(1).values();

    assertThat(Arrays.copyOf(mixed, 3)).containsExactly(Arrays.copyOf(half, 3), within(1e-6f));
    assertThat(Arrays.copyOfRange(mixed, 3, 5)).isEqualTo(Arrays.copyOfRange(full, 3, 5));
  }

  @Test
  void rateOfZeroChangesNothing() {
    OptimizerSpec spec = adamW(1, 0.5, 0.9, 0.999, 1e-8, 1);

    assertThat(run(spec, List.of(ofNorm5()), 0.0).get(0).values())
        .isEqualTo(new float[] {1, -2, 0.5f, 0.1f, -0.3f});
  }

  @Test
  void gradientsBelowTheClippingNormStayAsTheyAre() {
    assertThat(oneStep(5.5)).isEqualTo(oneStep(0));
  }

  @Test
  void gradientsOfExactlyTheClippingNormStayAsTheyAre() {
    assertThat(oneStep(5)).isEqualTo(oneStep(0));
  }

  @Test
  void gradientsAboveTheClippingNormAreScaledDownTogether() {
    double[] expected = new double[5];
    double[] gradients = {3 / 2.0, 0, -2 / 2.0, 2 / 2.0, Math.sqrt(8) / 2.0};
    for (int i = 0; i < expected.length; i++) {
      // The first step of Adam is g / (|g| + epsilon).
      expected[i] = start(i) - 0.1 * gradients[i] / (Math.abs(gradients[i]) + 0.25);
    }

    assertClose(oneStep(2.5), expected, 1e-6);
    assertThat(oneStep(2.5)).isNotEqualTo(oneStep(0));
  }

  @Test
  void reportsTheNormOfAllGradientsBeforeClipping() {
    OptimizerSpec spec = adamW(1, 0, 0.9, 0.999, 1e-8, 1);

    assertThat(run(spec, List.of(ofNorm5()), 0.1).get(0).gradientNorm())
        .isEqualTo(5, within(1e-6f));
  }

  /** The variables after one step at a rate of 0.1, with an epsilon that makes scale matter. */
  private static float[] oneStep(double clipNorm) {
    OptimizerSpec spec = adamW(1, 0, 0.9, 0.999, 0.25, clipNorm);
    return run(spec, List.of(ofNorm5()), 0.1).get(0).values();
  }

  private static Gradients ofNorm5() {
    return new Gradients(new float[] {3, 0, -2}, new float[] {2, (float) Math.sqrt(8)});
  }

  private static List<State> agreesWithTheAlgorithm(OptimizerSpec spec, double tolerance) {
    Random random = new Random(5);
    List<Gradients> gradients = new ArrayList<>();
    double[] rates = new double[100];
    for (int t = 0; t < rates.length; t++) {
      gradients.add(new Gradients(TestGraph.normal(random, 1, 3), TestGraph.normal(random, 1, 2)));
      rates[t] = 0.05 * (1 + Math.cos(t / 10.0));
    }

    List<State> states = run(spec, gradients, rates);

    Algorithm2 kernel = new Algorithm2(spec, spec.weightDecay(), KERNEL);
    Algorithm2 bias = new Algorithm2(spec, 0, BIAS);
    for (int t = 0; t < rates.length; t++) {
      double norm = norm(gradients.get(t));
      double factor = spec.clipNorm() > 0 && norm > spec.clipNorm() ? spec.clipNorm() / norm : 1;
      kernel.step(gradients.get(t).kernel(), factor, rates[t]);
      bias.step(gradients.get(t).bias(), factor, rates[t]);
      assertClose(states.get(t).values(), concat(kernel.weights, bias.weights), tolerance);
      assertThat((double) states.get(t).gradientNorm()).isEqualTo(norm, within(1e-5));
    }
    return states;
  }

  /**
   * Algorithm 2 of <a href="https://arxiv.org/abs/1711.05101">Decoupled Weight Decay
   * Regularization</a>, line by line; its schedule multiplier times alpha is the rate, and its
   * decay is that of the rate, as in PyTorch.
   */
  private static final class Algorithm2 {
    private final OptimizerSpec spec;
    private final double decay;
    private final double[] weights;
    private final double[] m;
    private final double[] v;
    private int t;

    Algorithm2(OptimizerSpec spec, double decay, float[] start) {
      this.spec = spec;
      this.decay = decay;
      this.weights = Closeness.doubles(start);
      this.m = new double[start.length];
      this.v = new double[start.length];
    }

    void step(float[] gradients, double factor, double rate) {
      t++;
      for (int i = 0; i < weights.length; i++) {
        double g = gradients[i] * factor;
        m[i] = spec.beta1() * m[i] + (1 - spec.beta1()) * g;
        v[i] = spec.beta2() * v[i] + (1 - spec.beta2()) * g * g;
        double corrected = m[i] / (1 - Math.pow(spec.beta1(), t));
        double squares = v[i] / (1 - Math.pow(spec.beta2(), t));
        weights[i] -=
            rate * (corrected / (Math.sqrt(squares) + spec.epsilon()) + decay * weights[i]);
      }
    }
  }

  /** Runs the optimizer in a graph, a step for every rate. */
  private static List<State> run(OptimizerSpec spec, List<Gradients> gradients, double... rates) {
    return run(spec, gradients, variable -> 1, rates);
  }

  private static List<State> run(
      OptimizerSpec spec,
      List<Gradients> gradients,
      ToDoubleFunction<Variable> factors,
      double... rates) {
    Sessions.load();
    try (Graph graph = new Graph()) {
      Ops tf = Operations.of(graph);
      Variables variables = Variables.restored(graph);
      Variable kernel = decaying(variables.zeros("kernel", Shape.of(KERNEL.length)));
      Variable bias = variables.zeros("bias", Shape.of(BIAS.length));
      Placeholder<TFloat32> kernelGradient = tf.placeholder(TFloat32.class);
      Placeholder<TFloat32> biasGradient = tf.placeholder(TFloat32.class);
      Placeholder<TInt64> step = tf.placeholder(TInt64.class);
      Placeholder<TFloat32> rate = tf.placeholder(TFloat32.class);
      Map<Variable, Operand<TFloat32>> trained = new LinkedHashMap<>();
      trained.put(kernel, kernelGradient);
      trained.put(bias, biasGradient);
      Optimizer optimizer = new Optimizer(tf, spec, variables, trained, step, rate, factors);
      Op assignKernel = tf.assignVariableOp(kernel.handle(), tf.constant(KERNEL));
      Op assignBias = tf.assignVariableOp(bias.handle(), tf.constant(BIAS));

      try (Session session = Sessions.open(graph, 1)) {
        variables.initialize(session);
        session.runner().addTarget(assignKernel).addTarget(assignBias).run().close();
        List<State> states = new ArrayList<>();
        for (int t = 0; t < rates.length; t++) {
          try (TFloat32 kernelValues = TFloat32.vectorOf(gradients.get(t).kernel());
              TFloat32 biasValues = TFloat32.vectorOf(gradients.get(t).bias());
              TInt64 steps = TInt64.scalarOf(t);
              TFloat32 rateValue = TFloat32.scalarOf((float) rates[t])) {
            Session.Runner runner =
                session
                    .runner()
                    .feed(kernelGradient, kernelValues)
                    .feed(biasGradient, biasValues)
                    .feed(step, steps)
                    .feed(rate, rateValue)
                    .fetch(optimizer.gradientNorm());
            optimizer.updates().forEach(runner::addTarget);
            try (Result norm = runner.run();
                Result values = session.runner().fetch(kernel.value()).fetch(bias.value()).run()) {
              states.add(
                  new State(
                      concat((TFloat32) values.get(0), (TFloat32) values.get(1)),
                      ((TFloat32) norm.get(0)).getFloat()));
            }
          }
        }
        return states;
      }
    }
  }

  private static Variable decaying(Variable variable) {
    return new Variable(
        variable.name(),
        variable.shape(),
        true,
        variable.handle(),
        variable.value(),
        variable.initializer());
  }

  private static double start(int index) {
    return index < KERNEL.length ? KERNEL[index] : BIAS[index - KERNEL.length];
  }

  private static double norm(Gradients gradients) {
    double sum = 0;
    for (double g :
        concat(Closeness.doubles(gradients.kernel()), Closeness.doubles(gradients.bias()))) {
      sum += g * g;
    }
    return Math.sqrt(sum);
  }

  private static double[] concat(double[] first, double[] second) {
    double[] both = new double[first.length + second.length];
    System.arraycopy(first, 0, both, 0, first.length);
    System.arraycopy(second, 0, both, first.length, second.length);
    return both;
  }

  private static float[] concat(TFloat32 first, TFloat32 second) {
    float[] both = new float[(int) (first.size() + second.size())];
    for (int i = 0; i < both.length; i++) {
      both[i] = i < first.size() ? first.getFloat(i) : second.getFloat(i - (int) first.size());
    }
    return both;
  }

  private static void assertClose(float[] actual, double[] expected, double tolerance) {
    assertThat(Closeness.doubles(actual)).containsExactly(expected, within(tolerance));
  }
}
