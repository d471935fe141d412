package io.manifoldmuon.optim;

import java.util.Arrays;
import java.util.Map;
import java.util.stream.DoubleStream;

/**
 * The factors between an optimizer's base rate and the rate of a slice of a parameter:
 *
 * <pre>
 *   lr = base · lrScale · schedule(step) · byRole · (ℓ+1)/L · √(fanOut/fanIn)
 * </pre>
 *
 * with the factor by depth where {@code byDepth}, for parameters that know their layers, and the
 * ratio where {@code byRatio}, for linear maps between hidden layers. Layer 5 of 0 … 11, from 512
 * to 2048, has 0.5 · 2 = 1. The theory of modular norms knows no ramp over the layers; it is there
 * to be compared.
 *
 * @param lrScale the factor of the whole group
 * @param byRole further factors of the parameters of some roles
 * @param byDepth whether later layers learn faster
 * @param byRatio whether matrices that widen learn faster
 */
public record LrScaling(
    double lrScale, Map<Role, Double> byRole, boolean byDepth, boolean byRatio) {
  /** Every parameter learns at the base rate. */
  public static final LrScaling NONE = new LrScaling(1, Map.of(), false, false);

  public LrScaling {
    byRole = Map.copyOf(byRole);
    check("lrScale", lrScale);
    byRole.forEach((role, factor) -> check(role.tag(), factor));
  }

  private static void check(String what, double factor) {
    if (!(factor >= 0 && Double.isFinite(factor))) {
      throw new IllegalArgumentException(
          "LrScaling: " + what + " " + factor + " given, wanted a finite number of at least 0");
    }
  }

  /** A factor for the whole group alone. */
  public static LrScaling of(double lrScale) {
    return NONE.withScale(lrScale);
  }

  /** The same with another factor of the whole group. */
  public LrScaling withScale(double newScale) {
    return new LrScaling(newScale, byRole, byDepth, byRatio);
  }

  /**
   * The factors by role, depth and ratio: one for the whole parameter, or one for each slice along
   * its first dimension where they differ.
   */
  double[] factors(Parameter p) {
    double whole = byRole.getOrDefault(p.role(), 1.0) * (byRatio ? ratio(p) : 1);
    if (!byDepth || p.depth().of().isEmpty()) {
      return new double[] {whole};
    }
    double[] all = Arrays.stream(p.depth().ramp()).map(x -> x * whole).toArray();
    return DoubleStream.of(all).allMatch(x -> x == all[0]) ? new double[] {all[0]} : all;
  }

  private static double ratio(Parameter p) {
    if (!p.role().linearMap()) {
      return 1;
    }
    return Math.sqrt((double) p.shape().dim(-2) / p.shape().dim(-1));
  }
}
