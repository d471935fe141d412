package io.manifoldmuon.model.experiment;

import java.math.BigDecimal;
import java.math.MathContext;
import java.util.Locale;

/** Numbers as results say them. */
final class Words {
  private static final double LEAST_PLAIN = 1e-3;
  private static final double MOST_PLAIN = 1e5;

  private Words() {}

  /** {@code 1.7423 ± 0.0031}; without what is not known. */
  static String of(Statistics.Sample s, int decimals) {
    if (s.n() == 0) {
      return "–";
    }
    String mean = fixed(s.mean(), decimals);
    return Double.isNaN(s.standardError())
        ? mean
        : mean + " ± " + fixed(s.standardError(), decimals);
  }

  /** With a sign, as differences have. */
  static String signed(Statistics.Sample s, int decimals) {
    return (s.mean() > 0 ? "+" : "") + of(s, decimals).replace("-", "−");
  }

  /** A probability. */
  static String probability(double p) {
    if (Double.isNaN(p)) {
      return "–";
    }
    return p < LEAST_PLAIN ? "< 0.001" : fixed(p, 3);
  }

  /** Mean and standard error to a few digits, whatever their size. */
  static String brief(Statistics.Sample s) {
    if (s.n() == 0) {
      return "–";
    }
    return Double.isNaN(s.standardError())
        ? brief(s.mean())
        : brief(s.mean()) + " ± " + brief(s.standardError());
  }

  /** A number to three digits. */
  static String brief(double x) {
    double size = Math.abs(x);
    if (Double.isNaN(x)) {
      return "–";
    }
    if (size == 0) {
      return "0";
    }
    if (size < LEAST_PLAIN || size >= MOST_PLAIN) {
      return String.format(Locale.ROOT, "%.1e", x).replace("e-0", "e-").replace("e+0", "e");
    }
    int decimals = Math.max(0, 2 - (int) Math.floor(Math.log10(size)));
    return fixed(x, decimals);
  }

  /** A number to eight digits, for what is compared with a limit. */
  static String exact(double x) {
    return Double.isFinite(x)
        ? Double.toString(new BigDecimal(x, new MathContext(8)).doubleValue())
            .replaceFirst("(\\.0)?E", "e")
        : Double.toString(x);
  }

  /** A number with so many decimals. */
  static String fixed(double x, int decimals) {
    return String.format(Locale.ROOT, "%." + decimals + "f", x);
  }

  /** How many there are of what: {@code 1 pair}, {@code 3 pairs}. */
  static String count(long n, String one) {
    return n + " " + one + (n == 1 ? "" : "s");
  }

  /** A share in per cent, with its sign. */
  static String percent(double share) {
    return Double.isNaN(share)
        ? "–"
        : String.format(Locale.ROOT, "%+.1f %%", 100 * share).replace("-", "−");
  }
}
