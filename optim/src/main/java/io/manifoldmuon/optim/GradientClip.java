package io.manifoldmuon.optim;

import io.manifoldmuon.linalg.graph.Binary;
import io.manifoldmuon.linalg.graph.GraphBuilder;
import io.manifoldmuon.linalg.graph.Phase;
import io.manifoldmuon.linalg.graph.Unary;
import io.manifoldmuon.linalg.graph.Value;
import java.util.Collection;
import java.util.concurrent.atomic.AtomicReference;

/**
 * The norm over all gradients together, and the factor that brings it down to a maximum:
 *
 * <pre>
 *   norm = share·√(Σ g²)      scale = share·min(1, maxNorm/norm)
 * </pre>
 *
 * <p>Nothing is changed here: the scale is for {@link Optimizer#record}. A gradient that is not
 * finite makes norm and scale not finite, so that it cannot pass unseen; zero gradients give norm 0
 * and the scale {@code share}.
 *
 * <p><b>Source</b> Pascanu, Mikolov and Bengio 2013, arXiv 1211.5063, algorithm 1.
 *
 * @param norm the 2-norm, [], before clipping
 * @param scale what to multiply each gradient by, []
 */
public record GradientClip(Value norm, Value scale) {

  /**
   * Records norm and scale.
   *
   * @param share a constant factor of the gradients, 1/n where they are sums over n micro-batches
   * @param maxNorm the largest norm, 0 or less for no clipping
   */
  public static GradientClip record(
      GraphBuilder g, Collection<Value> gradients, double share, double maxNorm) {
    var clip = new AtomicReference<GradientClip>();
    g.phase(
        Phase.OPTIMIZER,
        () -> g.scope("clip", () -> clip.set(recordHere(g, gradients, share, maxNorm))));
    return clip.get();
  }

  private static GradientClip recordHere(
      GraphBuilder g, Collection<Value> gradients, double share, double maxNorm) {
    Value squares =
        gradients.stream()
            .map(d -> g.dot(d, d, 0))
            .reduce(g::add)
            .orElseThrow(
                () ->
                    new IllegalArgumentException(
                        "GradientClip: no gradients given, wanted at least one"));
    Value norm = g.scale(g.map(Unary.SQRT, squares), share);
    if (!(maxNorm > 0)) {
      return new GradientClip(norm, g.constant(share));
    }
    Value max = g.constant(maxNorm);
    // max/max(norm, max) is exactly 1 below the maximum, and has no division by a zero norm;
    // 0·norm is 0 for a finite norm and NaN for any other, whatever an engine's MAX does with NaN
    Value factor = g.div(max, g.zip(Binary.MAX, norm, max));
    Value visible = g.add(factor, g.scale(norm, 0));
    return new GradientClip(norm, g.scale(visible, share));
  }
}
