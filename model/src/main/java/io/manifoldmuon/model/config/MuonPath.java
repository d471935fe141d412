package io.manifoldmuon.model.config;

import java.util.Locale;

/** How Muon moves the unit vectors of a normalised model. */
public enum MuonPath {
  /** Along a straight line; the model's own normalisation brings them back. */
  PROJECT,
  /** Along great circles, by the learning rate as angle. */
  GEODESIC,
  /** Along great circles, by the learning rate times the length of each vector of the update. */
  GEODESIC_NORM;

  /** The name as configurations spell it. */
  @Override
  public String toString() {
    return name().toLowerCase(Locale.ROOT).replace('_', '-');
  }
}
