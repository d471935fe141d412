package io.manifoldmuon.model.config;

import io.manifoldmuon.linalg.polar.PolarMethod;
import io.manifoldmuon.optim.StiefelPreset;

/**
 * Section {@code optimizer.stiefel_muon}: matrices on the Stiefel manifold; {@code lr} is accepted
 * for {@code base_lr}.
 *
 * @param preset the values of {@code base_lr}, {@code dual_steps} and {@code dual_lr} where they
 *     are not given; null for the defaults
 * @param baseLr η, the peak learning rate: the spectral norm of the update at radius 1
 * @param momentum β, the decay of the mean of the gradients
 * @param nesterov whether the new gradient counts once more
 * @param solver how the update is found; square matrices are solved exactly in any case
 * @param dualSteps the iterations of {@code irls}, {@code dual-ascent} and {@code admm} in each
 *     step; where it is not given, 1 of {@code irls} and 10 of the others
 * @param dualLr the first step length of {@code dual-ascent}
 * @param convention the scale of the multipliers of {@code dual-ascent}
 * @param epsilon the smoothing of {@code irls}, relative to the gradient
 * @param warmStart whether {@code irls}, and {@code dual-ascent} of the library's convention, go on
 *     from the step before
 * @param radius s of WᵀW = s²·I
 * @param retractEvery the steps from one retraction to the next
 * @param constraintTol the |1 − σ| that a retraction may leave in exact arithmetic
 * @param residualTol the measured max|WᵀW/s² − I| above which a run retracts once more
 * @param byHead whether each head of an attention matrix is on a manifold of its own
 * @param polar the method for polar factors
 * @param nsSteps its steps; {@code svd} has none
 */
@AliasKey(key = "lr", of = "base_lr")
public record StiefelMuonConfig(
    StiefelPreset preset,
    double baseLr,
    double momentum,
    boolean nesterov,
    StiefelSolverName solver,
    int dualSteps,
    double dualLr,
    DualConvention convention,
    double epsilon,
    boolean warmStart,
    double radius,
    int retractEvery,
    double constraintTol,
    double residualTol,
    boolean byHead,
    String polar,
    int nsSteps) {
  private static final int MOST_STEPS = 100;
  private static final int MOST_DUAL_STEPS = 1000;
  private static final double LEAST_EPSILON = 1e-6;

  /** Below it, the rounding of a Gram matrix in float32 is no longer small beside ε². */
  private static final double LEAST_EPSILON_FLOAT32 = 0.02;

  private static final double LEAST_TOLERANCE = 1e-16;

  public StiefelMuonConfig {
    Require.positive("optimizer.stiefel_muon.base_lr", baseLr);
    Require.range("optimizer.stiefel_muon.base_lr", baseLr, 0, 1);
    Require.fractionBelowOne("optimizer.stiefel_muon.momentum", momentum);
    Require.present("optimizer.stiefel_muon.solver", solver);
    Require.range("optimizer.stiefel_muon.dual_steps", dualSteps, 1, MOST_DUAL_STEPS);
    Require.positive("optimizer.stiefel_muon.dual_lr", dualLr);
    Require.present("optimizer.stiefel_muon.convention", convention);
    Require.range("optimizer.stiefel_muon.epsilon", epsilon, LEAST_EPSILON, 0.5);
    Require.positive("optimizer.stiefel_muon.radius", radius);
    Require.atLeast("optimizer.stiefel_muon.retract_every", retractEvery, 1);
    Require.range("optimizer.stiefel_muon.constraint_tol", constraintTol, LEAST_TOLERANCE, 0.1);
    Require.range("optimizer.stiefel_muon.residual_tol", residualTol, LEAST_TOLERANCE, 0.1);
    Require.oneOf("optimizer.stiefel_muon.polar", polar, PolarMethod.names());
    Require.range("optimizer.stiefel_muon.ns_steps", nsSteps, 1, MOST_STEPS);
  }

  /**
   * Refuses an ε for training that only float64 can make use of.
   *
   * @param engine the name of the engine that is to compute
   * @throws ConfigException if that computes in float32
   */
  public void checkEpsilon(String engine) {
    boolean lost = solver == StiefelSolverName.IRLS && epsilon < LEAST_EPSILON_FLOAT32;
    if (lost && !engine.equals("reference")) {
      throw ConfigException.of(
          "optimizer.stiefel_muon.epsilon",
          epsilon,
          "at least "
              + LEAST_EPSILON_FLOAT32
              + " on engine "
              + engine
              + ": in float32 what is smaller is lost in rounding; the engine reference computes in"
              + " float64");
    }
  }
}
