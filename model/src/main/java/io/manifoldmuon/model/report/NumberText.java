package io.manifoldmuon.model.report;

import java.util.Locale;

/** Numbers as people read them. */
final class NumberText {
  private static final double LARGEST_PLAIN = 1e6;
  private static final double SMALLEST_PLAIN = 1e-3;

  private NumberText() {}

  /** To {@code digits} digits: {@code 1.742}, {@code 12,400}, {@code 2.1e-6}, {@code 3.2 M}. */
  static String of(double x, int digits) {
    double size = Math.abs(x);
    if (x == 0 || !Double.isFinite(x)) {
      return x == 0 ? "0" : Double.toString(x);
    }
    if (size >= LARGEST_PLAIN) {
      return size >= 1e9 ? of(x / 1e9, digits) + " G" : of(x / 1e6, digits) + " M";
    }
    if (size < SMALLEST_PLAIN) {
      String text = format("%." + (digits - 1) + "e", x);
      return text.replaceFirst("\\.?0*e", "e").replaceFirst("e-0", "e-");
    }
    int before = (int) Math.floor(Math.log10(size)) + 1;
    return format("%,." + Math.max(0, digits - before) + "f", x);
  }

  /** To four digits at most, without zeros that say nothing: {@code 1}, {@code 1.386}. */
  static String brief(double x) {
    String text = of(x, 4);
    return text.matches("-?[\\d,]+\\.\\d+") ? text.replaceFirst("\\.?0+$", "") : text;
  }

  /** How many there are: {@code 256}, {@code 614,400}, {@code 2.346 M}. */
  static String count(double n) {
    return n < LARGEST_PLAIN && n == Math.rint(n) ? format("%,.0f", n) : of(n, 4);
  }

  /** How many there are of what: {@code 1 step}, {@code 20 steps}. */
  static String count(long n, String one) {
    return n + " " + one + (n == 1 ? "" : "s");
  }

  /** A tick of an axis whose ticks are {@code distance} apart. */
  static String tick(double x, double distance) {
    double size = Math.max(Math.abs(x), distance);
    if (Math.abs(x) < distance / 2) {
      return "0";
    }
    if (size < SMALLEST_PLAIN || size >= LARGEST_PLAIN) {
      return of(x, 2 + (int) Math.max(0, Math.round(Math.log10(size / distance))) - 1);
    }
    int decimals = (int) Math.max(0, Math.ceil(-Math.log10(distance) - 1e-9));
    return format("%,." + decimals + "f", x);
  }

  /** Seconds as {@code 45 s}, {@code 3 min 12 s}, {@code 2 h 5 min}. */
  static String duration(double seconds) {
    long s = Math.round(seconds);
    if (s < 60) {
      return format(seconds < 10 ? "%.1f s" : "%.0f s", seconds);
    }
    return s < 3600
        ? format("%d min %d s", s / 60, s % 60)
        : format("%d h %d min", s / 3600, s % 3600 / 60);
  }

  @SuppressWarnings("AnnotateFormatMethod") // the annotation would be a library of its own
  static String format(String format, Object... values) {
    return String.format(Locale.ROOT, format, values);
  }
}
