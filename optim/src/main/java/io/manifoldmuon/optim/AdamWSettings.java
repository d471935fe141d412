package io.manifoldmuon.optim;

/**
 * The constants of {@link AdamW}.
 *
 * @param lr η, the learning rate at factor 1
 * @param beta1 β₁, the share of the first moment that a step keeps
 * @param beta2 β₂, the share of the second moment that a step keeps
 * @param epsilon ε, added to the root of the second moment
 * @param weightDecay λ of p ← p − η·λ·p, for matrices
 * @param cautious whether decay spares the elements that the update pulls away from zero
 */
public record AdamWSettings(
    double lr, double beta1, double beta2, double epsilon, double weightDecay, boolean cautious) {

  public AdamWSettings {
    check("lr", lr, lr >= 0 && Double.isFinite(lr), "a finite number of at least 0");
    check("beta1", beta1, beta1 >= 0 && beta1 < 1, "a number from 0 to below 1");
    check("beta2", beta2, beta2 >= 0 && beta2 < 1, "a number from 0 to below 1");
    check("epsilon", epsilon, epsilon > 0 && Double.isFinite(epsilon), "a finite number above 0");
    check(
        "weightDecay",
        weightDecay,
        weightDecay >= 0 && Double.isFinite(weightDecay),
        "a finite number of at least 0");
  }

  /** Decay acts on every element. */
  public AdamWSettings(double lr, double beta1, double beta2, double epsilon, double weightDecay) {
    this(lr, beta1, beta2, epsilon, weightDecay, false);
  }

  /** β = (0.9, 0.999), ε = 1e-8, no decay. */
  public static AdamWSettings of(double lr) {
    return new AdamWSettings(lr, 0.9, 0.999, 1e-8, 0);
  }

  /** The same with cautious decay. */
  public AdamWSettings withCautiousDecay() {
    return new AdamWSettings(lr, beta1, beta2, epsilon, weightDecay, true);
  }

  private static void check(String name, double value, boolean good, String wanted) {
    if (!good) {
      throw new IllegalArgumentException(
          "AdamWSettings: " + name + " " + value + " given, wanted " + wanted);
    }
  }
}
