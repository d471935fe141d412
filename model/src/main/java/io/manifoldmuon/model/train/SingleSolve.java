package io.manifoldmuon.model.train;

import io.manifoldmuon.linalg.Shape;
import io.manifoldmuon.linalg.Tensor;
import io.manifoldmuon.model.config.StiefelMuonConfig;
import io.manifoldmuon.optim.SolverReport;
import java.util.Arrays;

/**
 * The solve behind a Stiefel step: minimise ⟨D, A⟩ subject to ‖A‖₂ ≤ η and WᵀA + AᵀW = 0, where D
 * is the direction of descent in which the gradient G has weight 1: G itself in a first step, and G
 * with a multiple of the momentum later. All arrays have one number a matrix.
 *
 * @param solver the solver's name, which is irrelevant where a formula gives the answer
 * @param iterations how many it took, 0 where a formula gives the answer
 * @param solverTangency ‖WᵀA + AᵀW‖_F/(η·k) of its answer, before this was made feasible
 * @param tangency the same of the A that was applied, measured
 * @param dual −η‖D + 2WΛ‖_*, which no feasible A is below
 * @param primal ⟨D, A⟩ of the A that was applied
 * @param gap (primal − dual)/|dual|
 */
@SuppressWarnings("ArrayRecordComponent") // a report, made once and only read
public record SingleSolve(
    String solver,
    double[] iterations,
    double[] solverTangency,
    double[] tangency,
    double[] dual,
    double[] primal,
    double[] gap) {

  static SingleSolve of(StiefelMuonConfig c, SolverReport report, Tensor W, Tensor A) {
    double beta = c.momentum();
    double weight = c.nesterov() ? 1 - beta * beta : 1 - beta;
    double unit = c.baseLr() * c.radius() / weight;
    return new SingleSolve(
        c.solver().toString(),
        report.iterations(),
        report.tangency(),
        tangency(W, A, c.baseLr() * c.radius() * c.radius()),
        scaled(report.dual(), unit),
        scaled(report.primal(), unit),
        report.gap());
  }

  private static double[] scaled(double[] x, double factor) {
    return Arrays.stream(x).map(y -> factor * y).toArray();
  }

  /** ‖WᵀA + AᵀW‖_F/(η·k), of the rows instead where matrices are wide, whose W has length 1. */
  private static double[] tangency(Tensor W, Tensor A, double eta) {
    Shape shape = W.shape();
    int m = shape.dim(-2);
    int n = shape.dim(-1);
    int k = Math.min(m, n);
    int length = Math.max(m, n);
    double[] h = new double[shape.size() / (m * n)];
    for (int s = 0; s < h.length; s++) {
      double sum = 0;
      for (int i = 0; i < k; i++) {
        for (int j = 0; j <= i; j++) {
          double inner = 0;
          for (int l = 0; l < length; l++) {
            int at = s * m * n;
            int a = at + (m >= n ? l * n + i : i * n + l);
            int b = at + (m >= n ? l * n + j : j * n + l);
            inner += W.doubles()[a] * A.doubles()[b] + A.doubles()[a] * W.doubles()[b];
          }
          sum += (i == j ? 1 : 2) * inner * inner;
        }
      }
      h[s] = Math.sqrt(sum) / (eta * k);
    }
    return h;
  }

  /** The largest of some numbers, NaN if one is. */
  public static double largest(double[] x) {
    return Arrays.stream(x).reduce(Double.NEGATIVE_INFINITY, Math::max);
  }
}
