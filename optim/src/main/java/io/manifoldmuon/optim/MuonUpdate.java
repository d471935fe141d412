package io.manifoldmuon.optim;

/** How {@link Muon} moves a matrix along its update O, the rate η times the scaling by shape. */
public enum MuonUpdate {
  /** W − η·O. A model that wants unit vectors normalises them afterwards. */
  STRAIGHT,
  /**
   * Every unit vector w of W along its great circle by the angle η, towards −t, t = o − w(wᵀo) for
   * the vector o of O: w·cos η − (t/‖t‖)·sin η.
   */
  GEODESIC,
  /** The same by the angle η·‖o‖, so that a vector with a small update turns less. */
  GEODESIC_BY_NORM
}
