package io.manifoldmuon.optim;

import io.manifoldmuon.linalg.graph.Binary;
import io.manifoldmuon.linalg.graph.GraphBuilder;
import io.manifoldmuon.linalg.graph.Value;
import io.manifoldmuon.linalg.polar.InverseRoot;
import io.manifoldmuon.linalg.polar.PolarIteration;
import java.util.List;

/**
 * Smoothed iteratively re-weighted least squares on the dual: no step size, and every iteration
 * works on k × k matrices, k the short side. With Ω = WᵀG, skew, S = Ω + T and M = G + WT,
 *
 * <pre>
 *   MᵀM = C + SᵀS      C = G⊥ᵀG⊥ for G⊥ = G − WΩ
 *   P = (MᵀM + ε²I)^(−1/2)      T ← T + D with DP + PD = −(SP + (SP)ᵀ)
 * </pre>
 *
 * and in the end A = −MP. Σ√(σ² + ε²) of M is majorised by ½tr(P·MᵀM) + const, whose minimiser in T
 * that equation gives; so it falls from iteration to iteration. The equation says that MP is
 * tangent; at the fixed point A is tangent and ‖A‖₂ &lt; 1 even where M is not of full rank. T = 0
 * at the start gives {@link StiefelSolver.Project}, smoothed.
 *
 * <p>C is not made as GᵀG − ΩᵀΩ, which is the same where WᵀW = I: off the manifold, between lazy
 * retractions say, that has negative eigenvalues beside a large normal part of the gradient, and
 * the root of MᵀM is not finite then.
 *
 * <p>G has ‖G‖_F = √k, so that ε is relative to the root mean square of the singular values. The
 * root is by {@link InverseRoot}, D by {@link Lyapunov}.
 *
 * <p><b>Error</b> the gap at the fixed point is at most k·ε/‖M‖_*.
 *
 * <p><b>Source</b> Mohan and Fazel 2012, "Iterative reweighted algorithms for matrix rank
 * minimization"; acceleration: Anderson 1965 with depth 1.
 *
 * @param iterations K, the solves for T
 * @param smoothing ε and the accuracy of the products
 * @param pace how T moves
 * @param finish how the last P is found
 * @param warm whether T is kept from step to step
 */
