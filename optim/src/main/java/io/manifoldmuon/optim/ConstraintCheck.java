package io.manifoldmuon.optim;

import io.manifoldmuon.linalg.engine.Engine;
import io.manifoldmuon.linalg.engine.Program;
import io.manifoldmuon.linalg.graph.GraphBuilder;
import io.manifoldmuon.linalg.graph.Phase;
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
   */
  public record Residual(double max, double mean, long count) {
    static final Residual NONE = new Residual(0, 0, 0);

    /** Of two sets together. */
    Residual and(Residual o) {
      long both = count + o.count;
      return both == 0
          ? NONE
          : new Residual(Math.max(max, o.max), (mean * count + o.mean * o.count) / both, both);
    }

    private static Residual of(double[] x) {
      double most = 0;
      double sum = 0;
      for (double r : x) {
        most = Math.max(most, r); // NaN wins
        sum += r;
      }
      return new Residual(most, sum / x.length, x.length);
    }
  }

  /**
   * The residuals by parameter, in the optimizer's order.
   *
   * @param byParameter every constrained parameter's
   * @param constraints what they are constrained to
   */
  public record Report(Map<Parameter, Residual> byParameter, List<Constraint> constraints) {

    /** All together. */
    public Residual total() {
      return byParameter.values().stream().reduce(Residual.NONE, Residual::and);
    }

    /** Whether every residual is within its constraint's tolerance; NaN is not. */
    public boolean holds() {
      return constraints.stream()
          .allMatch(c -> byParameter.get(c.parameter()).max() <= c.tolerance());
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
    g.phase(
        Phase.OPTIMIZER,
        () -> constraints.forEach(c -> g.output(c.parameter().variable(), c.residual().apply(g))));
    this.program = constraints.isEmpty() ? null : engine.compile(g.build());
  }

  /** Measures the weights that the engine holds now. */
  public Report run() {
    Map<Parameter, Residual> all = new LinkedHashMap<>();
    if (program != null) {
      program.run();
      constraints.forEach(
          c ->
              all.put(
                  c.parameter(), Residual.of(program.read(c.parameter().variable()).doubles())));
    }
    return new Report(all, constraints);
  }

  @Override
  public void close() {
    if (program != null) {
      program.close();
    }
  }
}
