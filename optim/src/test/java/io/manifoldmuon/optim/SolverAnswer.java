package io.manifoldmuon.optim;

import static io.manifoldmuon.optim.Manifolds.dot;
import static io.manifoldmuon.optim.Manifolds.matrix;
import static io.manifoldmuon.optim.Manifolds.sum;
import static io.manifoldmuon.optim.Manifolds.times;
import static io.manifoldmuon.optim.Manifolds.transposed;

import io.manifoldmuon.linalg.Shape;
import io.manifoldmuon.linalg.Tensor;
import io.manifoldmuon.linalg.engine.Engine;
import io.manifoldmuon.linalg.engine.EngineOptions;
import io.manifoldmuon.linalg.engine.Engines;
import io.manifoldmuon.linalg.engine.Program;
import io.manifoldmuon.linalg.graph.GraphBuilder;
import io.manifoldmuon.linalg.graph.Type;
import io.manifoldmuon.linalg.graph.Value;
import io.manifoldmuon.linalg.polar.PolarIteration;
import java.util.function.UnaryOperator;
import org.ejml.data.DMatrixRMaj;
import org.ejml.dense.row.CommonOps_DDRM;

/**
 * What a solver makes of one problem with ‖G‖_F = √k: A, feasible and not, the multiplier, and what
 * the certificate says; beside that, all of it by decompositions.
 */
record SolverAnswer(
    DMatrixRMaj W,
    DMatrixRMaj G,
    DMatrixRMaj A,
    DMatrixRMaj M,
    double[] certificate,
    DMatrixRMaj feasible) {

  /** What G was divided by. */
  double unit() {
    return certificate[4];
  }

  double dual() {
    return -Manifolds.nuclearNorm(M);
  }

  double gap() {
    return (primal() - dual()) / Math.abs(dual());
  }

  DMatrixRMaj inner(DMatrixRMaj X) {
    return times(transposed(W), X);
  }

  DMatrixRMaj symmetricInner(DMatrixRMaj X) {
    DMatrixRMaj K = inner(X);
    return sum(0.5, K, 0.5, transposed(K));
  }

  /** ‖WᵀA + AᵀW‖_F/k. */
  double tangency() {
    DMatrixRMaj H = symmetricInner(A);
    return 2 * Math.sqrt(dot(H, H)) / W.numCols;
  }

  boolean exact() {
    return A.numRows == A.numCols || A.numCols == 1;
  }

  /** ⟨G, A⟩ of A made tangent and scaled into the ball. */
  double scaledPrimal() {
    DMatrixRMaj tangent = sum(1, A, -1, times(W, symmetricInner(A)));
    return dot(G, tangent) / Math.max(1, Manifolds.spectralNorm(tangent));
  }

  /** The best ⟨G, A⟩ with skew(WᵀA). */
  double primal() {
    if (exact()) {
      return scaledPrimal();
    }
    DMatrixRMaj skew = sum(1, inner(A), -1, symmetricInner(A));
    DMatrixRMaj X = sum(1 / Math.max(1, Manifolds.spectralNorm(skew)), skew, 0, skew);
    DMatrixRMaj E = sum(1, CommonOps_DDRM.identity(A.numCols), -1, times(transposed(X), X));
    DMatrixRMaj normal = sum(1, G, -1, times(W, inner(G)));
    return dot(inner(G), X) - Manifolds.nuclearNorm(times(normal, Manifolds.root(E)));
  }

  /** Solves for the gradient d at w, from T = 0. */
  static SolverAnswer solve(
      String engineName, StiefelSolver solver, double[] w, double[] d, int m, int n) {
    int k = Math.min(m, n);
    return solve(engineName, solver, w, d, m, n, new double[k * k]);
  }

  static SolverAnswer solve(
      String engineName,
      StiefelSolver solver,
      double[] w,
      double[] d,
      int m,
      int n,
      double[] start) {
    GraphBuilder g = new GraphBuilder();
    Type type = Type.real(m, n);
    StiefelProblem p =
        new StiefelProblem(
            g,
            g.input("w", type),
            g.input("d", type),
            g.constant(1),
            PolarIteration.polarExpress(20),
            solver.splits());
    StiefelSolver.Memory memory =
        (name, next) -> {
          int k = Math.min(m, n);
          Value T = g.variable(name, Type.real(k, k));
          return g.assign(name, next.apply(T));
        };
    StiefelProblem.Solution solution = p.solve(solver, memory);
    Certificate c = Certificate.record(p, solution);
    g.output("a", solution.A());
    g.output("m", solution.M());
    g.output("tangency", c.tangency());
    g.output("dual", c.dual());
    g.output("primal", c.primal());
    g.output("gap", c.gap());
    g.output("g", p.G());
    g.output("unit", p.unit());
    g.output("iterations", c.iterations());
    g.output("feasible", c.feasible());
    try (Engine engine = Engines.open(engineName, EngineOptions.defaults(), _ -> {});
        Program program = engine.compile(g.build())) {
      if (!solver.state().isEmpty() && m != n && Math.min(m, n) > 1) {
        int k = Math.min(m, n);
        engine.write("t", Tensor.of(Shape.of(k, k), start));
      }
      program.write("w", Tensor.of(type.shape(), w));
      program.write("d", Tensor.of(type.shape(), d));
      program.run();
      UnaryOperator<DMatrixRMaj> tall = x -> m < n ? transposed(x) : x;
      return new SolverAnswer(
          tall.apply(matrix(m, n, w)),
          tall.apply(matrix(m, n, program.read("g").doubles())),
          tall.apply(matrix(m, n, program.read("a").doubles())),
          tall.apply(matrix(m, n, program.read("m").doubles())),
          new double[] {
            program.readScalar("tangency"),
            program.readScalar("dual"),
            program.readScalar("primal"),
            program.readScalar("gap"),
            program.readScalar("unit"),
            program.readScalar("iterations")
          },
          tall.apply(matrix(m, n, program.read("feasible").doubles())));
    }
  }

  /** Solves for random w and d on the reference engine. */
  static SolverAnswer random(StiefelSolver solver, int m, int n, long seed) {
    Shape shape = Shape.of(m, n);
    double[] w = Manifolds.stiefel(shape, Run.gaussian(shape, seed), 1);
    return solve("reference", solver, w, Run.gaussian(shape, seed + 1), m, n);
  }
}
