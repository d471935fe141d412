package io.manifoldmuon.optim;

import io.manifoldmuon.linalg.polar.PolarIteration;
import io.manifoldmuon.linalg.polar.PolarMethod;
import java.util.function.Consumer;

/**
 * The constants of {@link StiefelMuon}.
 *
 * @param lr η, the spectral norm of the update of a matrix of radius 1, at factor 1
 * @param momentum β, the share of the mean of the gradients that a step keeps
 * @param nesterov whether the new gradient counts once more
 * @param solver how the update is found
 * @param polar how msign is computed where the solver or the exact square case needs it
 * @param radius s of WᵀW = s²·I
 * @param retractEvery the steps from one retraction to the next, 1 for every step
 * @param constraintTolerance the |1 − σ| that the retraction may leave in exact arithmetic; below
 *     the precision of the engine it has no effect
 * @param residualTolerance the measured max|WᵀW/s² − I| that {@link Retraction#restore} mends
 * @param certify whether every step takes the feasible form of its update and puts out its {@link
 *     SolverReport}; it costs more than the update itself
 * @param byHead whether the heads of a parameter are matrices of their own
 */
public record StiefelSettings(
    double lr,
    double momentum,
    boolean nesterov,
    StiefelSolver solver,
    PolarMethod polar,
    double radius,
    int retractEvery,
    double constraintTolerance,
    double residualTolerance,
    boolean certify,
    boolean byHead) {

  public StiefelSettings {
    check("lr", lr, lr >= 0 && lr <= 1, "a number from 0 to 1");
    check("momentum", momentum, momentum >= 0 && momentum < 1, "a number from 0 to below 1");
    check("radius", radius, radius > 0 && Double.isFinite(radius), "a finite number above 0");
    check(
        "constraintTolerance",
        constraintTolerance,
        constraintTolerance > 0 && constraintTolerance < 1,
        "a number above 0 and below 1");
    check(
        "residualTolerance",
        residualTolerance,
        residualTolerance > 0 && residualTolerance < 1,
        "a number above 0 and below 1");
    check("retractEvery", retractEvery, retractEvery >= 1, "a whole number of at least 1");
  }

  /**
   * β = 0.95, Nesterov, {@link Irls#training}, eight steps of polar-express, radius 1, tolerances
   * 1e-7 and 2e-6.
   */
  public static StiefelSettings of(double lr) {
    return new StiefelSettings(
        lr,
        0.95,
        true,
        Irls.training(1),
        PolarIteration.polarExpress(8),
        1,
        1,
        1e-7,
        2e-6,
        false,
        false);
  }

  /** The same with another solver. */
  public StiefelSettings withSolver(StiefelSolver newSolver) {
    return with(draft -> draft.solver = newSolver);
  }

  /** The same with another way to polar factors. */
  public StiefelSettings withPolar(PolarMethod newPolar) {
    return with(draft -> draft.polar = newPolar);
  }

  /** The same with another momentum. */
  public StiefelSettings withMomentum(double newMomentum, boolean newNesterov) {
    return with(
        draft -> {
          draft.momentum = newMomentum;
          draft.nesterov = newNesterov;
        });
  }

  /** The same with another radius. */
  public StiefelSettings withRadius(double newRadius) {
    return with(draft -> draft.radius = newRadius);
  }

  /** The same with retractions every so many steps. */
  public StiefelSettings withRetractEvery(int steps) {
    return with(draft -> draft.retractEvery = steps);
  }

  /** The same with another tolerance of the retraction. */
  public StiefelSettings withTolerance(double tolerance) {
    return with(draft -> draft.constraintTolerance = tolerance);
  }

  /** The same with certified updates. */
  public StiefelSettings certified() {
    return with(draft -> draft.certify = true);
  }

  /** The same with the heads of attention matrices as matrices of their own. */
  public StiefelSettings splitByHead() {
    return with(draft -> draft.byHead = true);
  }

  private StiefelSettings with(Consumer<Draft> change) {
    Draft draft = new Draft(this);
    change.accept(draft);
    return draft.settings();
  }

  /** Settings of which some are to change. */
  private static final class Draft {
    private final StiefelSettings base;
    private double momentum;
    private boolean nesterov;
    private StiefelSolver solver;
    private PolarMethod polar;
    private double radius;
    private int retractEvery;
    private double constraintTolerance;
    private boolean certify;
    private boolean byHead;

    Draft(StiefelSettings base) {
      this.base = base;
      momentum = base.momentum;
      nesterov = base.nesterov;
      solver = base.solver;
      polar = base.polar;
      radius = base.radius;
      retractEvery = base.retractEvery;
      constraintTolerance = base.constraintTolerance;
      certify = base.certify;
      byHead = base.byHead;
    }

    StiefelSettings settings() {
      return new StiefelSettings(
          base.lr,
          momentum,
          nesterov,
          solver,
          polar,
          radius,
          retractEvery,
          constraintTolerance,
          base.residualTolerance,
          certify,
          byHead);
    }
  }

  private static void check(String name, double value, boolean good, String wanted) {
    if (!good) {
      throw new IllegalArgumentException(
          "StiefelSettings: " + name + " " + value + " given, wanted " + wanted);
    }
  }
}
