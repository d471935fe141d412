package io.manifoldmuon.optim;

import io.manifoldmuon.linalg.graph.GraphBuilder;
import io.manifoldmuon.linalg.graph.Unary;
import io.manifoldmuon.linalg.graph.Value;

/**
 * The alternating direction method of multipliers on the dual, min ‖X‖_* subject to X = G + WT:
 *
 * <pre>
 *   T = sym(Wᵀ(Y/ρ + X))      B = G + WT − Y/ρ      X = SVT(B, 1/ρ)      Y ← ρ(X − B)
 * </pre>
 *
 * with X = Y = 0 at the start, and A = Y. SVT lowers every singular value by 1/ρ, down to 0 at
 * least; so ‖Y‖₂ ≤ 1 always, and Y becomes tangent even where M is not of full rank. The singular
 * values are found by products: with U = msign(B), Z = UᵀB − I/ρ and |Z| = Z·msign(Z), X is U·(Z +
 * |Z|)/2. Two msigns an iteration, one of them k × k.
 *
 * <p><b>Source</b> Buchanan 2025, "Faster manifold Muon with ADMM".
 *
 * @param iterations how often
 * @param rho ρ, in units of ‖G‖_F = √k
 */
public record Admm(int iterations, double rho) implements StiefelSolver {

  public Admm {
    if (iterations < 1 || !(rho > 0 && Double.isFinite(rho))) {
      throw new IllegalArgumentException(
          "Admm: "
              + iterations
              + " iterations and rho "
              + rho
              + " given, wanted at least one iteration and a finite rho above 0");
    }
  }

  /** ρ = 4. */
  public static Admm of(int iterations) {
    return new Admm(iterations, 4);
  }

  @Override
  public String name() {
    return "admm";
  }

  @Override
  public double deviation(double lr) {
    return lr;
  }

  @Override
  public Answer record(StiefelProblem p, Memory memory) {
    GraphBuilder g = p.g();
    Value X = null;
    Value Y = null;
    Value M = p.G();
    for (int i = 0; i < iterations; i++) {
      Value B = M;
      if (Y != null) {
        Value T = p.symmetric(p.side().inner(p.W(), g.weightedSum(1 / rho, Y, 1, X)));
        M = p.M(T);
        B = g.weightedSum(1, M, -1 / rho, Y);
      }
      X = lowered(p, B);
      Y = g.weightedSum(rho, X, -rho, B);
    }
    return new Answer(g.map(Unary.NEGATE, Y), M, p.forEach(iterations));
  }

  /** B with every singular value lowered by 1/ρ, down to 0 at least. */
  private Value lowered(StiefelProblem p, Value B) {
    GraphBuilder g = p.g();
    Value U = p.msign(B);
    Value H = p.symmetric(p.side().inner(U, B));
    Value Z = g.weightedSum(1, H, 0, H, -1 / rho);
    Value size = g.symmetricMatMul(Z, p.msign(Z));
    return p.side().times(U, g.weightedSum(0.5, Z, 0.5, size));
  }
}
