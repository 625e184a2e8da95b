package dev.mlit.report;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.stream.DoubleStream;

/**
 * The scale of an axis: which numbers it shows, and where.
 *
 * @param low its first number
 * @param high its last number, above the first
 * @param logarithmic whether equal distances are equal ratios; then both are above 0
 */
record Scale(double low, double high, boolean logarithmic) {
  private static final double[] STEPS = {1, 2, 2.5, 5, 10};

  /** A scale for these numbers, a little wider than they are. */
  static Scale of(DoubleStream numbers, boolean logarithmic) {
    double[] finite = numbers.filter(Double::isFinite).filter(x -> !logarithmic || x > 0).toArray();
    double low = DoubleStream.of(finite).min().orElse(logarithmic ? 1 : 0);
    double high = DoubleStream.of(finite).max().orElse(1);
    if (logarithmic) {
      return new Scale(low / 1.1, high * 1.1, true);
    }
    double margin = high > low ? (high - low) * 0.05 : Math.max(Math.abs(high) * 0.1, 1e-9);
    // What is never negative should not look as if it could be.
    return new Scale(low >= 0 ? Math.max(0, low - margin) : low - margin, high + margin, false);
  }

  /** Where a number is, from 0 to 1. */
  double at(double number) {
    return logarithmic
        ? Math.log(number / low) / Math.log(high / low)
        : (number - low) / (high - low);
  }

  /** Round numbers to mark, at most about this many. */
  List<Double> ticks(int most) {
    return logarithmic && high / low >= 5 ? logarithmicTicks(most) : linearTicks(most);
  }

  private List<Double> linearTicks(int most) {
    double rough = (high - low) / most;
    double power = Math.pow(10, Math.floor(Math.log10(rough)));
    double step = power * 10;
    for (double candidate : STEPS) {
      if (candidate * power >= rough * (1 - 1e-9)) {
        step = candidate * power;
        break;
      }
    }
    List<Double> ticks = new ArrayList<>();
    long first = (long) Math.ceil(low / step - 1e-9);
    for (long i = first; i * step <= high + step * 1e-9; i++) {
      ticks.add(i * step);
    }
    return ticks;
  }

  private List<Double> logarithmicTicks(int most) {
    double[] digits =
        Math.log10(high / low) * 3 <= most ? new double[] {1, 2, 5} : new double[] {1};
    List<Double> ticks = new ArrayList<>();
    for (int power = (int) Math.floor(Math.log10(low)); Math.pow(10, power) <= high; power++) {
      for (double digit : digits) {
        double tick = digit * Math.pow(10, power);
        if (tick >= low && tick <= high) {
          ticks.add(tick);
        }
      }
    }
    int every = (ticks.size() + most - 1) / Math.max(1, most);
    List<Double> some = new ArrayList<>();
    for (int i = 0; i < ticks.size(); i += Math.max(1, every)) {
      some.add(ticks.get(i));
    }
    return some;
  }

  /** A tick as it is written: 0.25, 40, 1.5k, 2e-5. */
  static String label(double tick) {
    double size = Math.abs(tick);
    if (size < 1e-12) {
      return "0";
    }
    if (size >= 1e6) {
      return trimmed(String.format(Locale.ROOT, "%.2f", tick / 1e6)) + "M";
    }
    if (size >= 1e4) {
      return trimmed(String.format(Locale.ROOT, "%.2f", tick / 1e3)) + "k";
    }
    if (size < 1e-3) {
      String[] parts = String.format(Locale.ROOT, "%.2e", tick).split("e", -1);
      return trimmed(parts[0]) + "e" + Integer.parseInt(parts[1]);
    }
    return trimmed(String.format(Locale.ROOT, "%.4f", tick));
  }

  private static String trimmed(String number) {
    return number.contains(".") ? number.replaceAll("\\.?0+$", "") : number;
  }
}
