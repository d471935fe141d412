package io.manifoldmuon.optim;

import io.manifoldmuon.linalg.polar.PolarIteration;
import io.manifoldmuon.linalg.polar.PolarMethod;
import java.util.Optional;

/**
 * The constants of {@link Muon}.
 *
 * @param lr η, the learning rate at factor 1
 * @param momentum β, the share of the mean of the gradients that a step keeps
 * @param nesterov whether the new gradient counts once more
 * @param weightDecay λ of W ← W − η·λ·W
 * @param cautious whether decay spares the elements that the update pulls away from zero
 * @param scaling the factor on the learning rate by the shape of the matrix
 * @param polar how msign is computed
 * @param neurons the normalisation of rows that makes NorMuon of Muon
 * @param update along a straight line, or along great circles for parameters with unit vectors
 */
public record MuonSettings(
    double lr,
    double momentum,
    boolean nesterov,
    double weightDecay,
    boolean cautious,
    ShapeScaling scaling,
    PolarMethod polar,
    Optional<NeuronNormalization> neurons,
    MuonUpdate update) {

  public MuonSettings {
    check("lr", lr, lr >= 0 && Double.isFinite(lr), "a finite number of at least 0");
    check("momentum", momentum, momentum >= 0 && momentum < 1, "a number from 0 to below 1");
    check(
        "weightDecay",
        weightDecay,
        weightDecay >= 0 && Double.isFinite(weightDecay),
        "a finite number of at least 0");
    check(
        "weightDecay",
        weightDecay,
        update == MuonUpdate.STRAIGHT || weightDecay == 0,
        "0 with an update along great circles, which keeps lengths");
  }

  /**
   * Muon: β = 0.95, Nesterov, five of its quintic steps, no decay.
   *
   * <p><b>Source</b> Jordan 2024, "Muon: an optimizer for hidden layers in neural networks".
   */
  public static MuonSettings muon(double lr) {
    return new MuonSettings(
        lr,
        0.95,
        true,
        0,
        false,
        ShapeScaling.ORIGINAL,
        PolarIteration.muonQuintic(5),
        Optional.empty(),
        MuonUpdate.STRAIGHT);
  }

  /**
   * NorMuon: Muon with rows normalised by β₂ = 0.95.
   *
   * <p><b>Source</b> Li et al. 2025, arXiv 2510.05491, algorithm 1.
   */
  public static MuonSettings norMuon(double lr) {
    return muon(lr)
        .withNeurons(Optional.of(new NeuronNormalization(0.95, NeuronNormalization.EPSILON)));
  }

  /**
   * The plain Muon of nGPT: no Nesterov, no scaling, five cubic steps, which do not orthogonalise:
   * they take σ/‖G‖_F = 0.01 to 0.076 only, see {@link PolarIteration#singularValue}. Its momentum
   * B = βB + g is this one's over 1 − β, a factor that msign does not see.
   */
  public static MuonSettings simple(double lr) {
    return new MuonSettings(
        lr,
        0.95,
        false,
        0,
        false,
        ShapeScaling.NONE,
        PolarIteration.cubic(5),
        Optional.empty(),
        MuonUpdate.STRAIGHT);
  }

  /** The same with decoupled weight decay. */
  public MuonSettings withDecay(double newDecay, boolean newCautious) {
    return new MuonSettings(
        lr, momentum, nesterov, newDecay, newCautious, scaling, polar, neurons, update);
  }

  /** The same with another factor by shape. */
  public MuonSettings withScaling(ShapeScaling newScaling) {
    return new MuonSettings(
        lr, momentum, nesterov, weightDecay, cautious, newScaling, polar, neurons, update);
  }

  /** The same with another iteration. */
  public MuonSettings withPolar(PolarMethod newPolar) {
    return new MuonSettings(
        lr, momentum, nesterov, weightDecay, cautious, scaling, newPolar, neurons, update);
  }

  /** The same with another momentum. */
  public MuonSettings withMomentum(double newMomentum, boolean newNesterov) {
    return new MuonSettings(
        lr, newMomentum, newNesterov, weightDecay, cautious, scaling, polar, neurons, update);
  }

  /** The same along another path. */
  public MuonSettings withUpdate(MuonUpdate newUpdate) {
    return new MuonSettings(
        lr, momentum, nesterov, weightDecay, cautious, scaling, polar, neurons, newUpdate);
  }

  private MuonSettings withNeurons(Optional<NeuronNormalization> newNeurons) {
    return new MuonSettings(
        lr, momentum, nesterov, weightDecay, cautious, scaling, polar, newNeurons, update);
  }

  private static void check(String name, double value, boolean good, String wanted) {
    if (!good) {
      throw new IllegalArgumentException(
          "MuonSettings: " + name + " " + value + " given, wanted " + wanted);
    }
  }
}
