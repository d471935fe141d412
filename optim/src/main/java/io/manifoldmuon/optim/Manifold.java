package io.manifoldmuon.optim;

import io.manifoldmuon.linalg.graph.GraphBuilder;
import io.manifoldmuon.linalg.graph.Value;
import io.manifoldmuon.linalg.polar.Msign;
import io.manifoldmuon.linalg.polar.PolarIteration;
import io.manifoldmuon.linalg.polar.ShortSide;

/** Where an optimizer keeps weights, and how any weights get there. */
public sealed interface Manifold {

  /**
   * Records the nearest point of the manifold, in the Frobenius norm.
   *
   * <p><b>Shape</b> that of W.
   */
  Value project(GraphBuilder g, Value W);

  /**
   * Records how far every matrix or vector is from the manifold: 0 on it, NaN where W is NaN.
   *
   * <p><b>Shape</b> one number a matrix or vector.
   */
  Value residual(GraphBuilder g, Value W);

  /**
   * Matrices with WᵀW = s²·I, or WWᵀ = s²·I if they are wide, the manifold of {@link StiefelMuon}.
   * The nearest point to W is s·msign(W); the residual is max|WᵀW/s² − I|.
   *
   * <p><b>Error</b> of the projection: rounding, if the singular values of W are at least 10⁻⁶ of
   * ‖W‖_F. A matrix without full rank has no nearest point, and its residual stays near 1.
   *
   * @param radius s
   */
  record Stiefel(double radius) implements Manifold {
    private static final int POLAR_STEPS = 22;

    public Stiefel {
      if (!(radius > 0 && Double.isFinite(radius))) {
        throw new IllegalArgumentException(
            "Stiefel: radius " + radius + " given, wanted a finite number above 0");
      }
    }

    @Override
    public Value project(GraphBuilder g, Value W) {
      Value factor = Msign.record(g, W, PolarIteration.polarExpress(POLAR_STEPS));
      return radius == 1 ? factor : g.scale(factor, radius);
    }

    @Override
    public Value residual(GraphBuilder g, Value W) {
      Value R = ShortSide.of(g, W.shape()).gram(W);
      return g.maxAbs(g.weightedSum(1 / (radius * radius), R, 0, R, -1), W.shape().rank() - 2);
    }
  }

  /**
   * Unit vectors, the manifold of {@link HypersphereMuon}. The nearest point to w is w/‖w‖, and 0
   * for 0, whose residual | ‖w‖ − 1 | stays 1.
   *
   * @param mode which parts of a parameter are the vectors
   */
  record Sphere(SphereMode mode) implements Manifold {
    @Override
    public Value project(GraphBuilder g, Value W) {
      return new UnitVectors(g, mode, W.shape()).normalized(W);
    }

    @Override
    public Value residual(GraphBuilder g, Value W) {
      return new UnitVectors(g, mode, W.shape()).residual(W);
    }
  }
}
