package io.manifoldmuon.model.cli;

import java.util.Locale;

/** Numbers as people read them. */
final class Texts {
  private static final double KIBI = 1024;

  private Texts() {}

  /** {@link String#format} without the manners of the machine's locale. */
  @SuppressWarnings("AnnotateFormatMethod") // the annotation would be a library of its own
  static String format(String format, Object... values) {
    return String.format(Locale.ROOT, format, values);
  }

  /** {@code 4:05} or {@code 1:02:03}. */
  static String duration(double seconds) {
    long s = Math.max(0, Math.round(seconds));
    return s < 3600
        ? format("%d:%02d", s / 60, s % 60)
        : format("%d:%02d:%02d", s / 3600, s / 60 % 60, s % 60);
  }

  /** {@code 1.2 M}, for numbers of parameters. */
  static String count(long n) {
    if (n >= 1_000_000_000) {
      return format("%.2f B", n / 1e9);
    }
    return n >= 1_000_000 ? format("%.2f M", n / 1e6) : format("%,d", n);
  }

  /** {@code 3.4 MiB}. */
  static String bytes(long n) {
    String[] units = {"bytes", "KiB", "MiB", "GiB", "TiB"};
    double value = n;
    int unit = 0;
    while (value >= KIBI && unit < units.length - 1) {
      value /= KIBI;
      unit++;
    }
    return unit == 0 ? n + " bytes" : format("%.1f %s", value, units[unit]);
  }
}
