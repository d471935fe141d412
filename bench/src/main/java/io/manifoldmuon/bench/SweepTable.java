package io.manifoldmuon.bench;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;

/** The times of a sweep as lines of text. */
final class SweepTable {
  private static final String FORMAT = "%16s %10s %19s %11s %9s %8s %6s";

  private SweepTable() {}

  /** A title, a row for each point, and the laws. */
  static List<String> lines(SweepTimes times) {
    Sweep sweep = times.sweep();
    List<String> lines = new ArrayList<>();
    lines.add(sweep.name() + ": " + sweep.what());
    lines.add(
        String.format(
            FORMAT,
            sweep.name(),
            "ms",
            "quartiles",
            times.hasPasses() ? "fwd+bwd ms" : "",
            times.hasPasses() ? "optimizer" : "",
            "GFLOP/s",
            sweep.ofThreads() ? "speed-up" : "p"));
    for (int i = 0; i < times.rows().size(); i++) {
      lines.add(row(times, i));
    }
    if (times.hasLaws() && !sweep.ofThreads()) {
      lines.add("  " + laws(times));
    }
    return lines;
  }

  private static String row(SweepTimes times, int i) {
    SweepTimes.Row r = times.rows().get(i);
    String last = i == 0 ? "" : text("%.2f", times.slope(i));
    return String.format(
        FORMAT,
        text("%.0f", r.size()),
        millis(r.seconds()),
        millis(r.lower()) + " - " + millis(r.upper()),
        times.hasPasses() ? millis(r.passes()) : "",
        times.hasPasses() ? millis(r.optimizer()) : "",
        text("%.1f", r.gflops()),
        times.sweep().ofThreads() ? text("%.2f", times.speedUp(i)) : last);
  }

  private static String laws(SweepTimes times) {
    return times.laws().entrySet().stream()
        .map(
            law ->
                law.getKey()
                    + (law.getKey().equals(SweepTimes.OPERATIONS) ? " x" : factor(law.getValue()))
                    + text("^%.2f", law.getValue().exponent())
                    + error(law.getValue()))
        .collect(Collectors.joining(", "));
  }

  private static String factor(PowerLaw law) {
    return text(" %.3g ms x", 1e3 * law.factor());
  }

  private static String error(PowerLaw law) {
    return Double.isFinite(law.standardError()) ? text(" ± %.2f", law.standardError()) : "";
  }

  private static String millis(double seconds) {
    return text("%.2f", 1e3 * seconds);
  }

  private static String text(String format, Object... values) {
    return String.format(Locale.ROOT, format, values);
  }
}
