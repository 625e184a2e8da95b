package dev.mlit.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.IntStream;
import org.tensorflow.Operand;
import org.tensorflow.ndarray.Shape;
import org.tensorflow.types.TFloat32;

/**
 * Holds the gradients that a layer computes against differences of its forward pass.
 *
 * <p>The loss is a random projection of the layer's outputs, summed in double. Its slope at a value
 * is taken from four points, f'(x) = (8 (f(x+h) - f(x-h)) - (f(x+2h) - f(x-2h))) / 12h, whose error
 * is h^4 f^(5)/30. That allows for a step as wide as h = 0.02, which is 5e-9 f^(5) off; and an
 * output around 1 that is rounded to float32, 6e-8 off, comes out of the division as 3e-6. Tens of
 * outputs, and losses around 10, make that some 1e-4 at every value. {@link #ABSOLUTE} allows three
 * times as much; it decides only where a gradient is near 0, as that at a key's bias is: the same
 * number added to all scores of a softmax changes nothing.
 */
final class CentralDifferences {
  private static final double STEP = 0.02;

  /** Of the length of a variable's gradient. */
  private static final double RELATIVE = 1e-3;

  /** For every value of a variable. */
  private static final double ABSOLUTE = 3e-4;

  /** Of a larger variable so many values, drawn at random, are looked at. */
  private static final int MOST = 40;

  private final TestGraph graph;
  private final Random random;
  private final Map<Operand<TFloat32>, float[]> projections = new LinkedHashMap<>();

  CentralDifferences(TestGraph graph, Random random) {
    this.graph = graph;
    this.random = random;
  }

  /**
   * Adds a random projection of an output to the loss.
   *
   * @return the gradient of the loss at the output
   */
  Operand<TFloat32> project(Operand<TFloat32> output, long... sizes) {
    int size = (int) Shape.of(sizes).size();
    float[] factors = TestGraph.normal(random, 1, size);
    projections.put(output, factors);
    return graph.input(factors.clone(), sizes);
  }

  /** Adds a scalar to the loss. */
  void add(Operand<TFloat32> scalar) {
    projections.put(scalar, new float[] {1});
  }

  /** Compares the gradients of all variables of the graph. */
  void check(VariableGradients gradients) {
    assertThat(gradients.all().keySet())
        .containsExactlyInAnyOrderElementsOf(graph.variables().all());
    gradients
        .all()
        .forEach((variable, gradient) -> check(variable.name(), variable.value(), gradient));
  }

  /**
   * Compares the gradient at an input or a variable.
   *
   * @param name says in messages what it belongs to
   */
  void check(String name, Operand<TFloat32> at, Operand<TFloat32> gradient) {
    float[] computed = graph.run(gradient);
    float[] values = graph.values(at);
    assertThat(computed.length).as("size of the gradient at %s", name).isEqualTo(values.length);
    List<Integer> places = new ArrayList<>(IntStream.range(0, values.length).boxed().toList());
    Collections.shuffle(places, random);
    double length = 0;
    double error = 0;
    double most = 0;
    for (int place : places.subList(0, Math.min(MOST, places.size()))) {
      double slope = slope(values, place);
      length += slope * slope;
      error += Math.pow(computed[place] - slope, 2);
      most += ABSOLUTE * ABSOLUTE;
    }
    assertThat(Math.sqrt(error))
        .as("error of the gradient at %s, of length %s", name, Math.sqrt(length))
        .isCloseTo(0, within(RELATIVE * Math.sqrt(length) + Math.sqrt(most)));
  }

  private double slope(float[] values, int place) {
    double narrow = difference(values, place, STEP);
    double wide = difference(values, place, 2 * STEP);
    return (8 * narrow - wide) / (12 * STEP);
  }

  private double difference(float[] values, int place, double step) {
    float middle = values[place];
    values[place] = (float) (middle + step);
    double above = loss();
    values[place] = (float) (middle - step);
    double below = loss();
    values[place] = middle;
    return above - below;
  }

  private double loss() {
    List<float[]> outputs = graph.run(List.copyOf(projections.keySet()));
    double sum = 0;
    int next = 0;
    for (float[] factors : projections.values()) {
      float[] output = outputs.get(next++);
      for (int i = 0; i < factors.length; i++) {
        sum += (double) factors[i] * output[i];
      }
    }
    return sum;
  }
}