public record Irls(int iterations, Smoothing smoothing, Pace pace, Finish finish, boolean warm)
    implements StiefelSolver {
  private static final String STATE = "t";
  private static final double LEAST = 1e-36;

  /** Of warm steps: more make the gap little smaller. */
  private static final double BRIEF_EPSILON = 0.2;

  private static final int BRIEF_GRADIENT_STEPS = 2;

  /** How much shorter than 1 a brief root may leave the smallest singular value. */
  private static final double BRIEF_ERROR = 0.2;

  /** The smallest singular value that counts in ε: the largest is some 3 or more. */
  private static final double BRIEF_LEAST = 0.3;

  /**
   * ε, and how far the products go.
   *
   * @param first ε of the first iteration; it falls geometrically over the first half of them
   * @param last ε from there on
   * @param rootSteps polar-express steps for each P
   * @param rootLeast the smallest singular value of M over a bound of the largest that these steps
   *     are made for; smaller ones are lowered, which leaves ‖A‖₂ below 1
   * @param gradientSteps conjugate-gradient steps for each T
   */
  public record Smoothing(
      double first, double last, int rootSteps, double rootLeast, int gradientSteps) {
    public Smoothing {
      if (!(last > 0 && last <= first && first < 1)
          || Math.min(rootSteps, gradientSteps) < 1
          || !(rootLeast > 0 && rootLeast < 1)) {
        throw new IllegalArgumentException(
            "Irls: epsilon from "
                + first
                + " to "
                + last
                + ", "
                + rootSteps
                + " root steps from "
                + rootLeast
                + " and "
                + gradientSteps
                + " gradient steps given, wanted 0 < last ≤ first < 1, at least one of each, and a"
                + " start between 0 and 1");
      }
    }

    private double at(int iteration, int iterations) {
      double half = iterations / 2.0;
      return iteration >= half ? last : first * Math.pow(last / first, iteration / half);
    }
  }

  /** How T moves from iteration to iteration. */
  public enum Pace {
    /** T + D: Σ√(σ² + ε²) falls in every iteration. */
    PLAIN,
    /**
     * T + 1.5·D: falls too, as the majoriser is quadratic, and needs two thirds of the iterations.
     */
    RELAXED,
    /** Anderson's extrapolation of the last two: much the fastest far in, not monotone. */
    ACCELERATED
  }

  /** How the P of A = −MP is found for the last T. */
  public enum Finish {
    /** One more root: σ of A is below 1, tangent at the fixed point. */
    ROOT,
    /**
     * P(1.5·I − 0.5·(MP)ᵀMP) with the P from before the last T: a cubic step towards the polar
     * factor of an MP that is tangent, for a third of a root. ‖A‖₂ ≤ 1; the best there is where K
     * is 1 or 2.
     */
    CUBIC
  }

  public Irls {
    if (iterations < 1) {
      throw new IllegalArgumentException(
          "Irls: " + iterations + " iterations given, wanted at least one");
    }
  }

  /**
   * For training: warm, plain, cubic finish, ε = 0.2, short products; K = 1 does. Smaller ε and
   * more products make the gap of warm steps little smaller, as the finish mends a short root.
   */
  public static Irls training(int iterations) {
    return new Irls(iterations, brief(BRIEF_EPSILON), Pace.PLAIN, Finish.CUBIC, true);
  }

  /** A constant ε with the fewest root steps that do. */
  private static Smoothing brief(double epsilon) {
    double least = BRIEF_LEAST * epsilon;
    int steps = 1;
    while (1 - PolarIteration.polarExpress(steps, least).singularValue(least) > BRIEF_ERROR) {
      steps++;
    }
    return new Smoothing(epsilon, epsilon, steps, least, BRIEF_GRADIENT_STEPS);
  }

  /** From an answer in training to a dual point that is near enough to the best to judge it by. */
  static Irls bound() {
    Smoothing smoothing = new Smoothing(0.03, 0.03, 6, 0.01, 8);
    return new Irls(5, smoothing, Pace.ACCELERATED, Finish.CUBIC, true);
  }

  /** For certified answers: cold, accelerated, with ε falling from 0.1 to 0.01; K = 50 does. */
  public static Irls certified(int iterations) {
    return certified(iterations, 0.01);
  }

  /** The same, with ε falling to another. */
  public static Irls certified(int iterations, double epsilon) {
    double first = Math.max(0.1, epsilon);
    return new Irls(
        iterations,
        new Smoothing(first, epsilon, 8, 1e-3, 12),
        Pace.ACCELERATED,
        Finish.ROOT,
        false);
  }

  /**
   * The same with another ε, constant, and root steps that suit it; in float32 at least 0.02 (for k
   * = 512 and gradients of rank 8, steps with 0.015 end in NaN).
   */
  public Irls withEpsilon(double epsilon) {
    Smoothing fitting = brief(epsilon);
    int gradientSteps = smoothing.gradientSteps;
    return new Irls(
        iterations,
        new Smoothing(epsilon, epsilon, fitting.rootSteps, fitting.rootLeast, gradientSteps),
        pace,
        finish,
        warm);
  }

  /** The same, starting from T = 0 in every step. */
  public Irls cold() {
    return new Irls(iterations, smoothing, pace, finish, false);
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
  public boolean splits() {
    return true;
  }

  @Override
  public Answer record(StiefelProblem p, Memory memory) {
    GraphBuilder g = p.g();
    Value C = p.side().gram(p.across());
    Recorder recorder = new Recorder(p, C);
    Value T =
        warm ? memory.update(STATE, start -> recorder.solve(start)) : recorder.solve(p.zero());
    Value M = p.M(T);
    Value Q =
        switch (finish) {
          case ROOT -> recorder.root(C, g.add(p.Omega(), T), smoothing.last);
          case CUBIC -> recorder.cubic(T);
        };
    return new Answer(p.side().times(M, Q), M, p.forEach(iterations));
  }

  /** G + WT' for the T' that the iterations reach from the T of a given G + WT. */
  Value improved(StiefelProblem p, Value M) {
    Value C = p.side().gram(p.across());
    Value T = p.symmetric(p.side().inner(p.W(), M));
    return p.M(new Recorder(p, C).solve(T));
  }

  /** The iterations of one recording. */
  private final class Recorder {
    private final StiefelProblem p;
    private final GraphBuilder g;
    private final Value C;
    private Value P;

    Recorder(StiefelProblem p, Value C) {
      this.p = p;
      this.g = p.g();
      this.C = C;
    }

    Value solve(Value start) {
      Value T = start;
      Value before = null;
      Value moveBefore = null;
      for (int i = 0; i < iterations; i++) {
        Value S = g.add(p.Omega(), T);
        P = root(C, S, smoothing.at(i, iterations));
        Value R = g.addTransposed(-1, -1, g.matMul(S, P));
        Value D = Lyapunov.record(g, P, R, smoothing.gradientSteps);
        Value next =
            switch (pace) {
              case PLAIN -> g.add(T, D);
              case RELAXED -> g.weightedSum(1, T, 1.5, D);
              case ACCELERATED -> before == null ? g.add(T, D) : mixed(T, D, before, moveBefore);
            };
        before = T;
        moveBefore = D;
        T = next;
      }
      return T;
    }

    /** T + D − γ((T − T₋) + (D − D₋)) with γ = ⟨D − D₋, D⟩/‖D − D₋‖². */
    private Value mixed(Value T, Value D, Value before, Value moveBefore) {
      Value change = g.sub(D, moveBefore);
      Value size = g.zip(Binary.MAX, p.dot(change, change), g.constant(LEAST));
      Value gamma = g.div(p.dot(change, D), size);
      return g.sub(g.add(T, D), g.mul(g.add(g.sub(T, before), change), gamma));
    }

    /** (C + SᵀS + ε²I)^(−1/2). */
    Value root(Value C, Value S, double epsilon) {
      Value square = g.weightedSum(1, C, 1, g.gram(S, false), epsilon * epsilon);
      return InverseRoot.record(
          g, square, PolarIteration.polarExpress(smoothing.rootSteps, smoothing.rootLeast));
    }

    /** P(1.5·I − 0.5·P(C + SᵀS)P). */
    Value cubic(Value T) {
      Value square = g.add(C, g.gram(g.add(p.Omega(), T), false));
      Value R = g.symmetricMatMul(g.matMul(P, square), P);
      return g.matMul(P, g.weightedSum(-0.5, R, 0, R, 1.5));
    }
  }
}
