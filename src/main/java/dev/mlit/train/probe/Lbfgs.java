package dev.mlit.train.probe;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Iterator;
import org.jspecify.annotations.Nullable;

/**
 * Minimises a smooth function by limited-memory BFGS (Nocedal and Wright 2006, algorithms 7.4 and
 * 7.5), each step as long as the weak Wolfe conditions allow, found by bisection (Lewis and Overton
 * 2013). All in double precision and on one thread: the same bits everywhere.
 */
final class Lbfgs {
  /** Pairs of steps and changes of the gradient that stand for the Hessian; SciPy's number too. */
  private static final int MEMORY = 10;

  private static final double SUFFICIENT_DECREASE = 1e-4;
  private static final double CURVATURE = 0.9;
  private static final int TRIALS = 60;

  private Lbfgs() {}

  /** A function and its gradient. */
  @FunctionalInterface
  interface Objective {
    /**
     * The value at a point.
     *
     * @param gradient is overwritten with the gradient there
     */
    double at(double[] x, double[] gradient);

    /**
     * Multiplies a vector with an estimate of the inverse of the Hessian, symmetric and positive,
     * the same in every call: the better it is, the fewer steps are needed. Unless overridden, it
     * is the identity.
     */
    default void precondition(double[] vector) {}
  }

  /**
   * Where the search ended.
   *
   * @param x the point
   * @param value there
   * @param gradient the largest absolute value of the gradient's entries there
   * @param iterations steps that were taken
   */
  record Minimum(double[] x, double value, double gradient, int iterations) {}

  /** A step and how it changed the gradient, y, with 1 / (step * y). */
  private record Pair(double[] step, double[] change, double rho) {}

  /**
   * Goes downhill from a point.
   *
   * @param tolerance ends the search where no entry of the gradient is larger
   * @param most iterations; it ends earlier where no step makes the value smaller any more
   */
  static Minimum minimize(Objective objective, double[] start, double tolerance, int most) {
    double[] x = start.clone();
    double[] gradient = new double[x.length];
    double value = objective.at(x, gradient);
    Deque<Pair> pairs = new ArrayDeque<>();
    int iterations = 0;
    while (iterations < most && largest(gradient) > tolerance) {
      double[] direction = direction(objective, gradient, pairs);
      double slope = dot(gradient, direction);
      double first = pairs.isEmpty() ? Math.min(1, 1 / norm(direction)) : 1;
      Trial next = search(objective, x, value, direction, slope, first);
      if (next == null) {
        break;
      }
      double[] step = difference(next.x, x);
      double[] change = difference(next.gradient, gradient);
      double curvature = dot(step, change);
      if (curvature > 0) {
        pairs.addLast(new Pair(step, change, 1 / curvature));
        if (pairs.size() > MEMORY) {
          pairs.removeFirst();
        }
      }
      x = next.x;
      value = next.value;
      gradient = next.gradient;
      iterations++;
    }
    return new Minimum(x, value, largest(gradient), iterations);
  }

  /** Minus the inverse Hessian, as the pairs know it, times the gradient. */
  private static double[] direction(Objective objective, double[] gradient, Deque<Pair> pairs) {
    double[] q = gradient.clone();
    double[] alphas = new double[pairs.size()];
    int i = pairs.size();
    for (Iterator<Pair> newestFirst = pairs.descendingIterator(); newestFirst.hasNext(); ) {
      Pair pair = newestFirst.next();
      alphas[--i] = pair.rho * dot(pair.step, q);
      add(q, -alphas[i], pair.change);
    }
    objective.precondition(q);
    if (!pairs.isEmpty()) {
      Pair newest = pairs.getLast();
      double[] change = newest.change.clone();
      objective.precondition(change);
      scale(q, 1 / (newest.rho * dot(newest.change, change)));
    }
    for (Pair pair : pairs) {
      double beta = pair.rho * dot(pair.change, q);
      add(q, alphas[i++] - beta, pair.step);
    }
    scale(q, -1);
    return q;
  }

  private record Trial(double[] x, double value, double[] gradient) {}

  /** The next point along a direction; null if none is lower by more than rounding. */
  private static @Nullable Trial search(
      Objective objective,
      double[] x,
      double value,
      double[] direction,
      double slope,
      double first) {
    double low = 0;
    double high = Double.POSITIVE_INFINITY;
    double length = first;
    for (int trial = 0; trial < TRIALS; trial++) {
      double[] point = x.clone();
      add(point, length, direction);
      double[] gradient = new double[x.length];
      double lower = objective.at(point, gradient);
      if (!(lower <= value + SUFFICIENT_DECREASE * length * slope)) {
        high = length;
      } else if (dot(gradient, direction) < CURVATURE * slope) {
        low = length;
      } else {
        return new Trial(point, lower, gradient);
      }
      length = Double.isInfinite(high) ? 2 * low : (low + high) / 2;
    }
    return null;
  }

  private static double[] difference(double[] a, double[] b) {
    double[] difference = a.clone();
    add(difference, -1, b);
    return difference;
  }

  private static void add(double[] to, double factor, double[] values) {
    for (int i = 0; i < to.length; i++) {
      to[i] += factor * values[i];
    }
  }

  private static void scale(double[] values, double factor) {
    for (int i = 0; i < values.length; i++) {
      values[i] *= factor;
    }
  }

  private static double dot(double[] a, double[] b) {
    double sum = 0;
    for (int i = 0; i < a.length; i++) {
      sum += a[i] * b[i];
    }
    return sum;
  }

  private static double norm(double[] values) {
    return Math.sqrt(dot(values, values));
  }

  private static double largest(double[] values) {
    double largest = 0;
    for (double value : values) {
      largest = Math.max(largest, Math.abs(value));
    }
    return largest;
  }
}
