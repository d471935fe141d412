package io.manifoldmuon.optim;

import io.manifoldmuon.linalg.engine.Engine;
import io.manifoldmuon.linalg.engine.Program;
import io.manifoldmuon.linalg.graph.GraphBuilder;
import io.manifoldmuon.linalg.graph.Phase;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Measures how far the weights on an engine are from the manifolds of an optimizer. It is a program
 * of its own, so that steps which nobody looks at pay nothing.
 */
public final class ConstraintCheck implements AutoCloseable {

  /**
   * The residuals of some matrices or vectors.
   *
   * @param max the largest, NaN if one is
   * @param mean their mean
   * @param count how many they are
   * @param violations how many exceed the tolerance of their constraint, NaN included
   */
  public record Residual(double max, double mean, long count, long violations) {
    static final Residual NONE = new Residual(0, 0, 0, 0);

    /** Of two sets together. */
    public Residual and(Residual o) {
      long both = count + o.count;
      return both == 0
          ? NONE
          : new Residual(
              Math.max(max, o.max),
              (mean * count + o.mean * o.count) / both,
              both,
              violations + o.violations);
    }

    private static Residual of(double[] x, double tolerance) {
      double most = 0;
      double sum = 0;
      long above = 0;
      for (double r : x) {
        most = Math.max(most, r); // NaN wins
        sum += r;
        above += r <= tolerance ? 0 : 1;
      }
      return new Residual(most, sum / x.length, x.length, above);
    }

    private void put(Map<String, Double> metrics, String name) {
      metrics.put(name + "constraint_max", max);
      metrics.put(name + "constraint_mean", mean);
      metrics.put(name + "violations", (double) violations);
    }
  }

  /**
   * The residuals by parameter, in the optimizer's order.
   *
   * @param byParameter every constrained parameter's
   * @param spread the largest |σ²/s² − 1| of the parameters whose singular values are fixed
   * @param constraints what they are constrained to
   */
  public record Report(
      Map<Parameter, Residual> byParameter,
      Map<Parameter, Double> spread,
      List<Constraint> constraints) {

    /** All together. */
    public Residual total() {
      return byParameter.values().stream().reduce(Residual.NONE, Residual::and);
    }

    /** Whether every residual is within its constraint's tolerance; NaN is not. */
    public boolean holds() {
      return total().violations() == 0;
    }

    /**
     * As names and numbers: {@code constraint_max}, {@code constraint_mean} and {@code violations}
     * of all together, of every group as {@code group.constraint_max} and so on, and of every
     * manifold as {@code on_manifold.constraint_max}.
     *
     * @param prefix the beginning of every name
     */
    public Map<String, Double> metrics(String prefix) {
      Map<String, Double> all = new LinkedHashMap<>();
      total().put(all, prefix);
      byGroup().forEach((group, r) -> r.put(all, prefix + group + "."));
      byManifold().forEach((manifold, r) -> r.put(all, prefix + "on_" + manifold + "."));
      return all;
    }

    /** By the names of the groups. */
    public Map<String, Residual> byGroup() {
      Map<String, Residual> all = new LinkedHashMap<>();
      constraints.forEach(c -> all.merge(c.group(), byParameter.get(c.parameter()), Residual::and));
      return all;
    }

    /** By the names of the manifolds. */
    public Map<String, Residual> byManifold() {
      Map<String, Residual> all = new LinkedHashMap<>();
      constraints.forEach(
          c -> all.merge(c.manifold(), byParameter.get(c.parameter()), Residual::and));
      return all;
    }
  }

  private final List<Constraint> constraints;
  private final Program program;

  /** Compiles the check of an optimizer's constraints; with none, {@link #run} reports nothing. */
  public ConstraintCheck(Engine engine, Optimizer optimizer) {
    this.constraints = optimizer.constraints();
    GraphBuilder g = new GraphBuilder();
    g.phase(Phase.OPTIMIZER, () -> constraints.forEach(c -> outputs(g, c)));
    this.program = constraints.isEmpty() ? null : engine.compile(g.build());
  }

  private static void outputs(GraphBuilder g, Constraint c) {
    g.output(c.parameter().variable(), c.residual().apply(g));
    c.spread().ifPresent(spread -> g.output(spreadOf(c.parameter()), spread.apply(g)));
  }

  private static String spreadOf(Parameter p) {
    return p.variable() + ".spread";
  }

  /** Measures the weights that the engine holds now. */
  public Report run() {
    Map<Parameter, Residual> residuals = new LinkedHashMap<>();
    Map<Parameter, Double> spreads = new LinkedHashMap<>();
    if (program != null) {
      program.run();
    }
    for (Constraint c : constraints) {
      Parameter p = c.parameter();
      residuals.put(p, Residual.of(program.read(p.variable()).doubles(), c.tolerance()));
      if (c.spread().isPresent()) {
        double[] all = program.read(spreadOf(p)).doubles();
        spreads.put(p, Arrays.stream(all).reduce(0, Math::max)); // NaN wins
      }
    }
    return new Report(residuals, spreads, constraints);
  }

  @Override
  public void close() {
    if (program != null) {
      program.close();
    }
  }
}
