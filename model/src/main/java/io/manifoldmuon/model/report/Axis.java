package io.manifoldmuon.model.report;

import java.util.ArrayList;
import java.util.List;

/**
 * A scale between values and places on a drawing.
 *
 * @param low the value at {@code from}
 * @param high the value at {@code to}
 * @param from where the scale begins
 * @param to where it ends
 * @param logarithmic whether equal distances are equal ratios; {@code low} is above 0 then
 */
record Axis(double low, double high, double from, double to, boolean logarithmic) {
  private static final int MOST_DECADES = 7;
  private static final int FEWEST_TICKS = 3;

  /** A mark of the axis. */
  record Tick(double value, String label) {}

  /** The place of a value. */
  double at(double value) {
    double share =
        logarithmic ? Math.log(value / low) / Math.log(high / low) : (value - low) / (high - low);
    return from + share * (to - from);
  }

  /** About {@code wanted} round values. */
  List<Tick> ticks(int wanted) {
    return logarithmic ? decades(wanted) : even(wanted);
  }

  private List<Tick> even(int wanted) {
    List<Tick> ticks = new ArrayList<>();
    double distance = distance((high - low) / wanted);
    for (long i = (long) Math.ceil(low / distance - 1e-9);
        i * distance <= high * (1 + 1e-12);
        i++) {
      ticks.add(new Tick(i * distance, NumberText.tick(i * distance, distance)));
    }
    return ticks;
  }

  /** Powers of ten; where few fit in, 1, 2 and 5 times these, or values at even distances. */
  private List<Tick> decades(int wanted) {
    List<Tick> ticks = new ArrayList<>();
    int first = (int) Math.ceil(Math.log10(low) - 1e-9);
    int last = (int) Math.floor(Math.log10(high) + 1e-9);
    int stride = Math.max(1, (last - first) / Math.min(wanted, MOST_DECADES) + 1);
    boolean narrow = last - first < 2;
    for (int e = narrow ? first - 1 : first; e <= last; e += narrow ? 1 : stride) {
      for (int digit : narrow ? new int[] {1, 2, 5} : new int[] {1}) {
        double value = digit * Math.pow(10, e);
        if (value >= low * (1 - 1e-9) && value <= high * (1 + 1e-9)) {
          ticks.add(new Tick(value, NumberText.of(value, 1)));
        }
      }
    }
    if (narrow && ticks.size() < FEWEST_TICKS) {
      List<Tick> even = even(wanted);
      return even.size() < FEWEST_TICKS ? even(2 * wanted) : even;
    }
    return ticks;
  }

  /** The round distance, 1, 2 or 5 times a power of ten, that is not below {@code rough}. */
  private static double distance(double rough) {
    double power = Math.pow(10, Math.floor(Math.log10(rough)));
    double digit = rough / power;
    return power * (digit <= 1 ? 1 : digit <= 2 ? 2 : digit <= 5 ? 5 : 10);
  }
}
