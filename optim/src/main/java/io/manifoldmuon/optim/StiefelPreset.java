package io.manifoldmuon.optim;

import java.util.Locale;

/** Named settings of the dual ascent on the Stiefel manifold. */
public enum StiefelPreset {
  /** Short steps, solved well. */
  CONSERVATIVE(0.01, 15, 0.05),
  /** Between the others. */
  BALANCED(0.02, 10, 0.1),
  /** Long steps, solved roughly. */
  AGGRESSIVE(0.03, 5, 0.2);

  private final double baseLr;
  private final int dualSteps;
  private final double dualLr;

  StiefelPreset(double baseLr, int dualSteps, double dualLr) {
    this.baseLr = baseLr;
    this.dualSteps = dualSteps;
    this.dualLr = dualLr;
  }

  /** η, the spectral norm of the update. */
  public double baseLr() {
    return baseLr;
  }

  /** The iterations of a step's solve. */
  public int dualSteps() {
    return dualSteps;
  }

  /** α, the first step length of the multipliers. */
  public double dualLr() {
    return dualLr;
  }

  /** The settings, with the library's convention and a cold start. */
  public StiefelSettings settings() {
    return StiefelSettings.of(baseLr).withSolver(DualAscent.of(dualSteps, dualLr));
  }

  /** The name as configurations spell it. */
  @Override
  public String toString() {
    return name().toLowerCase(Locale.ROOT);
  }
}
