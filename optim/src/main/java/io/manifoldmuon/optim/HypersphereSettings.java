package io.manifoldmuon.optim;

/**
 * The constants of {@link HypersphereMuon}.
 *
 * @param lr η, the length of the step of every vector at factor 1; with {@code geodesic} its angle
 * @param momentum β, the share of the mean of the gradients that a step keeps
 * @param nesterov whether the new gradient counts once more
 * @param mode which parts are unit vectors
 * @param geodesic whether to go along the great circle
 */
public record HypersphereSettings(
    double lr, double momentum, boolean nesterov, SphereMode mode, boolean geodesic) {

  public HypersphereSettings {
    if (!(lr >= 0 && Double.isFinite(lr)) || !(momentum >= 0 && momentum < 1)) {
      throw new IllegalArgumentException(
          "HypersphereSettings: lr "
              + lr
              + " and momentum "
              + momentum
              + " given, wanted a finite lr of at least 0 and a momentum from 0 to below 1");
    }
  }

  /** β = 0.95, Nesterov, straight steps. */
  public static HypersphereSettings of(double lr, SphereMode mode) {
    return new HypersphereSettings(lr, 0.95, true, mode, false);
  }

  /** The same along great circles. */
  public HypersphereSettings alongGeodesics() {
    return new HypersphereSettings(lr, momentum, nesterov, mode, true);
  }

  /** The same with another momentum. */
  public HypersphereSettings withMomentum(double newMomentum, boolean newNesterov) {
    return new HypersphereSettings(lr, newMomentum, newNesterov, mode, geodesic);
  }
}
