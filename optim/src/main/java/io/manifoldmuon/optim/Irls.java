package io.manifoldmuon.optim;

import io.manifoldmuon.linalg.graph.GraphBuilder;
import io.manifoldmuon.linalg.graph.Value;
import io.manifoldmuon.linalg.polar.InverseRoot;
import io.manifoldmuon.linalg.polar.PolarIteration;
import java.util.List;

/**
 * Smoothed iteratively re-weighted least squares on the dual: no step size, monotone, and every
 * iteration works on k × k matrices, k the short side. With
 *
 * <pre>
 *   K = WᵀG      Ω = skew(K)      G⊥ = G − WK      C = G⊥ᵀG⊥
 * </pre>
 *
 * every G + 2WΛ is M = G⊥ + W(Ω + T) with a symmetric T, and MᵀM = C + (Ω+T)ᵀ(Ω+T). An iteration is
 *
 * <pre>
 *   P = (MᵀM + ε²I)^(−1/2)      T solves TP + PT = PΩ − ΩP
 * </pre>
 *
 * and in the end A = −M·P with one more P. Σ√(σ² + ε²) of M is majorised by ½tr(P·MᵀM) + const,
 * whose minimiser in T is that equation; so it falls from iteration to iteration, and its fixed
 * point has A tangent and ‖A‖₂ &lt; 1 even where M is not of full rank. T = 0 at the start gives
 * {@link StiefelSolver.Project}, smoothed. T is kept from step to step if {@code warm}.
 *
 * <p>G has ‖G‖_F = √k here, so that ε is relative to the root mean square of the singular values.
 *
 * <p><b>Error</b> the gap at the fixed point is at most k·ε/‖M‖_*.
 *
 * <p><b>Source</b> Mohan and Fazel 2012, "Iterative reweighted algorithms for matrix rank
 * minimization".
 *
 * @param iterations the solves for T
 * @param epsilon ε
 * @param rootSteps polar-express steps for each P
 * @param gradientSteps conjugate-gradient steps for each T
 * @param relaxation ω of T ← T + ω(T′ − T), T′ the solution; as the majoriser is quadratic in T,
 *     every ω in (0, 2) is monotone; 1.5 needs about two thirds of the iterations of 1
 * @param warm whether T is kept from step to step
 */
public record Irls(
    int iterations,
    double epsilon,
    int rootSteps,
    int gradientSteps,
    double relaxation,
    boolean warm)
    implements StiefelSolver {
  private static final String STATE = "t";

  public Irls {
    if (Math.min(iterations, Math.min(rootSteps, gradientSteps)) < 1
        || !(epsilon > 0 && epsilon < 1)
        || !(relaxation > 0 && relaxation < 2)) {
      throw new IllegalArgumentException(
          "Irls: "
              + iterations
              + " iterations of "
              + rootSteps
              + " and "
              + gradientSteps
              + " steps with epsilon "
              + epsilon
              + " and relaxation "
              + relaxation
              + " given, wanted at least one of each, an epsilon above 0 and below 1, and a relaxation"
              + " above 0 and below 2");
    }
  }

  /** ε = 0.03, eight steps for roots and for the equation, relaxation 1.5, warm. */
  public static Irls of(int iterations) {
    return of(iterations, 0.03);
  }

  /** Eight steps for roots and for the equation, relaxation 1.5, warm. */
  public static Irls of(int iterations, double epsilon) {
    return new Irls(iterations, epsilon, 8, 8, 1.5, true);
  }

  /** The same, starting from T = 0 in every step. */
  public Irls cold() {
    return new Irls(iterations, epsilon, rootSteps, gradientSteps, relaxation, false);
  }

  @Override
  public String name() {
    return "irls";
  }

  @Override
  public List<String> state() {
    return warm ? List.of(STATE) : List.of();
  }

  /** A is tangent up to a tenth, and shorter than η. */
  @Override
  public double deviation(double lr) {
    return 0.1 * lr + lr * lr / 2;
  }

  @Override
  public Answer record(StiefelProblem p, Value tangent, Memory memory) {
    GraphBuilder g = p.g();
    Value K = p.side().inner(p.W(), p.G());
    Value Omega = p.skew(K);
    Value normal = g.sub(p.G(), p.side().times(p.W(), K));
    Value C = p.side().gram(normal);
    Value T =
        warm
            ? memory.update(STATE, start -> solve(g, C, Omega, start))
            : solve(g, C, Omega, g.fill(0, Omega.shape()));
    Value S = g.add(Omega, T);
    Value M = g.add(normal, p.side().times(p.W(), S));
    return new Answer(p.side().times(M, root(g, C, S)), M);
  }

  private Value solve(GraphBuilder g, Value C, Value Omega, Value start) {
    Value T = start;
    for (int i = 0; i < iterations; i++) {
      Value P = root(g, C, g.add(Omega, T));
      // PΩ − ΩP = PΩ + (PΩ)ᵀ
      Value R = g.addTransposed(1, 1, g.matMul(P, Omega));
      Value next = Lyapunov.record(g, P, R, T, gradientSteps);
      T = g.weightedSum(1 - relaxation, T, relaxation, next);
    }
    return T;
  }

  /** (C + SᵀS + ε²I)^(−1/2). */
  private Value root(GraphBuilder g, Value C, Value S) {
    Value square = g.weightedSum(1, C, 1, g.gram(S, false), epsilon * epsilon);
    return InverseRoot.record(g, square, PolarIteration.polarExpress(rootSteps));
  }
}
