package io.manifoldmuon.model.config;

import java.util.Collection;
import java.util.Locale;
import java.util.Optional;

/**
 * Finds the known name that a mistyped one was probably meant to be.
 *
 * <p>Distance: the least number of insertions, deletions, substitutions and swaps of neighbours
 * (optimal string alignment), after lower-casing and with {@code -} read as {@code _}.
 */
public final class NearestName {
  private NearestName() {}

  /**
   * The known name nearest to {@code given}, the first of equals; empty when none is near: a name
   * counts as near within a third of the given length, but at least two edits, and fewer edits than
   * the given name has letters.
   */
  public static Optional<String> of(String given, Collection<String> known) {
    String wanted = normal(given);
    int best = Math.min(Math.max(2, wanted.length() / 3), wanted.length() - 1) + 1;
    String nearest = null;
    for (String name : known) {
      int distance = distance(wanted, normal(name));
      if (distance < best) {
        best = distance;
        nearest = name;
      }
    }
    return Optional.ofNullable(nearest);
  }

  /** The optimal string alignment distance of {@code a} and {@code b}. */
  static int distance(String a, String b) {
    int[] twoBack = new int[b.length() + 1];
    int[] back = new int[b.length() + 1];
    int[] row = new int[b.length() + 1];
    for (int j = 0; j <= b.length(); j++) {
      row[j] = j;
    }
    for (int i = 1; i <= a.length(); i++) {
      int[] free = twoBack;
      twoBack = back;
      back = row;
      row = free;
      row[0] = i;
      for (int j = 1; j <= b.length(); j++) {
        int substitution = back[j - 1] + (a.charAt(i - 1) == b.charAt(j - 1) ? 0 : 1);
        row[j] = Math.min(substitution, 1 + Math.min(back[j], row[j - 1]));
        if (i > 1
            && j > 1
            && a.charAt(i - 1) == b.charAt(j - 2)
            && a.charAt(i - 2) == b.charAt(j - 1)) {
          row[j] = Math.min(row[j], twoBack[j - 2] + 1);
        }
      }
    }
    return row[b.length()];
  }

  private static String normal(String name) {
    return name.toLowerCase(Locale.ROOT).replace('-', '_');
  }
}
