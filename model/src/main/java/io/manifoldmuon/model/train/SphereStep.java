package io.manifoldmuon.model.train;

import io.manifoldmuon.linalg.Shape;
import io.manifoldmuon.linalg.Tensor;
import io.manifoldmuon.optim.HypersphereSettings;
import io.manifoldmuon.optim.SphereMode;

/**
 * The tangent vectors that took unit vectors w to unit vectors w′, from both:
 *
 * <pre>
 *   a = w′/⟨w, w′⟩ − w                    straight: w′ = (w + a)/‖w + a‖
 *   a = (w′/⟨w, w′⟩ − w)·η/tan η          along the great circle by the angle η
 * </pre>
 *
 * A vector that stayed has a = 0.
 */
final class SphereStep {
  private SphereStep() {}

  /** The tangent vectors, each of length lr or 0, of w's shape. */
  static Tensor of(HypersphereSettings settings, Tensor w, Tensor next) {
    Shape shape = w.shape();
    double[] x = w.doubles();
    double[] y = next.doubles();
    double[] dot = new double[x.length];
    for (int i = 0; i < x.length; i++) {
      dot[vector(shape, settings.mode(), i)] += x[i] * y[i];
    }
    double factor = settings.geodesic() ? settings.lr() / Math.tan(settings.lr()) : 1;
    double[] a = new double[x.length];
    for (int i = 0; i < x.length; i++) {
      a[i] = factor * (y[i] / dot[vector(shape, settings.mode(), i)] - x[i]);
    }
    return Tensor.of(shape, a);
  }

  /** A number below the number of elements for the vector that element i belongs to. */
  private static int vector(Shape shape, SphereMode mode, int i) {
    int m = shape.dim(-2);
    int n = shape.dim(-1);
    return switch (mode) {
      case PER_ROW -> i / n;
      case PER_COLUMN -> i / (m * n) * n + i % n;
      case WHOLE -> i / (m * n);
    };
  }
}
