package io.manifoldmuon.optim;

import io.manifoldmuon.linalg.graph.Binary;
import io.manifoldmuon.linalg.graph.GraphBuilder;
import io.manifoldmuon.linalg.graph.Value;
import java.util.List;

/**
 * Gradient ascent on the dual value −‖G + WT‖_*, one msign of a tall matrix an iteration:
 *
 * <pre>
 *   U = msign(G + WT)      H = WᵀU + UᵀW      T ← T − 2·α_i·H      (Λ ← Λ − α_i·H)
 * </pre>
 *
 * <p>{@link Convention#LIBRARY} starts from T = 0 or from the last step's T, with α_i = α(1 − i/K);
 * a matrix stops when ‖H‖_F/k is below the tolerance, and the T of the best dual value is taken.
 *
 * <p>{@link Convention#SEED} is the form that is widely copied, for comparison: the multiplier Λₛ
 * enters as G + 2W(Λₛ + Λₛᵀ), which is half of ours, starts from 0, and takes K constant steps Λₛ ←
 * Λₛ + α·(WᵀA + AᵀW) with A = −ηU, in the unit of the raw gradient, so that what it does depends on
 * the gradient's scale.
 *
 * <p><b>Source</b> Bernstein 2025, "Modular Manifolds".
 *
 * @param iterations K
 * @param rate α
 * @param tolerance on ‖WᵀU + UᵀW‖_F/k; 0 to take all iterations
 * @param convention which of the two
 * @param warm whether T is kept from step to step; only of the library's convention
 */
public record DualAscent(
    int iterations, double rate, double tolerance, Convention convention, boolean warm)
    implements StiefelSolver {
  private static final String STATE = "t";

  /** How the multiplier enters. */
  public enum Convention {
    /** G + 2WΛ on a gradient of normal scale. */
    LIBRARY,
    /** G + 2W(Λ + Λᵀ) on the gradient as it comes. */
    SEED
  }

  public DualAscent {
    if (iterations < 1
        || !(rate > 0 && Double.isFinite(rate))
        || !(tolerance >= 0)
        || (warm && convention == Convention.SEED)) {
      throw new IllegalArgumentException(
          "DualAscent: "
              + iterations
              + " iterations, rate "
              + rate
              + ", tolerance "
              + tolerance
              + ", convention "
              + convention
              + (warm ? ", warm" : "")
              + " given, wanted at least 1 iteration, a finite rate above 0, a tolerance of at least 0,"
              + " and a cold start for the seed convention");
    }
  }

  /** The library's convention, cold, tolerance 1e-6. */
  public static DualAscent of(int iterations, double rate) {
    return new DualAscent(iterations, rate, 1e-6, Convention.LIBRARY, false);
  }

  /** The seed convention. */
  public static DualAscent seed(int iterations, double rate) {
    return new DualAscent(iterations, rate, 0, Convention.SEED, false);
  }

  @Override
  public String name() {
    return "dual-ascent";
  }

  @Override
  public List<String> state() {
    return warm ? List.of(STATE) : List.of();
  }

  @Override
  public double deviation(double lr) {
    return lr;
  }

  @Override
  public Answer record(StiefelProblem p, Memory memory) {
    if (convention == Convention.SEED) {
      return seed(p);
    }
    Ascent[] ascent = new Ascent[1];
    if (warm) {
      memory.update(
          STATE,
          start -> {
            ascent[0] = ascend(p, start);
            return ascent[0].best;
          });
    } else {
      ascent[0] = ascend(p, p.zero());
    }
    Value M = p.M(ascent[0].best);
    return new Answer(p.msign(M), M, ascent[0].count);
  }

  /** The best T and the iterations that led to it. */
  private record Ascent(Value best, Value count) {}

  private Ascent ascend(StiefelProblem p, Value start) {
    GraphBuilder g = p.g();
    Value T = start;
    Value best = start;
    Value least = null;
    Value active = p.forEach(1);
    Value count = p.forEach(0);
    for (int i = 0; i < iterations; i++) {
      Value M = p.M(T);
      Value U = p.msign(M);
      Value nuclear = p.dot(M, U);
      if (least == null) {
        least = nuclear;
      } else {
        Value better = Masks.positive(g, g.sub(least, nuclear));
        best = g.add(best, g.mul(g.sub(T, best), better));
        least = g.zip(Binary.MIN, least, nuclear);
      }
      count = g.add(count, active);
      Value H = g.scale(p.symmetric(p.side().inner(p.W(), U)), 2);
      double limit = tolerance * T.shape().dim(-1);
      active = g.mul(active, Masks.positive(g, g.sub(p.dot(H, H), g.constant(limit * limit))));
      double alpha = rate * (1 - (double) i / iterations);
      T = g.sub(T, g.mul(H, g.scale(active, 2 * alpha)));
    }
    return new Ascent(best, count);
  }

  private Answer seed(StiefelProblem p) {
    GraphBuilder g = p.g();
    // Λₛ = 0 in the gradient is T = sym(WᵀG) in its tangent part; T = 4Λₛ else, in the scale of G
    Value T = p.normal();
    Value step = g.mul(g.div(p.forEach(4 * rate), p.unit()), p.lr());
    for (int i = 0; i < iterations; i++) {
      Value U = p.msign(p.M(T));
      Value H = g.scale(p.symmetric(p.side().inner(p.W(), U)), 2);
      T = g.sub(T, g.mul(H, step));
    }
    Value M = p.M(T);
    return new Answer(p.msign(M), M, p.forEach(iterations));
  }
}
