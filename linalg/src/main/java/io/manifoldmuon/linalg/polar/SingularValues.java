package io.manifoldmuon.linalg.polar;

import io.manifoldmuon.linalg.Shape;
import io.manifoldmuon.linalg.graph.Binary;
import io.manifoldmuon.linalg.graph.GraphBuilder;
import io.manifoldmuon.linalg.graph.Unary;
import io.manifoldmuon.linalg.graph.Value;
import java.util.List;

/**
 * A recorded singular value decomposition X = U·diag(σ)·Vᵀ of a stack of matrices, and what is read
 * off it exactly.
 *
 * @param U […, m, k], k the short side
 * @param sigma σ […, k], falling
 * @param V […, n, k]
 */
public record SingularValues(Value U, Value sigma, Value V) {

  /** Records the decomposition of X […, m, n]. */
  public static SingularValues of(GraphBuilder g, Value X) {
    GraphBuilder.Svd svd = g.svd(X);
    return new SingularValues(svd.U(), svd.sigma(), svd.V());
  }

  /** The spectral norm ‖X‖₂ = σ₁ of each matrix: […]. */
  public Value spectralNorm(GraphBuilder g) {
    return g.maxAbs(sigma, stack().rank());
  }

  /** The nuclear norm ‖X‖_* = Σσ of each matrix: […]. */
  public Value nuclearNorm(GraphBuilder g) {
    return g.dot(sigma, g.fill(1, sigma.shape()), stack().rank());
  }

  /** The smallest singular value σ_k of each matrix: […]. */
  public Value least(GraphBuilder g) {
    int k = sigma.shape().dim(-1);
    Value last = g.fill(1, Shape.of(1, 1));
    Value select =
        k == 1 ? last : g.concat(List.of(g.fill(0, Shape.of(k - 1, 1)), last), Shape.of(k, 1));
    Value rows = g.reshape(sigma, sigma.shape().size() / k, k);
    return g.reshape(g.matMul(rows, select), stack().toArray());
  }

  /** 1 for each singular value above {@code threshold}·σ₁, else 0: […, k]. */
  public Value above(GraphBuilder g, double threshold) {
    Value excess = g.sub(sigma, g.scale(spectralNorm(g), threshold));
    return g.map(Unary.SIGN, g.zip(Binary.MAX, excess, g.constant(0)));
  }

  /** X·diag(d) for an X […, m, k] and a d […, k]. */
  static Value scaled(GraphBuilder g, Value X, Value d) {
    int k = d.shape().dim(-1);
    Value zero = g.fill(0, d.shape().append(k));
    return g.matMul(X, g.mul(g.weightedSum(0, zero, 0, zero, 1), d));
  }

  private Shape stack() {
    return sigma.shape().prefix(sigma.shape().rank() - 1);
  }
}
