package io.manifoldmuon.model.config;

/** The ways to go along a sphere that {@code optimizer.hypersphere_muon.update} can name. */
public enum SphereUpdate {
  /** A straight step of length base_lr, then back to the sphere. */
  PROJECT("project"),
  /** Along the great circle by the angle base_lr. */
  GEODESIC("geodesic");

  private final String spelling;

  SphereUpdate(String spelling) {
    this.spelling = spelling;
  }

  /** The name as configurations spell it. */
  @Override
  public String toString() {
    return spelling;
  }
}
