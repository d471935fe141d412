package io.manifoldmuon.model.nn;

import io.manifoldmuon.optim.SphereMode;

/** The distribution of the first values of a parameter. */
public sealed interface Start {
  /** Unit rows. */
  Start UNIT_ROWS = new Sphere(SphereMode.PER_ROW);

  /** All elements of one value. */
  record Constant(double value) implements Start {}

  /** N(0, 0.02²). */
  record Gaussian() implements Start {}

  /** Vectors uniform on the unit sphere: normalised Gaussians. */
  record Sphere(SphereMode mode) implements Start {}

  /** Uniform on the Stiefel manifold WᵀW = s²·I: orthonormalised Gaussians. */
  record Stiefel(double radius) implements Start {}
}
