package io.manifoldmuon.optim;

import io.manifoldmuon.linalg.Tensor;
import io.manifoldmuon.linalg.engine.Program;
import io.manifoldmuon.linalg.graph.GraphBuilder;
import java.util.Arrays;
import java.util.stream.IntStream;

/**
 * A {@link Certificate} on the host: one number for each matrix of a parameter's stack. It costs a
 * round trip only where it is read; the outputs that it is read from stay on the device else.
 *
 * @param iterations how many the solver took, 0 where a formula gives the answer
 * @param tangency ‖WᵀA + AᵀW‖_F/k of the solver's answer
 * @param dual −‖G + WT‖_*, which no feasible A with ‖A‖₂ ≤ 1 is below, in the unit of the gradient
 * @param primal ⟨G, A⟩ of the feasible A, ‖A‖₂ ≤ 1
 * @param gap (primal − dual)/|dual|
 */
public record SolverReport(
    double[] iterations, double[] tangency, double[] dual, double[] primal, double[] gap) {

  /** Makes the certificate's numbers outputs of a graph. */
  static void output(GraphBuilder g, String prefix, Certificate c) {
    g.output(prefix + ".iterations", c.iterations());
    g.output(prefix + ".tangency", c.tangency());
    g.output(prefix + ".dual", c.dual());
    g.output(prefix + ".primal", c.primal());
    g.output(prefix + ".gap", c.gap());
  }

  /** The output that holds the feasible update, ‖A‖₂ ≤ 1. */
  public static String update(String prefix) {
    return prefix + ".update";
  }

  /** Reads what the last run of a program put out. */
  public static SolverReport read(Program program, String prefix) {
    return new SolverReport(
        numbers(program, prefix + ".iterations"),
        numbers(program, prefix + ".tangency"),
        numbers(program, prefix + ".dual"),
        numbers(program, prefix + ".primal"),
        numbers(program, prefix + ".gap"));
  }

  private static double[] numbers(Program program, String output) {
    Tensor t = program.read(output);
    return t.doubles();
  }

  /** How many matrices it speaks of. */
  public int count() {
    return gap.length;
  }

  /** The largest gap, NaN if one is. */
  public double worstGap() {
    return most(gap);
  }

  /** The largest tangency residual, NaN if one is. */
  public double worstTangency() {
    return most(tangency);
  }

  /** The mean gap. */
  public double meanGap() {
    return Arrays.stream(gap).sum() / gap.length;
  }

  /** The mean number of iterations. */
  public double meanIterations() {
    return Arrays.stream(iterations).sum() / iterations.length;
  }

  /** Whether every gap is within a tolerance; NaN is not. */
  public boolean converged(double tolerance) {
    return Arrays.stream(gap).allMatch(x -> x <= tolerance);
  }

  /** The reports of two sets of matrices as one. */
  public SolverReport and(SolverReport o) {
    return new SolverReport(
        joined(iterations, o.iterations),
        joined(tangency, o.tangency),
        joined(dual, o.dual),
        joined(primal, o.primal),
        joined(gap, o.gap));
  }

  private static double[] joined(double[] a, double[] b) {
    return IntStream.range(0, a.length + b.length)
        .mapToDouble(i -> i < a.length ? a[i] : b[i - a.length])
        .toArray();
  }

  private static double most(double[] x) {
    return Arrays.stream(x).reduce(0, Math::max); // NaN wins
  }
}
